import sys
from queue import Full, Queue
from socket import SHUT_RDWR, SO_REUSEADDR, SOL_SOCKET, socket
from threading import Lock, Thread

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 12345

MAX_QUEUED_MESSAGES = 1000
MAX_WAIT_SECONDS = 1
MAX_LINE_BYTES = 64 * 1024

clients = []
lock = Lock()


class Client:
    def __init__(self, connection, address):
        self.connection = connection
        self.address = address
        self.outbox = Queue(MAX_QUEUED_MESSAGES)

    def lines(self):
        rest = b""
        while data := self.connection.recv(1024):
            rest += data
            *complete, rest = rest.split(b"\n")
            yield from complete
            if len(rest) > MAX_LINE_BYTES:
                return
        if rest:
            yield rest

    def write(self):
        try:
            while message := self.outbox.get():
                self.connection.sendall(message)
        except OSError:
            self.drop()

    def drop(self):
        try:
            self.connection.shutdown(SHUT_RDWR)
        except OSError:
            pass


def broadcast(message, sender):
    with lock:
        slow = []
        for client in clients:
            if client is not sender:
                try:
                    client.outbox.put(message, timeout=MAX_WAIT_SECONDS)
                except Full:
                    slow.append(client)
        for client in slow:
            clients.remove(client)
            client.drop()


def serve(connection, address):
    client = Client(connection, address)
    ip, port = address
    header = f"{ip}:{port} dice: ".encode()
    writer = Thread(target=client.write, daemon=True)
    writer.start()
    with lock:
        clients.append(client)
    try:
        for line in client.lines():
            print(f"Recibido de {address}: {line.decode(errors='replace')}")
            broadcast(header + line + b"\n", client)
    except OSError as error:
        print(f"Conexión rota de {address}: {error}")
    finally:
        with lock:
            if client in clients:
                clients.remove(client)
        client.drop()
        connection.close()


server = socket()
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(("0.0.0.0", PORT))
server.listen(128)
print(f"Servidor escuchando en el puerto {PORT}")

try:
    while True:
        Thread(target=serve, args=server.accept(), daemon=True).start()
except KeyboardInterrupt:
    print("Servidor detenido.")
finally:
    server.close()
