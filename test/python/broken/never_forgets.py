"""A chat server that never takes a client out of its list.

    python3 never_forgets.py PORT
"""
import sys
from socket import create_server
from threading import Thread

clients = []


def serve(connection, address):
    clients.append(connection)
    ip, port = address
    while data := connection.recv(1024):
        for client in clients:
            if client is not connection:
                client.sendall(f"{ip}:{port} dice: ".encode() + data)


server = create_server(("0.0.0.0", int(sys.argv[1])), backlog=128)
while True:
    Thread(target=serve, args=server.accept(), daemon=True).start()
