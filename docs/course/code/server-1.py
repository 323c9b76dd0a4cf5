import sys
from socket import socket

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12345

server = socket()
server.bind(("0.0.0.0", PORT))
server.listen(5)
print(f"Servidor escuchando en el puerto {PORT}")

while True:
    connection, address = server.accept()
    print(f"Conexión de {address}")
    while data := connection.recv(1024):
        print(f"Recibido de {address}: {data}")
        connection.sendall(data)
    print(f"Adiós, {address}")
    connection.close()
