/**
 * Connections of the lab: each command as the room sees it, the events, and the limits at their edges.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import pino from 'pino';
import { WebSocketServer } from 'ws';
import { Lab } from '../../../gateway/lab/lab.ts';
import { COMMAND_BYTES, LAB_LIMITS, type LabLimits } from '../../../gateway/lab/lab-limits.ts';
import { BadLabCommand, parseLabCommand } from '../../../gateway/lab/parse-lab-command.ts';
import { AccessLog } from '../../../gateway/ops/access-log.ts';
import { CLOSE, LAB_WRITE_MAX_BYTES } from '../../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { bareServer, freePort } from '../../helpers/tcp.ts';
import { type LabTab, openLab } from './lab-tab.ts';

const SILENT = new AccessLog(pino({ level: 'silent' }));

/** A lab without a gateway, so that its limits can be small. */
async function serveLab(t: Cleanup, roomPort: number, limits: Partial<LabLimits> = {}) {
  const room = { host: '127.0.0.1', port: roomPort, proxyProtocol: 'off' as const };
  const lab = new Lab(room, SILENT, { ...LAB_LIMITS, ...limits });
  const server = createServer().listen(0, '127.0.0.1');
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket, request) =>
    lab.open({ socket, stream: request.socket, peer: { ip: '127.0.0.1', port: 0 }, isHost: true }),
  );
  await once(server, 'listening');
  t.after(() => {
    for (const socket of webSockets.clients) socket.terminate();
    server.close();
  });
  return { lab, port: (server.address() as AddressInfo).port };
}

/** The room's side of a connection of the lab. */
class RoomSide {
  readonly socket: Socket;
  bytes = Buffer.alloc(0);
  end: 'open' | 'fin' | 'reset' = 'open';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.bytes = Buffer.concat([this.bytes, bytes]);
    });
    socket.on('end', () => {
      this.end = 'fin';
    });
    socket.on('error', () => {
      this.end = 'reset';
    });
  }

  async reads(bytes: Buffer): Promise<void> {
    await eventually(
      () => this.bytes.equals(bytes),
      () => `the room has read ${this.bytes.toString('hex')}`,
    );
  }

  async sees(end: 'fin' | 'reset'): Promise<void> {
    await eventually(
      () => this.end === end,
      () => `the connection is ${this.end}`,
    );
  }
}

/** A room that sends only what the test writes, and a connection of the lab in it. */
async function openPair(
  t: Cleanup,
  limits: Partial<LabLimits> = {},
): Promise<{ lab: LabTab; room: RoomSide }> {
  const server = await bareServer(t, { allowHalfOpen: true });
  const served = await serveLab(t, server.port, limits);
  const [lab, socket] = await Promise.all([openLab(t, served), server.accepts()]);
  await lab.has('open');
  return { lab, room: new RoomSide(socket) };
}

test('lab writes the bytes of its commands, all 256 of them, and reports each write', async (t) => {
  const { lab, room } = await openPair(t);
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  lab.write(all);
  lab.write('\n');
  await room.reads(Buffer.concat([all, Buffer.from('\n')]));
  await lab.has('wrote', ({ bytes }) => bytes === 256);
  await lab.has('wrote', ({ bytes }) => bytes === 1);
});

test('lab reports its address, the bytes of the room and their times, byte by byte', async (t) => {
  const { lab, room } = await openPair(t);
  const { remoteAddress, remotePort } = room.socket;
  assert.equal((await lab.has('open')).address, `${remoteAddress}:${remotePort}`);
  room.socket.write(Buffer.from([0xc3]));
  await lab.receives(Buffer.from([0xc3]));
  room.socket.write(Buffer.from([0xb1, 0x00]));
  await lab.receives(Buffer.from([0xc3, 0xb1, 0x00]));
  const times = lab.events.map(({ at }) => at);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test('lab sends FIN and still reads, and both ends close it', async (t) => {
  const { lab, room } = await openPair(t);
  lab.write('adiós');
  lab.send({ type: 'end' });
  await room.sees('fin');
  await lab.has('fin', ({ from }) => from === 'lab');
  room.socket.write('sigo aquí');
  await lab.receives('sigo aquí');
  lab.write('tarde');
  await lab.has('error', ({ code }) => code === 'not-open');
  room.socket.end();
  await lab.has('fin', ({ from }) => from === 'room');
  assert.equal((await lab.has('closed')).by, 'fin');
  assert.equal((await lab.isClosed()).code, CLOSE.left);
});

test('lab resets its connection, and reports a reset by the room', async (t) => {
  const one = await openPair(t);
  one.lab.send({ type: 'reset' });
  await one.room.sees('reset');
  assert.equal((await one.lab.has('closed')).by, 'reset');
  const other = await openPair(t);
  other.room.socket.resetAndDestroy();
  assert.equal((await other.lab.has('closed')).by, 'room-reset');
});

test('lab whose room is away reports that it is refused', async (t) => {
  const lab = await openLab(t, await serveLab(t, await freePort()));
  assert.equal((await lab.has('closed')).by, 'refused');
  assert.equal((await lab.isClosed()).code, CLOSE.left);
});

test('lab that is closed leaves with FIN and reads the rest, also if it had stopped reading', async (t) => {
  const { lab, room } = await openPair(t);
  lab.send({ type: 'read', reading: false });
  await lab.has('reading', ({ reading }) => !reading);
  let sent = 0;
  // More than the buffers of the system hold.
  while (room.socket.write(Buffer.alloc(64 * 1024)) || sent < 16 * 1024 * 1024) sent += 64 * 1024;
  const isRead = once(room.socket, 'drain');
  lab.socket.close();
  await room.sees('fin');
  await isRead;
  room.socket.end();
  await once(room.socket, 'close');
  assert.notEqual(room.end, 'reset');
});

test('lab reads nothing while told so, resumes on command, and by itself after a time', async (t) => {
  const { lab, room } = await openPair(t, { unreadMs: 50 });
  lab.send({ type: 'read', reading: false });
  await lab.has('reading', ({ reading }) => reading);
  const kinds = lab.events.flatMap((event) => (event.type === 'reading' ? [event.reading] : []));
  assert.deepEqual(kinds, [false, true]);
  room.socket.write('hola');
  await lab.receives('hola');
});

test('lab stops reading until it is told to resume', async (t) => {
  const { lab, room } = await openPair(t);
  lab.send({ type: 'read', reading: false });
  await lab.has('reading');
  room.socket.write('no lo leas');
  lab.write('valla');
  await room.reads(Buffer.from('valla'));
  assert.equal(lab.received.length, 0);
  lab.send({ type: 'read', reading: true });
  await lab.receives('no lo leas');
});

test('lab answers a bad command with an error, and goes on', async (t) => {
  const { lab, room } = await openPair(t);
  for (const frame of ['{', '[]', '{"type":"dance"}', '{"type":"write","bytes":"abc"}'])
    lab.socket.send(frame);
  lab.socket.send(Buffer.from('{"type":"end"}'), { binary: true });
  lab.write('sigo');
  await room.reads(Buffer.from('sigo'));
  await eventually(
    () => lab.events.filter((event) => event.type === 'error').length === 5,
    () => JSON.stringify(lab.events),
  );
});

test('lab takes connections up to its limit, and again after one has left', async (t) => {
  const server = await bareServer(t);
  const served = await serveLab(t, server.port, { connections: 2, leaveMs: 50 });
  const first = await openLab(t, served);
  await (await openLab(t, served)).has('open');
  await first.has('open');
  assert.equal((await (await openLab(t, served)).isClosed()).code, CLOSE.full);
  first.socket.close();
  await eventually(
    async () => {
      const next = await openLab(t, served);
      await eventually(
        () => next.events.length > 0 || next.closed,
        () => 'neither open nor closed',
      );
      return next.events.length > 0;
    },
    () => 'no place became free',
  );
});

test('lab refuses a write beyond the bytes that the room has not taken', async (t) => {
  const { lab, room } = await openPair(t, {
    queuedBytes: 64 * 1024,
    commandRate: { burst: 1e9, perSecond: 1e9 },
  });
  room.socket.pause();
  const most = Buffer.alloc(LAB_WRITE_MAX_BYTES, 'x');
  // The system's buffers take some megabytes first.
  for (let i = 0; i < 4096 && !lab.events.some(({ type }) => type === 'error'); i++) {
    lab.write(most);
    if (i % 16 === 0) await once(lab.socket, 'message');
  }
  await lab.has('error', ({ code }) => code === 'queue-full');
  const waiting = lab.events.flatMap((event) => (event.type === 'wrote' ? [event.waiting] : []));
  assert.equal(Math.max(...waiting), 64 * 1024);
  lab.send({ type: 'reset' });
  assert.equal((await lab.has('closed')).by, 'reset');
});

test('lab reads commands beyond its rate later, and loses none', async (t) => {
  const commandRate = { burst: 4 * COMMAND_BYTES, perSecond: 40 * COMMAND_BYTES };
  const { lab, room } = await openPair(t, { commandRate });
  for (let i = 0; i < 12; i++) lab.write(`${i},`);
  await room.reads(Buffer.from(Array.from({ length: 12 }, (_, i) => `${i},`).join('')));
  // Commands of one packet are processed together, so only the next one surely waits.
  lab.write('final');
  const { at } = await lab.has('wrote', ({ bytes }) => bytes === 5);
  const [first] = lab.events.flatMap((event) => (event.type === 'wrote' ? [event.at] : []));
  await room.reads(Buffer.from(`${Array.from({ length: 12 }, (_, i) => `${i},`).join('')}final`));
  const debtMs = ((12 * COMMAND_BYTES - commandRate.burst) / commandRate.perSecond) * 1000;
  assert.ok(at - (first ?? 0) >= debtMs - 1, `${at - (first ?? 0)} ms`);
});

test('lab counts the bytes that come too fast, and shows the others', async (t) => {
  const { lab, room } = await openPair(t, { reportRate: { burst: 100_000, perSecond: 1 } });
  const flood = 2 * 1024 * 1024;
  room.socket.write(Buffer.alloc(flood));
  await eventually(
    () => countOf(lab) === flood,
    () => `${countOf(lab)} bytes were shown or counted`,
  );
  assert.ok(lab.received.length >= 100_000 && lab.received.length < 300_000, `${lab.received.length}`);
});

function countOf(lab: LabTab): number {
  return lab.events.reduce(
    (sum, event) => sum + (event.type === 'skipped' ? event.bytes : 0),
    lab.received.length,
  );
}

test('lab without a command for too long is closed, politely', async (t) => {
  const { lab, room } = await openPair(t, { idleMs: 50 });
  assert.equal((await lab.isClosed()).code, CLOSE.idle);
  await room.sees('fin');
});

test('lab of a browser that answers no ping is closed, politely', async (t) => {
  const { lab, room } = await openPair(t, { pingMs: 250 });
  lab.socket.pause();
  await room.sees('fin');
});

test('lab whose room does not close its side is closed after a time', async (t) => {
  const { lab, room } = await openPair(t, { leaveMs: 50 });
  lab.socket.close();
  await room.sees('fin');
  await once(room.socket.end(), 'close');
});

test('lab closes all its connections with FIN when the gateway stops', async (t) => {
  const server = await bareServer(t, { allowHalfOpen: false });
  const served = await serveLab(t, server.port);
  const [tab, socket] = await Promise.all([openLab(t, served), server.accepts()]);
  await tab.has('open');
  const room = new RoomSide(socket);
  await served.lab.close();
  assert.equal(room.end, 'fin');
  assert.equal((await tab.isClosed()).code, CLOSE.restart);
});

test('lab takes writes of up to 16 KiB', () => {
  const write = (bytes: number) =>
    parseLabCommand(JSON.stringify({ type: 'write', bytes: 'ff'.repeat(bytes) }));
  assert.equal(write(LAB_WRITE_MAX_BYTES).type, 'write');
  for (const bytes of [0, LAB_WRITE_MAX_BYTES + 1]) assert.throws(() => write(bytes), BadLabCommand);
});
