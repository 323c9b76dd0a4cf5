"""A chat server whose threads share one variable, so that everybody speaks under the address of the last client.

    python3 last_address.py PORT
"""
import sys
from socket import create_server
from threading import Lock, Thread

clients = []
lock = Lock()


def serve():
    me = connection
    with lock:
        clients.append(me)
    try:
        for line in me.makefile("rb"):
            with lock:
                for client in clients:
                    if client is not me:
                        client.sendall(f"{address[0]}:{address[1]} dice: ".encode() + line)
    finally:
        with lock:
            clients.remove(me)
        me.close()


server = create_server(("0.0.0.0", int(sys.argv[1])), backlog=128)
while True:
    connection, address = server.accept()
    Thread(target=serve, daemon=True).start()
