"""A chat server whose thread ends at half a character, and leaves its connection open.

    python3 dead_thread.py PORT
"""
import sys
from socket import create_server
from threading import Thread

clients = []


def serve(connection, address):
    clients.append(connection)
    while data := connection.recv(1024):
        message = f"{address[0]}:{address[1]} dice: {data.decode()}".encode()
        for client in list(clients):
            if client is not connection:
                client.sendall(message)
    clients.remove(connection)
    connection.close()


server = create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    Thread(target=serve, args=server.accept(), daemon=True).start()
