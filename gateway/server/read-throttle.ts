/**
 * Reads a WebSocket no faster than its pace. What comes faster waits in the network and is lost nowhere: its sender
 * is slowed down by TCP, and neither warned nor shut out. What one read has brought is taken all the same, and paid for
 * by a longer wait.
 */
import type { RawData, WebSocket } from 'ws';
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { Browser } from '../downstream/subscriber.ts';
import { Allowance, type Pace } from '../limits/token-bucket.ts';

/** Each frame is a sign of life, too. */
export class Pacer {
  readonly #browser: Browser;
  readonly #allowance: Allowance;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, browser: Browser, pace: Pace) {
    this.#browser = browser;
    this.#allowance = new Allowance(pace);
    const count = (data: RawData): void => this.#count(data);
    for (const event of ['message', 'ping', 'pong']) socket.on(event, count);
  }

  /** The socket is closed. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #count(data: RawData): void {
    this.#browser.moved();
    // A long frame costs the room as much as many short ones.
    this.#allowance.spend(Math.ceil((sizeOf(data) + 1) / WIRE_MAX_BYTES));
    if (this.#timer || this.#allowance.wait() === 0) return;
    this.#browser.pause('pace');
    this.#goOn();
  }

  #goOn(): void {
    const wait = this.#allowance.wait();
    this.#timer = wait > 0 ? setTimeout(() => this.#goOn(), wait) : undefined;
    if (!this.#timer) this.#browser.resume('pace');
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, { length }) => sum + length, 0) : data.byteLength;
}
