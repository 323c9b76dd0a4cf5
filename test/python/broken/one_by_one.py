"""A chat server that serves its clients one after another: it reads from one until that one leaves.

    python3 one_by_one.py PORT
"""
import sys
from socket import SO_REUSEADDR, SOL_SOCKET, create_server

server = create_server(("0.0.0.0", int(sys.argv[1])))
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
clients = []

while True:
    connection, (ip, port) = server.accept()
    clients.append(connection)
    while data := connection.recv(1024):
        for client in clients:
            client.sendall(f"{ip}:{port} dice: ".encode() + data)
    clients.remove(connection)
    connection.close()
