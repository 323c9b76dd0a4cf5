import sys
from socket import socket
from threading import Lock, Thread

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12345

clients = []
lock = Lock()


def remove(connection):
    with lock:
        if connection in clients:
            clients.remove(connection)


def broadcast(message, sender):
    with lock:
        for client in clients:
            if client is not sender:
                try:
                    client.sendall(message)
                except OSError:
                    remove(client)


def serve(connection, address):
    ip, port = address
    header = f"{ip}:{port} dice: ".encode()
    with lock:
        clients.append(connection)
    while data := connection.recv(1024):
        print(f"Recibido de {address}: {data}")
        broadcast(header + data, connection)
    remove(connection)
    connection.close()


server = socket()
server.bind(("0.0.0.0", PORT))
server.listen(5)
print(f"Servidor escuchando en el puerto {PORT}")

while True:
    Thread(target=serve, args=server.accept()).start()
