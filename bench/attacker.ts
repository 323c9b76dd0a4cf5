/**
 * One attacker, as a process of its own: node attacker.ts KIND PORT. Says `ready` when it is at full strength, and
 * ends when its input does.
 */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../gateway/protocol.ts';
import type { Attack } from './attacks.ts';

/** So many sockets at once. */
const SOCKETS = 2_000;
/** Opened a few at a time: the attack is that they are there. */
const AT_ONCE = 50;
/** A socket that was turned away tries again after so long, ms. */
const AGAIN_AFTER_MS = 500;
/** What a fast member has under way before it waits for its own socket, bytes. */
const UNDER_WAY_BYTES = 256 * 1024;

/** A text frame that goes on, one of one byte that goes on too; both masked with zeros. */
const FIRST_FRAGMENT = Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x61]);
const NEXT_FRAGMENT = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x61]);
const FRAGMENTS_A_WRITE = 1_000;

const [, , attack, port = ''] = process.argv;
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
}
console.log('ready');

async function openMany(begin: (socket: Socket) => void): Promise<void> {
  for (let opened = 0; opened < SOCKETS; opened += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => keepOpen(begin)));
  }
}

/** Comes back when it was opened once; for ever opens it again. */
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

async function enter(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'hello' }));
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

/** Written past the library, which makes whole frames. */
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
