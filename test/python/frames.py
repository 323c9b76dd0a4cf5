"""Chat servers that send no lines: each repeats a frame to the others.

    python3 -u frames.py KIND PORT

    digits   four decimal digits of length, then the text; at most 512 bytes, as in the examples of Asio
    fixed    1024 bytes, filled up with NUL
    bad      four digits, but the answer is a line
"""
import sys
import threading
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

FIXED_BYTES = 1024
DIGITS_MAX_BYTES = 512

kind, port = sys.argv[1], int(sys.argv[2])
lock = threading.Lock()
clients = []


def read(sock, count):
    """Returns fewer bytes at the end."""
    data = b""
    while len(data) < count and (part := sock.recv(count - len(data))):
        data += part
    return data


def read_text(sock):
    """Returns None at the end, or for a bad frame."""
    if kind == "fixed":
        frame = read(sock, FIXED_BYTES)
        return frame.split(b"\0")[0] if len(frame) == FIXED_BYTES else None
    digits = read(sock, 4)
    if not digits.strip().isdigit() or int(digits) > DIGITS_MAX_BYTES:
        return None
    return read(sock, int(digits))


def frame_of(text):
    if kind == "fixed":
        return text.ljust(FIXED_BYTES, b"\0")
    return b"%4d%s" % (len(text), text) if kind == "digits" else text + b"\n"


def serve(sock):
    with lock:
        clients.append(sock)
    while (text := read_text(sock)) is not None:
        print(f"Recibido: {text.decode()!r}")
        with lock:
            for client in clients:
                if client is not sock:
                    client.sendall(frame_of(text))
    with lock:
        clients.remove(sock)
    sock.close()


door = socket(AF_INET, SOCK_STREAM)
door.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
door.bind(("127.0.0.1", port))
door.listen(50)
print(f"Servidor escuchando en 127.0.0.1:{port}")
while True:
    threading.Thread(target=serve, args=(door.accept()[0],), daemon=True).start()
