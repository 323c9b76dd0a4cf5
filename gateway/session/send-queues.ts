/** Counts the bytes that wait to be sent into the room, in all sessions together. */
export class SendQueues {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  /** Negative when bytes were sent or dropped. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}
