/**
 * Frames at /ws: valid ones in any order, invalid ones, and other bytes.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import type { Cleanup } from '../helpers/eventually.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { Footprint, firstOf, LITTLE_MEMORY, type Subject } from './fuzz.ts';
import { goodMessage, hostileJson } from './inputs.ts';

const CONNECTIONS = 16;

/** Bytes that may wait in a connection before it gets more. */
const FULL_BYTES = 256 * 1024;

/** Rate limits are off, because this test looks for faults behind them. */
export const OPEN_DOOR = {
  JOIN_RATE: '10000',
  JOIN_RATE_PER_ADDRESS: '10000',
  MAX_SOCKETS_PER_ADDRESS: '1000',
  MAX_SESSIONS_PER_ADDRESS: '1000',
  MESSAGE_RATE: '100000',
  MESSAGE_BURST: '100000',
  SESSION_RESUME_MS: '0',
  RELOAD_RESUME_MS: '0',
  HELLO_TIMEOUT_MS: '2000',
  DIAL_SPACING_MS: '0',
};

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

interface Input {
  /** Index of the connection. */
  at: number;
  bytes: Buffer;
  /** The gateway closes the connection after such an input. */
  isDeadly: boolean;
}

const payload = fc.uint8Array({ maxLength: 130 });

const good = goodMessage.map((message) => frame(TEXT, JSON.stringify(message)));
const hostile = hostileJson.map((text) => frame(TEXT, text));
const fragmented = fc
  .tuple(hostileJson, fc.nat(20))
  .map(([text, cut]) =>
    Buffer.concat([
      frame(TEXT, text.slice(0, cut), { fin: false }),
      frame(PING, ''),
      frame(0, text.slice(cut)),
    ]),
  );
const harmless = fc
  .tuple(fc.constantFrom(BINARY, PING, PONG), fc.uint8Array({ maxLength: 120 }))
  .map(([opcode, bytes]) => frame(opcode, bytes));
const deadly = fc.oneof(
  payload.map((bytes) => Buffer.from(bytes)),
  payload.map((bytes) => frame(TEXT, Buffer.concat([bytes, Buffer.of(0xff)]))),
  fc.nat(15).map((opcode) => frame(opcode, 'x', { fin: false })),
  fc.constantFrom(0x10, 0x20, 0x40).map((rsv) => frame(TEXT, 'x', { rsv })),
  payload.map((bytes) => frame(CLOSE, bytes)),
  fc.constant(frame(PING, 'x'.repeat(126))),
  fc.constant(Buffer.from('81ff7fffffffffffffff00000000', 'hex')),
  fc.constant(Buffer.from('8101', 'hex')),
  fc.constant(frame(TEXT, 'x'.repeat(200_000))),
  fc.constant(frame(TEXT, '{"type":"leave"}')),
);

function at(frames: fc.Arbitrary<Buffer>, isDeadly = false): fc.Arbitrary<Input> {
  return fc.record({ at: fc.nat(CONNECTIONS - 1), bytes: frames, isDeadly: fc.constant(isDeadly) });
}

export async function websocket(t: Cleanup): Promise<Subject<Input>> {
  const room = await builtRoom(t, 'broadcast', { TCP_MAX_RATE_BYTES: `${1 << 30}` });
  const gateway = await startGateway(t, room.port, { ...OPEN_DOOR, ...LITTLE_MEMORY });
  const witness = await openTab(t, gateway);
  const links = Array.from({ length: CONNECTIONS }, () => new ReconnectingSocket(gateway.port));
  const footprint = new Footprint(gateway.program.child.pid);
  return {
    inputs: fc.oneof(
      { weight: 120, arbitrary: at(good) },
      { weight: 60, arbitrary: at(hostile) },
      { weight: 10, arbitrary: at(fragmented) },
      { weight: 10, arbitrary: at(harmless) },
      { weight: 1, arbitrary: at(deadly, true) },
    ),
    async take(batch) {
      for (const input of batch) await links[input.at]?.send(input);
      await goesOn(gateway, witness);
    },
    async rests() {
      await Promise.all(links.map((link) => link.end()));
      await gateway.metricReaches('tertulia_sessions', 1);
      await isAsBefore(footprint);
    },
  };
}

/** A well-behaved tab sends during the noise and receives its receipt. */
export async function goesOn(gateway: Gateway, witness: Tab): Promise<void> {
  await witness.receivesReceipt(witness.say('sigo aquí'), 'heard');
  witness.entries.length = 0;
  witness.receipts.clear();
  assert.deepEqual(await (await gateway.get('/healthz')).json(), { alive: true });
}

export async function isAsBefore(footprint: Footprint): Promise<void> {
  await eventually(
    () => footprint.leak === '',
    () => footprint.leak,
  );
}

/** A connection that is opened again whenever it has ended. */
class ReconnectingSocket {
  readonly #port: number;
  /** Earlier sockets, which may still be read. */
  readonly #sockets = new Set<Socket>();
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async send({ bytes, isDeadly }: Input): Promise<void> {
    const socket = this.#socket ?? this.#open();
    socket.write(bytes);
    if (isDeadly) this.#leave();
    if (socket.writableLength < FULL_BYTES) return;
    await firstOf(socket, 'drain', 'close');
  }

  /** Waits until everything has been read. */
  async end(): Promise<void> {
    this.#socket?.write(frame(TEXT, '{"type":"leave"}'));
    this.#leave();
    await Promise.all([...this.#sockets].map((socket) => firstOf(socket, 'close')));
  }

  #leave(): void {
    this.#socket?.end();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    this.#sockets.add(socket);
    socket.resume();
    socket.on('error', () => {});
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.write(handshake(this.#port));
    socket.write(frame(TEXT, '{"type":"hello"}'));
    return socket;
  }
}

function handshake(port: number): string {
  const headers = [
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: tertulia.v1',
  ];
  return `GET /ws HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
}

/** A frame as a browser sends it, except for `wrong`. The mask is zero, which keeps the payload readable. */
function frame(
  opcode: number,
  data: string | Uint8Array,
  wrong: { fin?: boolean; rsv?: number } = {},
): Buffer {
  const body = Buffer.from(data as Uint8Array);
  const first = (wrong.fin === false ? 0 : 0x80) | (wrong.rsv ?? 0) | opcode;
  const mask = Buffer.alloc(4);
  if (body.length < 126) return Buffer.concat([Buffer.of(first, 0x80 | body.length), mask, body]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(body.length));
  return body.length < 65_536
    ? Buffer.concat([Buffer.of(first, 0xfe), length.subarray(6), mask, body])
    : Buffer.concat([Buffer.of(first, 0xff), length, mask, body]);
}
