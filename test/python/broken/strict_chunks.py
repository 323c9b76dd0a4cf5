"""A chat server that decodes each chunk by itself, and closes the connection when half a character fails.

    python3 strict_chunks.py PORT
"""
import sys
from socket import create_server
from threading import Lock, Thread

clients, lock = [], Lock()


def serve(connection, address):
    with lock:
        clients.append(connection)
    try:
        while data := connection.recv(1024):
            message = f"{address[0]}:{address[1]} dice: {data.decode()}".encode()
            with lock:
                for client in clients:
                    if client is not connection:
                        client.sendall(message)
    finally:
        with lock:
            clients.remove(connection)
        connection.close()


server = create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    Thread(target=serve, args=server.accept(), daemon=True).start()
