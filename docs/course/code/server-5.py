import sys
from socket import socket
from threading import Lock, Thread

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12345

clients = []
lock = Lock()


def broadcast(message, sender):
    with lock:
        broken = []
        for client in clients:
            if client is not sender:
                try:
                    client.sendall(message)
                except OSError:
                    broken.append(client)
        for client in broken:
            clients.remove(client)


def lines(connection):
    rest = b""
    while data := connection.recv(1024):
        rest += data
        *complete, rest = rest.split(b"\n")
        yield from complete
    if rest:
        yield rest


def serve(connection, address):
    ip, port = address
    header = f"{ip}:{port} dice: ".encode()
    with lock:
        clients.append(connection)
    try:
        for line in lines(connection):
            print(f"Recibido de {address}: {line.decode(errors='replace')}")
            broadcast(header + line + b"\n", connection)
    except OSError as error:
        print(f"Conexión rota de {address}: {error}")
    finally:
        with lock:
            if connection in clients:
                clients.remove(connection)
        connection.close()


server = socket()
server.bind(("0.0.0.0", PORT))
server.listen(5)
print(f"Servidor escuchando en el puerto {PORT}")

while True:
    Thread(target=serve, args=server.accept()).start()
