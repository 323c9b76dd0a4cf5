/**
 * Reads a WebSocket no faster than its pace. What comes faster waits in the network and is lost nowhere: its sender
 * is slowed down by TCP, and neither warned nor shut out. What one read has brought is taken all the same, and paid for
 * by a longer wait.
 */
import type { RawData, WebSocket } from 'ws';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { Subscriber } from '../downstream/subscriber.ts';

/** Each frame is a sign of life, too. */
export class ReadThrottle {
  readonly #subscriber: Subscriber;
  readonly #bucket: TokenBucket;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, browser: Subscriber, pace: RateLimit) {
    this.#subscriber = browser;
    this.#bucket = new TokenBucket(pace);
    const count = (data: RawData): void => this.#count(data);
    for (const event of ['message', 'ping', 'pong']) socket.on(event, count);
  }

  /** The socket is closed. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #count(data: RawData): void {
    this.#subscriber.touch();
    // A long frame costs the room as much as many short ones.
    this.#bucket.charge(Math.ceil((sizeOf(data) + 1) / WIRE_MAX_BYTES));
    if (this.#timer || this.#bucket.waitMs() === 0) return;
    this.#subscriber.pause('rate');
    this.#resume();
  }

  #resume(): void {
    const wait = this.#bucket.waitMs();
    this.#timer = wait > 0 ? setTimeout(() => this.#resume(), wait) : undefined;
    if (!this.#timer) this.#subscriber.resume('rate');
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
