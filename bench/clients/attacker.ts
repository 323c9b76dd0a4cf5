/**
 * attacker.ts KIND GATEWAY_PORT ROOM_PORT ADDRESS: one attacker, as a process of its own. It prints `ready` at full
 * strength, and ends when its input ends. ADDRESS is its own as a proxy names it, because loopback has no limits.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import type { Attack } from './attacks.ts';

/** Number of sockets at once. */
const SOCKETS = 2_000;
/** Sockets opened at a time, because the attack is their number and not their rate. */
const AT_ONCE = 50;
/** Pause before a refused socket tries again, ms. */
const AGAIN_AFTER_MS = 500;
/** Bytes in flight after which a fast member waits for its socket. */
const UNDER_WAY_BYTES = 256 * 1024;

/** An unfinished text frame and its one-byte continuation, both masked with zeros. */
const FIRST_FRAGMENT = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]);
const NEXT_FRAGMENT = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61]);
const FRAGMENTS_A_WRITE = 1_000;

/** A browser sends a longest text again after each receipt, and has several in flight. */
const LONG_TEXT = 'hola que tal '.repeat(3_000).slice(0, 32_000);
const LONG_BROWSERS = 4;
const LONG_UNDER_WAY = 20;
const PIPELINED = 1_000;
const DOWNLOADS = 40;
const COOKIES = 1_000;
const READERS = 40;
const TERMINALS = 300;
const TERMINAL_BYTES = 64 * 1024;

const [, , attack, port = '', roomPort = '', address = ''] = process.argv;
const FROM = `X-Forwarded-For: ${address}`;

process.stdin.on('end', () => process.exit()).resume();

switch (attack as Attack) {
  case 'half-open handshakes':
    await openMany((socket) => socket.write(`GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Slow: `));
    break;
  case 'idle sockets':
    await openMany(() => {});
    break;
  case 'says without end':
    await sayWithoutEnd();
    break;
  case '1-byte fragments':
    await sendFragments();
    break;
  case 'longest messages':
    await all(LONG_BROWSERS, sendLongest);
    break;
  case 'pipelined searches':
    await repeat(1, request('GET', '/api/messages?q=a'), PIPELINED);
    break;
  case 'unread downloads':
    await repeat(DOWNLOADS, request('HEAD', '/api/transcript'));
    await all(DOWNLOADS, () =>
      open(port, (socket) => socket.pause().write(request('GET', '/api/transcript'))),
    );
    break;
  case 'cookies by the thousand':
    await repeat(1, request('GET', '/api/people', `Cookie: ${'tertulia=x; '.repeat(COOKIES)}`));
    break;
  case 'reading from the beginning':
    await all(READERS, readAll);
    break;
  case 'newlines of a terminal':
    await open(roomPort, (socket) => flood(socket, Buffer.alloc(64 * 1024, '\n')));
    break;
  case '300 terminals at once':
    await all(TERMINALS, () =>
      open(roomPort, (socket) => {
        socket.resume();
        setInterval(() => socket.write(`${'z'.repeat(TERMINAL_BYTES - 1)}\n`), 5_000);
      }),
    );
    break;
}
console.log('ready');

function all(count: number, begin: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, begin));
}

function request(method: string, path: string, ...headers: string[]): string {
  return [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, FROM, ...headers, '', ''].join('\r\n');
}

/** Opens a connection, and another one whenever it closes. */
async function open(to: string, begin: (socket: Socket) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(Number(to), '127.0.0.1', () => {
      begin(socket);
      resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => setTimeout(() => void open(to, begin), AGAIN_AFTER_MS));
  });
}

/** Connections that pipeline a request several times, and again when all answers have arrived. */
async function repeat(connections: number, text: string, times = 1): Promise<void> {
  await all(connections, () =>
    open(port, (socket) => {
      let answers = 0;
      socket.setEncoding('latin1').on('data', (part: string) => {
        answers += part.split('HTTP/1.1 ').length - 1;
        if (answers < times) return;
        answers -= times;
        socket.write(text.repeat(times));
      });
      socket.write(text.repeat(times));
    }),
  );
}

function flood(socket: Socket, bytes: Buffer): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.resume().on('drain', write);
  write();
}

async function sendLongest(): Promise<void> {
  const socket = await enter();
  const send = (): void => socket.send(JSON.stringify({ type: 'say', id: randomUUID(), text: LONG_TEXT }));
  socket.on('message', (data) => {
    if (String(data).startsWith('{"type":"receipt"')) send();
  });
  socket.on('close', () => setTimeout(() => void sendLongest(), AGAIN_AFTER_MS));
  for (let sent = 0; sent < LONG_UNDER_WAY; sent++) send();
}

/** Reads the log from its first entry, and again after the newest. */
async function readAll(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/messages?limit=1`);
  const { epoch, head } = (await answer.json()) as { epoch: string; head: number };
  const socket = await enter({ after: 0, epoch });
  let last = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; messages?: { seq: number }[] };
    last = message.messages?.at(-1)?.seq ?? last;
    if (last >= head) socket.close();
  });
  socket.on('close', () => setTimeout(() => void readAll(), AGAIN_AFTER_MS));
}

async function openMany(begin: (socket: Socket) => void): Promise<void> {
  for (let opened = 0; opened < SOCKETS; opened += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => keepOpen(begin)));
  }
}

/** Resolves when it was opened once. It opens the connection again for ever. */
function keepOpen(begin: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      begin(socket);
      resolve();
    });
    socket.on('error', resolve).resume();
    socket.on('close', () => setTimeout(() => void keepOpen(begin), AGAIN_AFTER_MS));
  });
}

async function enter(place: { after?: number; epoch?: string } = {}): Promise<WebSocket> {
  const [name = '', value = ''] = FROM.split(': ');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL, { headers: { [name]: value } });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', ...place }));
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

async function sayWithoutEnd(): Promise<void> {
  const socket = await enter();
  socket.on('close', () => void sayWithoutEnd());
  const timer = setInterval(() => {
    if (socket.readyState !== socket.OPEN) clearInterval(timer);
    while (socket.readyState === socket.OPEN && socket.bufferedAmount < UNDER_WAY_BYTES) {
      socket.send(JSON.stringify({ type: 'say', id: randomUUID(), text: 'y otra cosa más' }));
    }
  }, 1);
}

/** Writes to the raw socket, because the library makes whole frames only. */
async function sendFragments(): Promise<void> {
  const socket = await enter();
  const raw = (socket as unknown as { _socket: Socket })._socket;
  const more = Buffer.concat(new Array<Buffer>(FRAGMENTS_A_WRITE).fill(NEXT_FRAGMENT));
  socket.on('close', () => setTimeout(() => void sendFragments(), AGAIN_AFTER_MS));
  const flood = (): void => {
    while (!raw.destroyed && raw.write(more));
  };
  raw.write(FIRST_FRAGMENT);
  raw.on('drain', flood);
  flood();
}
