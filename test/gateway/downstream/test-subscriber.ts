/**
 * A WebSocket over loopback: a Browser at one end, who reads it at the other.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws';
import { CatchUpScheduler } from '../../../gateway/downstream/catch-up-scheduler.ts';
import { jsonEncoder } from '../../../gateway/downstream/encoders.ts';
import { type Encoder, Subscriber } from '../../../gateway/downstream/subscriber.ts';
import type { Entry, ServerMessage } from '../../../gateway/protocol.ts';
import { ReadThrottle } from '../../../gateway/server/read-throttle.ts';
import type { RingBuffer } from '../../../gateway/transcript/ring-buffer.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { append } from '../transcript/ring-fixture.ts';

/** What may wait in a socket before it is full. */
export const FULL_BYTES = 32 * 1024;

/** A frame is never too many. */
const AT_ANY = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };

export class Reader {
  readonly ring: RingBuffer;
  readonly browser: Subscriber;
  /** The gateway's end. */
  readonly socket: WebSocket;
  /** Who reads. */
  readonly client: WsClient;
  readonly frames: string[] = [];
  pings = 0;
  closedWith: number | undefined;

  constructor(ring: RingBuffer, socket: WebSocket, stream: Duplex, client: WsClient, format: Encoder) {
    this.ring = ring;
    this.socket = socket;
    this.client = client;
    const line = { socket, stream, peer: { ip: '127.0.0.1', port: 0 } };
    this.browser = new Subscriber(line, ring, new CatchUpScheduler(), format);
    new ReadThrottle(socket, this.browser, AT_ANY);
    client.on('message', (data) => this.frames.push(data.toString()));
    client.on('ping', () => this.pings++);
    client.on('close', (code) => {
      this.closedWith = code;
    });
  }

  get entries(): Entry[] {
    const messages = this.frames.map((frame) => JSON.parse(frame) as ServerMessage);
    return messages.flatMap((message) => (message.type === 'messages' ? message.messages : []));
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }

  /** Somebody speaks, and the log goes out to all who are up to date, as the room does it. */
  hear(text: string): void {
    const after = this.ring.head;
    append(this.ring, text);
    this.browser.sendNext(this.ring.batch(after));
  }

  /** Reads as far as the log goes: a last message says that nothing else is on the way. */
  async readsAll(): Promise<void> {
    this.hear('fin');
    const fence = `{"seq":${this.ring.head},`;
    await eventually(
      () => this.frames.at(-1)?.includes(fence),
      () => `seq ${this.ring.head} did not arrive, the last frame is ${this.frames.at(-1)?.slice(-200)}`,
    );
  }

  async isClosed(): Promise<number> {
    return await eventually(
      () => this.closedWith,
      () => 'the connection was not closed',
    );
  }
}

export async function openReader(t: Cleanup, ring: RingBuffer, format = jsonEncoder): Promise<Reader> {
  const http = createServer({ highWaterMark: FULL_BYTES });
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const client = new WsClient(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  t.after(() => {
    client.terminate();
    for (const socket of server.clients) socket.terminate();
    http.close();
  });
  const [[socket, { socket: stream }]] = await Promise.all([
    once(server, 'connection'),
    once(client, 'open'),
  ]);
  return new Reader(ring, socket, stream, client, format);
}
