/**
 * A WebSocket client that costs as little as possible, because the bridge is measured.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../bridges/bridges.ts';

const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PONG = 0xa;

/** One buffer for all reads, because each is parsed before the next. */
const BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** Parses frames incrementally and emits their payload. */
export class FrameReader {
  readonly #onText: OnText;
  readonly #onClose: () => void;
  #header: number[] = [];
  #opcode = 0;
  #left = 0;

  constructor(onText: OnText, onClose: () => void) {
    this.#onText = onText;
    this.#onClose = onClose;
  }

  take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) at = this.#takeHeader(bytes, at);
      const end = Math.min(bytes.length, at + this.#left);
      if (end > at && this.#opcode <= BINARY) this.#onText(bytes, at, end);
      this.#left -= end - at;
      at = end;
    }
  }

  /** Parses the header of an unmasked frame. Returns the offset of its payload, or the end. */
  #takeHeader(bytes: Buffer, from: number): number {
    const header = this.#header;
    for (let at = from; at < bytes.length; ) {
      header.push(bytes[at++] as number);
      if (header.length < headerLength(header)) continue;
      this.#opcode = (header[0] as number) & 0x0f;
      this.#left = payloadLength(header);
      this.#header = [];
      if (this.#opcode === CLOSE) this.#onClose();
      return at;
    }
    return bytes.length;
  }
}

function headerLength([, second]: number[]): number {
  if (second === undefined || second < 126) return 2;
  return second === 126 ? 4 : 10;
}

function payloadLength([, second = 0, ...more]: number[]): number {
  return second < 126 ? second : more.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Makes a frame with a mask of zeros, because clients must mask. */
export function maskedFrame(opcode: number, text: string): Buffer {
  const body = Buffer.from(text);
  const header =
    body.length < 126
      ? [0x80 | opcode, 0x80 | body.length]
      : [0x80 | opcode, 0x80 | 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), body]);
}

export const pongFrame: Buffer = maskedFrame(PONG, '');

export type OnText = (bytes: Buffer, from: number, to: number) => void;

/** upgrading: HTTP; greeting: hello is sent, the welcome has not arrived. */
type State = 'upgrading' | 'greeting' | 'in';

export class RawClient {
  readonly socket: Socket;
  readonly #door: Endpoint;
  readonly #onText: OnText;
  readonly #frames: FrameReader;
  readonly #letIn: () => void;
  readonly #hello: object;
  #state: State = 'upgrading';
  #answer = '';

  /** The first message of the gateway. */
  welcome = '';

  constructor(door: Endpoint, onText: OnText, letIn: () => void, hello: object) {
    this.#hello = hello;
    this.#door = door;
    this.#onText = onText;
    this.#letIn = letIn;
    this.#frames = new FrameReader(
      (bytes, from, to) => this.#framesOnText(bytes, from, to),
      () => this.socket.destroy(),
    );
    this.socket = connect({
      port: door.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: BUFFER,
        callback: (length, buffer) => {
          this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.socket.resume();
    this.socket.write(upgrade(door));
  }

  say(text: string): void {
    const { protocol, binary } = this.#door;
    const words = protocol ? JSON.stringify({ type: 'say', id: randomUUID(), text }) : `${text}\n`;
    this.socket.write(maskedFrame(binary ? BINARY : TEXT, words));
  }

  #take(bytes: Buffer): void {
    if (this.#state === 'upgrading') this.#takeAnswer(bytes);
    else this.#frames.take(bytes);
  }

  #takeAnswer(bytes: Buffer): void {
    this.#answer += bytes.toString('latin1');
    const end = this.#answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!this.#answer.startsWith('HTTP/1.1 101')) {
      this.socket.destroy(new Error(`not let in: ${this.#answer.slice(0, 100)}`));
      return;
    }
    this.#state = this.#door.protocol ? 'greeting' : 'in';
    if (this.#state === 'greeting')
      this.socket.write(maskedFrame(TEXT, JSON.stringify({ type: 'hello', ...this.#hello })));
    else this.#letIn();
    this.#frames.take(Buffer.from(this.#answer.slice(end + 4), 'latin1'));
  }

  #framesOnText(bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'in') this.#onText(bytes, from, to);
    else if (bytes.subarray(from, to).includes('"type":"welcome"')) {
      this.welcome = bytes.toString('utf8', from, to);
      this.#state = 'in';
      this.#letIn();
    }
  }
}

/** Connects, and resolves after the welcome where there is one. */
export function openRaw(door: Endpoint, onText: OnText, hello: object = {}): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const client = new RawClient(door, onText, () => resolve(client), hello);
    client.socket.on('error', reject);
    client.socket.once('close', () => reject(new Error('closed before it was let in')));
  });
}

/** A bare TCP client of the room with the same low cost. */
export async function openTerminal(port: number, onText: OnText): Promise<{ socket: Socket }> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: BUFFER,
      callback: (length) => {
        onText(BUFFER, 0, length);
        return true;
      },
    },
  });
  await once(socket, 'connect');
  socket.on('error', () => {}).resume();
  return { socket };
}

function upgrade({ port, protocol }: Endpoint): string {
  return [
    `GET ${protocol ? '/ws' : '/'} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
    '\r\n',
  ].join('\r\n');
}
