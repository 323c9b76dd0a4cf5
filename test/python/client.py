"""The terminal client as a first course on sockets builds it: no newline after a message, none asked for.

    python3 -u client.py PORT [HOST]
"""
import sys
import threading
from socket import create_connection


def hear(room):
    while words := room.recv(1024):
        print(f"\n{words.decode()}")


def main(port, host="127.0.0.1"):
    with create_connection((host, port)) as room:
        threading.Thread(target=hear, args=(room,), daemon=True).start()
        print("Conectado al servidor.")
        for line in sys.stdin:
            if line.strip().lower() == "salir":
                break
            room.sendall(line.rstrip("\n").encode())


main(int(sys.argv[1]), *sys.argv[2:])
