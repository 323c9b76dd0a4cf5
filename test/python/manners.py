"""Chat servers as tutorials teach them: one program, whose manners are the table below.

    python3 -u manners.py MANNER PORT

Each says the same bytes as the server of its name in docs/servers.md, and notices the same leaves. Those in other languages
are in test/servers/stand-ins. A manner has
    opens      what happens at a new connection: steps
    name       how a name is read: 'line', 'chunk', 'json', or a regular expression with a group over a line
    accept     the name is read in the accept loop, so that a silent connection keeps everybody out
    enters     what happens after the name, or after the text `enter`: steps
    taken      to a connection whose name is taken, then it may try again; 'close' closes it
    refused    to a connection whose name has a sign, then it is closed
    named      to the connection, for a name by a regular expression
    unit       what a message is: 'line' (default), or 'chunk' as it came, or 'stripped' for a chunk without its blanks
    said       to everybody, for a message; {text}
    echo       the speaker hears himself
    say        a regular expression with a group, or 'json': what of a line is said
    quit       a text that leaves, and what happens then: steps
    leaves     what happens when a connection has left, with 'close' at its end unless it is forgotten: steps
    fin        a FIN is 'left' (default), 'unnoticed', or 'repeated': an empty message for ever
    nothing    the text of an empty message
    reset      a reset is 'left' (default) or 'unnoticed'
    ends       the end of a line, if not \\n
    ascii      anything beyond ASCII ends the server

A step is `me:TEXT` to the connection, `others:TEXT`, `all:TEXT` to those in the room, `in`, `out`, or `close`.
{address} {host} {port} {name} {names} are filled in.
"""
import json
import os
import re
import sys
import threading
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

RECV_BYTES = 1024

LEAVES = ["out", "close"]
USERS = '{{"type": "users", "message": {users}}}\n'
TOLD = '{{"type": "chat", "message": "{name} %s the chat"}}\n'

MANNERS = {
    "lab07": dict(opens=["in", "all:[{address}]: has connected"], unit="chunk", said="[{address}]: {text}", echo=True, ascii=True,
                  leaves=["all:[{address}]: has disconnected", "out", "close"]),
    "geeksforgeeks": dict(opens=["in", "me:Welcome to this chatroom"], unit="chunk", said="<{host}> {text}", leaves=["out"]),
    "asyncio": dict(opens=["in", "me:Welcome to Chat Room!\nTo see the options available to you type `/help`\n"
                           "Your username name is: {name}\n", "all:<--- {name} joined the room\n"],
                    name=r"/set name (.+)", default="No Name{port}", named="Name: {name}\n", unit="stripped",
                    taken="The name you selected is all ready in use.\nPlease select another name.\n",
                    said="{name}: {text}\n", echo=True),
    "node-demo": dict(opens=["in", "me:Hello!\n"], name="line", enters=["me:Hello {name}!\n"], unit="chunk", said="[{name}] {text}"),
    "budget": dict(opens=["me:Welcome to budgetchat! What shall I call you?\n"], name="line",
                   refused="Your name must be alphanumeric. Disconnecting...\n",
                   enters=["all:* {name} has entered the room\n", "me:* The room contains: {names}\n", "in"],
                   said="[{name}] {text}\n", leaves=["close", "out", "all:* {name} has left the room\n"]),
    "closes": dict(opens=["me:Name?\n"], name="line", taken="close", enters=["in", "me:Hi {name}\n"], said="({name}) {text}\n"),
    "tokio": dict(opens=["me:Please enter your username:\n"], name="line", enters=["in", "others:{name} has joined the chat\n"],
                  said="{name}: {text}\n", leaves=["out", "all:{name} has left the chat\n", "close"]),
    "agnique": dict(opens=["me:Name required\n"], name="line", taken="Name already exists!\n", enters=["me:Name Accepted!{name}\n", "in"],
                    said="{name}: {text}\n", echo=True, fin="unnoticed", reset="unnoticed"),
    "tylpele": dict(opens=["in"], name="line", enters=["all:{name} joined the chat.\n"], said="{name}: {text}\n"),
    "wittcode": dict(name="line", accept=True, enters=["in", "others:SERVER{name}has joined the Project\n"], said="{text}\n",
                     leaves=["out", "all:SERVER{name}has left the Project\n", "close"], fin="repeated", nothing="null"),
    "twisted": dict(opens=["me:What's your name?\r\n"], name="line", ends="\r\n", taken="Name taken, please choose another.\r\n",
                    enters=["me:Welcome, {name}!\r\n", "in"], said="<{name}> {text}\r\n"),
    "neuralnine": dict(opens=["me:NICK"], name="chunk", accept=True, enters=["in", "all:{name} joined!", "me:Connected to server!"],
                       unit="chunk", said="{text}", echo=True, leaves=["out", "close", "all:{name} left!"], fin="repeated"),
    "cave": dict(opens=["me:Greetings from the cave! Now type your name and press enter!"], name="chunk",
                 enters=["me:Welcome {name}! If you ever want to quit, type {{quit}} to exit.", "all:{name} has joined the chat!", "in"],
                 unit="chunk", said="{name}: {text}", echo=True, fin="repeated",
                 quit=("{quit}", ["me:{{quit}}", "close", "out", "all:{name} has left the chat."])),
    "packagemain": dict(name=r"/nick (.+)", default="anonymous", named="> all right, I will call you {name}\n", enter="/join sala",
                        enters=["all:> {name} joined the room\n", "in", "me:> welcome to sala\n"],
                        say=r"/msg (.+)", said="> {name}: {text}\n", fin="unnoticed", reset="unnoticed",
                        quit=("/quit", ["out", "all:> {name} has left the room\n", "me:> sad to see you go =(\n", "close"])),
    "json-lines": dict(name="json", enters=["in", "all:" + USERS, "all:" + TOLD % "joined"], unit="chunk", say="json",
                       said='{{"type": "chat", "message": {quoted}}}\n', echo=True,
                       leaves=["out", "close", "all:" + USERS, "all:" + TOLD % "left"], fin="unnoticed"),
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
            # Writing nothing would take away the error of a reset, which the reading thread waits for.
            if text:
                self.sock.sendall(text.encode())
        except OSError:
            pass

    def fill(self, template, text=""):
        names = [client.name for client in clients]
        return template.format(address=f"{self.host}:{self.port}", host=self.host, port=self.port, name=self.name, text=text,
                               names=", ".join(names), users=json.dumps(names), quoted=json.dumps(f"{self.name}: {text}"))

    def chunk(self):
        data = self.sock.recv(RECV_BYTES)
        try:
            text = data.decode("ascii" if self.manner.get("ascii") else "utf-8")
        except UnicodeDecodeError:
            os._exit(1)
        if text:
            print(f"Recibido: {text!r}")
        return text

    def line(self):
        """Returns the next line, or '' at the end."""
        ends = self.manner.get("ends", "\n")
        while ends not in self.rest:
            text = self.chunk()
            if not text:
                return ""
            self.rest += text
        line, self.rest = self.rest.split(ends, 1)
        return line or ends

    def do(self, steps):
        for step in steps:
            target, _, text = step.partition(":")
            with lock:
                if target == "in":
                    clients.append(self)
                elif target == "out" and self in clients:
                    clients.remove(self)
            if target == "close":
                self.sock.close()
            elif target == "me":
                self.write(self.fill(text))
            elif target in ("all", "others"):
                broadcast(self.fill(text), self if target == "others" else None)


def broadcast(text, speaker=None):
    with lock:
        for client in clients:
            if client is not speaker:
                client.write(text)


def is_taken(name):
    return any(client.name == name for client in clients)


def read_name(client):
    """Returns False if the connection ends without a name."""
    manner = client.manner
    kind = manner.get("name")
    if kind == "chunk":
        client.name = client.chunk()
    elif kind == "json":
        client.name = json.loads(client.chunk())["message"]
    elif kind == "line":
        while (name := client.line()) and "taken" in manner and is_taken(name):
            if manner["taken"] == "close":
                return False
            client.write(manner["taken"])
        if name and "refused" in manner and not name.isalnum():
            client.write(manner["refused"])
            return False
        client.name = name
    return client.name != "" or kind is None


def rename(client, name):
    if is_taken(name):
        client.write(client.manner.get("taken", ""))
    else:
        client.name = name
        client.write(client.fill(client.manner["named"]))


def serve(client):
    """Returns how the connection has ended, as the server notices it."""
    manner = client.manner
    pattern = manner.get("name") or ""
    unit = manner.get("unit", "line")
    quit_text, quit_steps = manner.get("quit", (None, []))
    speaker = None if manner.get("echo") else client
    while True:
        text = client.line() if unit == "line" else client.chunk()
        if text == "":
            if manner.get("fin") == "repeated":
                broadcast(client.fill(manner["said"], manner.get("nothing", "")))
                # A flood of this size suffices for a test.
                threading.Event().wait(0.01)
                continue
            return manner.get("fin", "left")
        if unit == "stripped":
            text = text.strip()
        if text == quit_text:
            client.do(quit_steps)
            return "unnoticed"
        named = re.fullmatch(pattern, text) if "(" in pattern else None
        if named:
            rename(client, named[1])
        elif text == manner.get("enter"):
            client.do(manner["enters"])
        elif manner.get("say") == "json":
            broadcast(client.fill(manner["said"], json.loads(text)["message"]), speaker)
        elif "say" not in manner:
            broadcast(client.fill(manner["said"], text), speaker)
        elif (said := re.fullmatch(manner["say"], text)) and client in clients:
            broadcast(client.fill(manner["said"], said[1]), speaker)


def live(client):
    manner = client.manner
    try:
        if not manner.get("accept") and not read_name(client):
            client.do(LEAVES)
            return
        if "enter" not in manner:
            client.do(manner.get("enters", []))
        end = serve(client)
    except OSError:
        end = manner.get("reset", "left")
    if end == "left":
        client.do(manner.get("leaves", LEAVES))


def main(kind, port):
    manner = MANNERS[kind]
    door = socket(AF_INET, SOCK_STREAM)
    door.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    door.listen(50)
    print(f"Servidor escuchando en 127.0.0.1:{port}")
    # A connection that is forgotten stays open, as in the originals.
    accepted = []
    while True:
        sock, address = door.accept()
        client = Client(sock, address, manner)
        accepted.append(client)
        client.do(manner.get("opens", []))
        if manner.get("accept"):
            # As in the originals, an end or a reset before the name ends the server, or adds a client without a name.
            read_name(client)
        threading.Thread(target=live, args=(client,), daemon=True).start()


main(sys.argv[1], int(sys.argv[2]))
