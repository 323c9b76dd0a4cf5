/**
 * Limits the rate of a WebSocket by pausing reads. Faster frames wait in the network, so TCP slows down their sender and
 * no frame is lost. Frames of one read are processed together, and cost a longer pause.
 */
import type { RawData, WebSocket } from 'ws';
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { Subscriber } from '../downstream/subscriber.ts';

export class ReadThrottle {
  readonly #subscriber: Subscriber;
  readonly #bucket: TokenBucket;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, subscriber: Subscriber, limit: RateLimit) {
    this.#subscriber = subscriber;
    this.#bucket = new TokenBucket(limit);
    const count = (data: RawData): void => this.#count(data);
    for (const event of ['message', 'ping', 'pong']) socket.on(event, count);
  }

  /** Stops the timer of a closed socket. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #count(data: RawData): void {
    this.#subscriber.touch();
    // A long frame costs the room as much as many short ones.
    this.#bucket.charge(Math.ceil((sizeOf(data) + 1) / WIRE_MAX_BYTES));
    if (this.#bucket.waitMs() === 0) return;
    // Also while the timer runs, because a close resumes the reads.
    this.#subscriber.pause('rate');
    if (!this.#timer) this.#resume();
  }

  #resume(): void {
    const waitMs = this.#bucket.waitMs();
    this.#timer = waitMs > 0 ? setTimeout(() => this.#resume(), waitMs) : undefined;
    if (!this.#timer) this.#subscriber.resume('rate');
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
