"""A chat room as a first course on sockets builds it, with every trap that comes of it.

    python3 -u room.py broadcast|echo|ack PORT

Traps, all on purpose, none to be mended: one recv is one message; a character cut by recv kills the
thread; whoever does not read blocks everybody; a reset client stays in the list, and the attempt to
take it out waits for a lock that its own thread holds; a short queue; no SO_REUSEADDR, no TCP_NODELAY.
"""
import sys
import threading
from socket import AF_INET, SOCK_STREAM, socket

RECV_BYTES = 1024
QUEUE = 5

REPLIES = {
    "echo": "Eco del servidor: ",
    "ack": "Mensaje recibido por el servidor (hilo): ",
}

room = []
room_lock = threading.Lock()  # not reentrant: that is the deadlock


def leave_room(member):
    with room_lock:
        if member in room:
            room.remove(member)


def tell_others(speaker, payload):
    with room_lock:
        for member in room:
            if member is not speaker:
                try:
                    member.sendall(payload)
                except OSError:
                    leave_room(member)


def chat(member, address):
    with room_lock:
        room.append(member)
    # Tests wait for this line before others speak.
    print(f"Conexión establecida con {address}")
    ip, port = address
    while chunk := member.recv(RECV_BYTES):
        words = chunk.decode()
        print(f"Recibido de {address}: {words}")
        tell_others(member, f"{ip}:{port} dice: {words}".encode())
    print(f"Conexión cerrada por {address}")
    leave_room(member)


def reply(member, address, prefix):
    print(f"Conexión establecida con {address}")
    while chunk := member.recv(RECV_BYTES):
        words = chunk.decode()
        print(f"Servidor recibió de {address}: {words}")
        member.sendall((prefix + words).encode())
    print(f"Conexión cerrada por {address}")


def serve(mode, member, address):
    try:
        if mode == "broadcast":
            chat(member, address)
        else:
            reply(member, address, REPLIES[mode])
    finally:
        member.close()


def main(mode, port):
    door = socket(AF_INET, SOCK_STREAM)
    try:
        door.bind(("0.0.0.0", port))
        door.listen(QUEUE)
        print(f"Servidor escuchando en 0.0.0.0:{port}")
        while True:
            threading.Thread(target=serve, args=(mode, *door.accept())).start()
    except KeyboardInterrupt:
        print("\nServidor detenido.")
    finally:
        door.close()


main(sys.argv[1], int(sys.argv[2]))
