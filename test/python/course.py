"""Chat servers as courses teach them, which do not talk as the tutorial's does.

    python3 -u course.py KIND PORT

KIND is one of
    nick      sends NICK and reads the name in the accept loop: who is silent keeps everybody out
    silent    the same without a question
    username  asks for a name in a thread of each client
    first     the first line is the name, in a thread; everybody hears all, a line that begins with / is nobody's
    brackets  no names: `[IP:PORT]: text` to everybody, the speaker too
    greeting  as the tutorial's, with a greeting for each client
    prompt    the same with a prompt that has no newline
"""
import sys
import threading
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

RECV_BYTES = 1024

clients = []
lock = threading.Lock()


def tell(text, but=None):
    with lock:
        for client in clients:
            if client is not but:
                try:
                    client.sendall(text.encode())
                except OSError:
                    pass


def leave(client, said=""):
    with lock:
        if client in clients:
            clients.remove(client)
    client.close()
    if said:
        tell(said)


def lines(client):
    rest = ""
    while chunk := client.recv(RECV_BYTES):
        rest += chunk.decode()
        *whole, rest = rest.split("\n")
        for line in whole:
            print(f"Recibido: {line}")
            yield line


def relay(client, header, but=None):
    for line in lines(client):
        tell(f"{header}{line}\n", but)


def serve_named(client, name):
    with lock:
        clients.append(client)
    tell(f"{name} joined!\n")
    relay(client, f"{name}: ")
    leave(client, f"{name} left!\n")


def serve_username(client):
    client.sendall(b"Please enter your username:\n")
    names = lines(client)
    name = next(names, None)
    if name is None:
        return leave(client)
    print(f"Entra: {name}")
    with lock:
        clients.append(client)
    for line in names:
        tell(f"{name}: {line}\n", client)
    leave(client, f"{name} has left\n")


def serve_first(client):
    with lock:
        clients.append(client)
    names = lines(client)
    name = next(names, None)
    for line in names:
        if not line.startswith("/"):
            tell(f"{name}: {line}\n")
    leave(client, name and f"{name} disconnected.\n")


def serve_greeting(client, address, greeting, header, but):
    client.sendall(greeting.encode())
    with lock:
        clients.append(client)
    relay(client, header.format(*address), client if but else None)
    leave(client)


def main(kind, port):
    door = socket(AF_INET, SOCK_STREAM)
    door.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    door.listen(50)
    print(f"Servidor escuchando en 127.0.0.1:{port}")
    while True:
        client, address = door.accept()
        if kind in ("nick", "silent"):
            if kind == "nick":
                client.sendall(b"NICK")
            name = client.recv(RECV_BYTES).decode().strip()
            target, args = serve_named, (client, name)
        elif kind == "username":
            target, args = serve_username, (client,)
        elif kind == "first":
            target, args = serve_first, (client,)
        else:
            greeting = {"greeting": "Bienvenido a la sala\n", "prompt": "Escribe tu mensaje: "}.get(kind, "")
            header = "[{}:{}]: " if kind == "brackets" else "{}:{} dice: "
            target, args = serve_greeting, (client, address, greeting, header, kind != "brackets")
        threading.Thread(target=target, args=args, daemon=True).start()


main(sys.argv[1], int(sys.argv[2]))
