/**
 * A WebSocket over loopback: a subscriber at one end, its client at the other.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws';
import { CatchUpScheduler } from '../../../gateway/downstream/catch-up-scheduler.ts';
import { type Encoder, JsonEncoder } from '../../../gateway/downstream/encoders.ts';
import { Subscriber } from '../../../gateway/downstream/subscriber.ts';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';
import type { Entry, ServerMessage } from '../../../gateway/protocol.ts';
import { ReadThrottle } from '../../../gateway/server/read-throttle.ts';
import type { RingBuffer } from '../../../gateway/transcript/ring-buffer.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { append } from '../transcript/ring-fixture.ts';

/** Bytes that wait in a full socket. */
export const FULL_BYTES = 32 * 1024;

/** A rate limit that no test reaches. */
const UNLIMITED = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };

export class TestSubscriber {
  readonly ring: RingBuffer;
  readonly subscriber: Subscriber;
  /** The gateway's end. */
  readonly socket: WebSocket;
  /** The client's end. */
  readonly client: WsClient;
  readonly frames: string[] = [];
  pings = 0;
  closedWith: number | undefined;

  constructor(ring: RingBuffer, socket: WebSocket, stream: Duplex, client: WsClient, encoder: Encoder) {
    this.ring = ring;
    this.socket = socket;
    this.client = client;
    const connection = { socket, stream, peer: { ip: '127.0.0.1', port: 0 }, isHost: false };
    this.subscriber = new Subscriber(connection, ring, new CatchUpScheduler(new TimeSlices()), encoder);
    new ReadThrottle(socket, this.subscriber, UNLIMITED);
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

  /** Appends an entry and writes it, as a fan-out does. */
  record(text: string): void {
    const after = this.ring.head;
    append(this.ring, text);
    this.subscriber.sendNext(this.ring.batch(after));
  }

  /** Waits for a last entry, which shows that nothing else is on the way. */
  async readsAll(): Promise<void> {
    this.record('fin');
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

export async function openSubscriber(
  t: Cleanup,
  ring: RingBuffer,
  encoder: Encoder = new JsonEncoder(),
): Promise<TestSubscriber> {
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
  return new TestSubscriber(ring, socket, stream, client, encoder);
}
