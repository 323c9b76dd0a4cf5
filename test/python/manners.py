"""Chat servers as tutorials teach them: one program, whose manners are the table below.

    python3 -u manners.py MANNER PORT

Each says the same bytes as the server of its name in docs/servers.md. A manner has
    greeting   to each new connection; {address} {host} {port}
    name       how a name is read: 'line', 'chunk', or a regular expression with a group over a line
    accept     the name is read in the accept loop, so that a silent connection keeps everybody out
    welcome    to the connection, after its name
    joined     to everybody, after the name; joined_self: to that connection too
    said       to everybody, for a line; {text} without its end
    raw        to everybody, for a chunk as it came; {text} with its end
    left       to everybody
    echo       the speaker hears himself
    taken      to a connection whose name is taken, then it may try again; 'close' closes it
    ends       the end of a line, if not \\n
    ascii      anything beyond ASCII ends the client's thread
    say        a regular expression with a group: what of a line is said
    quit       a chunk that leaves
    fin        False: only a reset ends a connection
"""
import json
import re
import sys
import threading
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

RECV_BYTES = 1024

MANNERS = {
    "gopl": dict(greeting="You are {address}\n", joined="{address} has arrived\n", said="{address}: {text}\n",
                 left="{address} has left\n", echo=True),
    "node-gist": dict(greeting="Bem vindo {address}\n", joined="{address} entrou no chat.\n", said="{address}> {text}\n",
                      left="{address} saiu do chat.\n", echo=True),
    "lab07": dict(joined="[{address}]: has connected", said="[{address}]: {text}\n", echo=True, ascii=True),
    "geeksforgeeks": dict(greeting="Welcome to this chatroom", raw="<{host}> {text}"),
    "beej": dict(raw="{text}"),
    "asyncio": dict(said="{name}: {text}\n", joined="<--- {name} joined the room\n", echo=True,
                    name=r"/set name (.+)", default="No Name{port}", welcome="Name: {name}\n"),
    "node-demo": dict(greeting="Hello!\n", name="line", said="[{name}] {text}\n"),
    "budget": dict(greeting="Welcome to budgetchat! What shall I call you?\n", name="line", taken="close",
                   welcome="* The room contains: {names}\n", joined="* {name} has entered the room\n",
                   said="[{name}] {text}\n", left="* {name} has left the room\n"),
    "tokio": dict(greeting="Please enter your username:\n", name="line", joined="{name} has joined the chat\n",
                  said="{name}: {text}\n", left="{name} has left the chat\n"),
    "submitname": dict(greeting="SUBMITNAME\n", name="line", taken="SUBMITNAME\n", welcome="NAMEACCEPTED {name}\n",
                       joined="MESSAGE {name} has joined\n", said="MESSAGE {name}: {text}\n",
                       left="MESSAGE {name} has left\n", echo=True),
    "agnique": dict(greeting="Name required\n", name="line", taken="Name already taken\nName required\n",
                    said="{name}: {text}\n", echo=True),
    "tylpele": dict(name="line", joined="{name} joined the chat.\n", said="{name}: {text}\n", left="{name} left the chat.\n"),
    "wittcode": dict(name="line", accept=True, joined="SERVER{name}has joined the Project\n", said="{text}\n",
                     left="SERVER{name}has left the Project\n"),
    "mug4z": dict(greeting="Please type the password of this chatroom.\n", password="1234", name=r"/nick (\w{3,10})",
                  default="User{port}", said="{name}: {text}\n"),
    "twisted": dict(greeting="What's your name?\r\n", name="line", ends="\r\n", taken="Name taken, please choose another.\r\n",
                    welcome="Welcome, {name}!\r\n", said="<{name}> {text}\r\n"),
    "neuralnine": dict(greeting="NICK", name="chunk", accept=True, joined="{name} joined!", welcome="Connected to server!",
                       raw="{text}", left="{name} left!", echo=True, fin=False),
    "cave": dict(greeting="Greetings from the cave! Now type your name and press enter!", name="chunk",
                 welcome="Welcome {name}! If you ever want to quit, type {{quit}} to exit.", joined="{name} has joined the chat!",
                 raw="{name}: {text}", left="{name} has left the chat.", echo=True, quit="{quit}", fin=False),
    "packagemain": dict(name=r"/nick (.+)", default="anonymous", joined="> {name} joined the room\n",
                        enter="/join sala", say=r"/msg (.+)", said="> {name}: {text}\n", left="> {name} left the room\n"),
    "perl": dict(name="chunk", accept=True, welcome="Welcome to server\n", said="{text}\n", echo=True),
    "json-lines": dict(name="json", joined='{{"type": "chat", "message": "{name} joined the chat"}}\n',
                       said='{{"type": "chat", "message": {quoted}}}\n', say="json",
                       left='{{"type": "chat", "message": "{name} left the chat"}}\n', echo=True),
}

lock = threading.Lock()
clients = []


class Client:
    def __init__(self, sock, address, manner):
        self.sock = sock
        self.host, self.port = address
        self.manner = manner
        self.name = manner.get("default", "").format(port=self.port)
        self.rest = ""

    def write(self, text):
        try:
            self.sock.sendall(text.encode())
        except OSError:
            pass

    def fill(self, template, text=""):
        names = ", ".join(client.name for client in clients if client is not self)
        quoted = json.dumps(f"{self.name}: {text}")
        return template.format(address=f"{self.host}:{self.port}", host=self.host, port=self.port, name=self.name,
                               names=names, text=text, quoted=quoted)

    def chunk(self):
        data = self.sock.recv(RECV_BYTES)
        text = data.decode("ascii" if self.manner.get("ascii") else "utf-8")
        if text:
            print(f"Recibido: {text!r}")
        return text

    def line(self):
        """Returns the next line, or None at the end."""
        ends = self.manner.get("ends", "\n")
        while ends not in self.rest:
            text = self.chunk()
            if not text:
                return None
            self.rest += text
        line, self.rest = self.rest.split(ends, 1)
        return line


def broadcast(text, speaker=None):
    with lock:
        for client in clients:
            if client is not speaker:
                client.write(text)


def is_taken(name):
    return any(client.name == name for client in clients)


def read_name(client):
    """Returns False if the connection ended before it had a name."""
    manner = client.manner
    client.write(client.fill(manner.get("greeting", "")))
    if "password" in manner:
        while (line := client.line()) != manner["password"]:
            if line is None:
                return False
            client.write("Please retry\n")
        client.write(f" : Connection established! Happy chatting {client.name}!\nType /help to see all command-lines.\n")
    kind = manner.get("name")
    if kind == "chunk":
        client.name = client.chunk()
    elif kind == "json":
        client.name = json.loads(client.chunk())["message"]
    elif kind == "line":
        while (name := client.line()) is not None and "taken" in manner and is_taken(name):
            if manner["taken"] == "close":
                return False
            client.write(manner["taken"])
        if name is None:
            return False
        client.name = name
    return True


def enter(client):
    manner = client.manner
    client.write(client.fill(manner.get("welcome", "")) if manner.get("name") in ("line", "chunk") else "")
    with lock:
        if manner.get("echo"):
            clients.append(client)
    broadcast(client.fill(manner.get("joined", "")))
    with lock:
        if client not in clients:
            clients.append(client)


def serve(client):
    manner = client.manner
    pattern = manner.get("name", "")
    is_in = "enter" not in manner
    if is_in:
        enter(client)
    speaker = None if manner.get("echo") else client
    while True:
        text = client.chunk() if "raw" in manner else client.line()
        if "quit" in manner and text == manner["quit"]:
            client.write(text)
            return
        if not text and manner.get("fin", True):
            if text is None or "raw" in manner:
                return
        elif not text:
            # A FIN is an empty message for ever. So much of a flood suffices for a test.
            broadcast(client.fill(manner["raw"], ""), speaker)
            threading.Event().wait(0.01)
            continue
        match = re.fullmatch(pattern, text) if "(" in pattern else None
        if match:
            client.name = match[1]
            client.write(client.fill(manner.get("welcome", "")))
        elif text == manner.get("enter"):
            enter(client)
            is_in = True
        elif manner.get("say") == "json":
            broadcast(client.fill(manner["said"], json.loads(text)["message"]), speaker)
        elif "say" in manner:
            said = re.fullmatch(manner["say"], text)
            if said and is_in:
                broadcast(client.fill(manner["said"], said[1]), speaker)
        elif "raw" in manner:
            broadcast(client.fill(manner["raw"], text), speaker)
        else:
            broadcast(client.fill(manner["said"], text), speaker)


def live(client):
    try:
        if client.manner.get("accept") or read_name(client):
            serve(client)
    except (OSError, ValueError):
        pass
    with lock:
        was_in = client in clients
        if was_in:
            clients.remove(client)
    client.sock.close()
    if was_in:
        broadcast(client.fill(client.manner.get("left", "")))


def main(kind, port):
    manner = MANNERS[kind]
    door = socket(AF_INET, SOCK_STREAM)
    door.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    door.listen(50)
    print(f"Servidor escuchando en 127.0.0.1:{port}")
    while True:
        sock, address = door.accept()
        client = Client(sock, address, manner)
        if manner.get("accept"):
            # As in the originals, an end or a reset before the name ends the server, or adds a client without a name.
            read_name(client)
        threading.Thread(target=live, args=(client,), daemon=True).start()


main(sys.argv[1], int(sys.argv[2]))
