/**
 * Detects a client that reads too slowly. A single byte now and then resets an idle timeout, so that its download would
 * stay for ever.
 *
 *     window:  | 80 KB sent | 70 KB sent | 3 KB sent, more waits -> too slow |
 */
export interface MinimumRateOptions {
  /** 0 allows any rate. */
  bytesPerSecond: number;
  /** How often the rate is checked. A weak signal may interrupt the client for most of a window. */
  windowMs: number;
}

/** The bytes of a connection, as a socket counts them. */
export interface SentBytes {
  /** All bytes so far, including those that wait. */
  readonly bytesWritten: number;
  /** Bytes that wait for the client to read. */
  readonly writableLength: number;
}

export class MinimumRate {
  readonly #windowBytes: number;
  readonly #connection: SentBytes;
  #sentBefore: number;

  constructor({ bytesPerSecond, windowMs }: MinimumRateOptions, connection: SentBytes) {
    this.#windowBytes = (bytesPerSecond * windowMs) / 1000;
    this.#connection = connection;
    this.#sentBefore = this.#sent;
  }

  /** Ends a window. Returns true if the client, and not this process, made it too slow. */
  isTooSlow(): boolean {
    const sent = this.#sent;
    const bytes = sent - this.#sentBefore;
    this.#sentBefore = sent;
    return bytes < this.#windowBytes && this.#connection.writableLength > 0;
  }

  get #sent(): number {
    return this.#connection.bytesWritten - this.#connection.writableLength;
  }
}
