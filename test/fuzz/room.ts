/**
 * Terminals that write anything, do not read, or disconnect, and one that checks that the room still works.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import type { Cleanup } from '../helpers/eventually.ts';
import { eventually } from '../helpers/eventually.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { Footprint, firstOf, LITTLE_MEMORY, type Subject } from './fuzz.ts';
import { hostileText } from './inputs.ts';
import { isAsBefore } from './websocket.ts';

const CONNECTIONS = 16;
const FULL_BYTES = 256 * 1024;

/** A line of the room with its sender. */
const LINE = /^127\.0\.0\.1:\d{1,5} dice: /;

type Act = { kind: 'say'; bytes: Uint8Array } | { kind: 'leave' | 'reset' | 'stop reading' | 'read on' };
type Input = { at: number; act: Act };

const TELNET = [
  'fff6',
  'fff4fffd06',
  'fffb1f',
  'fffa1f00500018fff0',
  'ffff',
  'ff',
  'fffa',
  'fffd',
  'e2',
  'c3',
  'f09f',
];

const bytes = fc.oneof(
  { weight: 6, arbitrary: hostileText.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.constantFrom(...TELNET).map((hex) => Buffer.from(hex, 'hex')) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 80 }) },
);

export async function room(t: Cleanup): Promise<Subject<Input>> {
  const { port, program } = await builtRoom(t, 'broadcast', {
    TCP_MAX_RATE_BYTES: `${1 << 30}`,
    ...LITTLE_MEMORY,
  });
  const [speaker, listener] = [await enter(t, port), await enter(t, port)];
  program.child.stdout.removeAllListeners('data').resume(); // The server's log repeats every message, so it is not kept.
  await isIn(speaker, listener);
  const footprint = new Footprint(program.child.pid);
  const sockets: (Socket | undefined)[] = [];
  /** All earlier connections too, because one that does not read never learns that it was dropped. */
  const opened = new Set<Socket>();
  let marks = 0;
  return {
    inputs: fc.record({
      at: fc.nat(CONNECTIONS - 1),
      act: fc.oneof(
        { weight: 300, arbitrary: fc.record({ kind: fc.constant('say' as const), bytes }) },
        {
          weight: 3,
          arbitrary: fc
            .constantFrom('leave', 'reset', 'stop reading', 'read on')
            .map((kind) => ({ kind }) as Act),
        },
      ),
    }),
    async take(batch) {
      for (const { at, act } of batch) {
        const socket = sockets[at]?.writable ? sockets[at] : open(port, opened);
        // A reset waits for the connection. Any other call in the meantime leaves Node a socket that never closes.
        sockets[at] = act.kind === 'reset' ? undefined : socket;
        await perform(socket, act);
      }
      speaker.send(`\nmarca ${++marks}.\n`);
      await listener.receives(`${speaker.address} dice: marca ${marks}.\n`);
      for (const line of wholeLines(listener)) assert.match(line, LINE);
    },
    async rests() {
      for (const socket of opened) socket.destroy();
      await isAsBefore(footprint);
    },
  };
}

async function isIn(speaker: TcpClient, listener: TcpClient): Promise<void> {
  await eventually(
    () => {
      speaker.send('hola\n');
      return listener.received.includes('hola');
    },
    () => 'they do not hear each other',
  );
}

function open(port: number, opened: Set<Socket>): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.resume().on('error', () => {});
  opened.add(socket);
  socket.once('close', () => opened.delete(socket));
  return socket;
}

async function perform(socket: Socket, act: Act): Promise<void> {
  switch (act.kind) {
    case 'say':
      socket.write(act.bytes);
      if (socket.writableLength > FULL_BYTES) await firstOf(socket, 'drain', 'close');
      return;
    case 'leave':
      socket.end();
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'stop reading':
      socket.pause();
      return;
    case 'read on':
      socket.resume();
  }
}

/** Removes and returns the connections that have ended. */
function wholeLines(listener: TcpClient): string[] {
  const lines = listener.takeReceived().split(/\r\n|\r|\n/);
  return lines.filter((line, index) => line !== '' && index > 0 && index < lines.length - 1);
}
