/**
 * Inspects the first bytes of a connection, which may be the request of a browser.
 *
 *     text, undecided    passed on at once
 *     likely             held for a moment, until the request line is complete
 *     http, tls          reported; nothing more is passed on
 */
import { sniffProtocol } from './sniff-protocol.ts';

export interface OpeningListener {
  onText(bytes: Buffer): void;
  onRequest(protocol: 'http' | 'tls', request: Buffer): void;
}

/** A browser sends the request line in one packet, and a person whose message looks like one notices no delay. */
const REQUEST_LINE_WAIT_MS = 300;

export class Opening {
  readonly #listener: OpeningListener;
  #state: 'inspecting' | 'text' | 'closed' = 'inspecting';
  #bytes: Buffer = Buffer.alloc(0);
  #passedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(listener: OpeningListener) {
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    if (this.#state === 'text') this.#listener.onText(chunk);
    else if (this.#state === 'inspecting') this.#inspect(Buffer.concat([this.#bytes, chunk]));
  }

  /** Passes on the bytes that were held, because no more follow. */
  end(): void {
    if (this.#state === 'inspecting') this.#decideText();
  }

  /** Forgets the bytes that were held. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#state = 'closed';
  }

  #inspect(bytes: Buffer): void {
    this.#bytes = bytes;
    const protocol = sniffProtocol(bytes);
    switch (protocol) {
      case 'http':
      case 'tls':
        this.cancel();
        this.#listener.onRequest(protocol, bytes);
        break;
      case 'text':
        this.#decideText();
        break;
      case 'undecided':
        this.#pass();
        break;
      case 'likely':
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#pass();
        }, REQUEST_LINE_WAIT_MS).unref();
        break;
    }
  }

  #decideText(): void {
    clearTimeout(this.#timer);
    this.#state = 'text';
    this.#pass();
    this.#bytes = Buffer.alloc(0);
  }

  #pass(): void {
    const held = this.#bytes.subarray(this.#passedBytes);
    this.#passedBytes = this.#bytes.length;
    if (held.length > 0) this.#listener.onText(held);
  }
}
