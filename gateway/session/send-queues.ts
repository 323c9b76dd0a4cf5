/** Limits what waits to be sent into the room, in each session and in all sessions together. */
import type { SendQueue } from './send-queue.ts';

export interface SendQueueLimits {
  /** Messages of one session. */
  messages: number;
  /** Bytes of one session. */
  bytes: number;
  /** Bytes of all sessions together. */
  totalBytes: number;
}

export class SendQueues {
  readonly #limits: SendQueueLimits;
  #bytes = 0;

  constructor(limits: SendQueueLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Negative when bytes were sent or dropped. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Returns true if the client of this queue is to be read no further. */
  isFull(queue: SendQueue): boolean {
    const { messages, bytes } = this.#limits;
    return queue.waiting >= messages || queue.waitingBytes >= bytes || this.#isOverTotal(queue);
  }

  /** Returns true if the client of a queue that was full may be read again. */
  hasDrained(queue: SendQueue): boolean {
    const { messages, bytes } = this.#limits;
    return queue.waiting <= messages / 2 && queue.waitingBytes <= bytes / 2 && !this.#isOverTotal(queue);
  }

  /** When all queues together are full, a client is read only while its own queue is empty. */
  #isOverTotal(queue: SendQueue): boolean {
    return this.#bytes >= this.#limits.totalBytes && queue.waitingBytes > 0;
  }
}
