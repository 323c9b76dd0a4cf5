/**
 * The newest entries of the transcript, as browsers get them: each is encoded once, into one ring of bytes. So a
 * reader costs a copy of bytes, and a flood costs no memory: the oldest entries are overwritten.
 *
 *     | 7, | 8, | 9, |   (free)   | 4, | 5, | 6, |  - |
 *                    ^ end        ^ tail
 */
import { textFrame, textOf } from '../lib/websocket-frame.ts';
import type { Entry } from '../protocol.ts';

export interface RingBufferOptions {
  /** Most entries kept. */
  maxEntries: number;
  /** Size of the ring, bytes of JSON. An entry must fit. */
  maxBytes: number;
}

/** A WebSocket frame: `messages` of the protocol, with the entries from after `after` to `last`. */
export interface Batch {
  after: number;
  last: number;
  frame: Buffer;
  /** Read from disk, which costs a thousand times what the ring does. */
  fromDisk?: true;
}

const MESSAGES_START = Buffer.from('{"type":"messages","messages":[');
const MESSAGES_END = Buffer.from(']}');
const COMMA = ',';

export class RingBuffer {
  readonly #ring: Buffer;
  /** Where each entry lies in the ring, by seq modulo their number. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #head: number;
  #tail: number;
  #end = 0;

  constructor({ maxEntries, maxBytes }: RingBufferOptions, head = 0) {
    // Filled, so that the memory is taken now and not in the middle of a flood.
    this.#ring = Buffer.allocUnsafeSlow(maxBytes).fill(0);
    this.#starts = new Uint32Array(maxEntries);
    this.#ends = new Uint32Array(maxEntries);
    this.#head = head;
    this.#tail = head + 1;
  }

  /** Newest seq; 0 while the log is empty. */
  get head(): number {
    return this.#head;
  }

  /** Oldest seq kept; head + 1 while there is none. */
  get tail(): number {
    return this.#tail;
  }

  /** Adds the JSON of the entry with the seq after `head`. Throws RangeError if it is larger than the ring. */
  append(json: string): void {
    const seq = this.#head + 1;
    this.#evictFor(Buffer.byteLength(json) + COMMA.length);
    const slot = seq % this.#starts.length;
    this.#starts[slot] = this.#end;
    this.#end += this.#ring.write(json + COMMA, this.#end);
    this.#ends[slot] = this.#end;
    this.#head = seq;
  }

  /**
   * The frame that follows `after`: at most `maxEntries`, and about `maxBytes`, but at least one entry.
   * Undefined if there is nothing after it.
   */
  batch(
    after: number,
    maxEntries = Number.POSITIVE_INFINITY,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Batch | undefined {
    const first = Math.max(after + 1, this.#tail);
    if (first > this.#head) return undefined;
    const start = this.#startOf(first);
    let last = first;
    while (last < this.#head && last - first + 1 < maxEntries) {
      // Stops where the ring begins again: the rest is another frame.
      if (this.#endOf(last + 1) - start > maxBytes || this.#startOf(last + 1) < start) break;
      last++;
    }
    const json = this.#ring.subarray(start, this.#endOf(last) - COMMA.length);
    return { after, last, frame: textFrame(MESSAGES_START, json, MESSAGES_END) };
  }

  #evictFor(size: number): void {
    if (size > this.#ring.length)
      throw new RangeError(`an entry of ${size} bytes does not fit in the transcript`);
    if (this.#head - this.#tail + 1 === this.#starts.length) this.#tail++;
    if (this.#end + size > this.#ring.length) {
      this.#forgetUpTo(this.#ring.length);
      this.#end = 0;
    }
    this.#forgetUpTo(this.#end + size);
  }

  /** Forgets the entries that lie between the end and `limit`. */
  #forgetUpTo(limit: number): void {
    while (this.#tail <= this.#head) {
      const start = this.#startOf(this.#tail);
      if (start < this.#end || start >= limit) return;
      this.#tail++;
    }
  }

  #startOf(seq: number): number {
    return this.#starts[seq % this.#starts.length] ?? 0;
  }

  #endOf(seq: number): number {
    return this.#ends[seq % this.#ends.length] ?? 0;
  }
}

/** A batch of entries that are not in the ring. */
export function batchOf(after: number, last: number, entries: string[]): Batch {
  const frame = textFrame(MESSAGES_START, Buffer.from(entries.join(COMMA)), MESSAGES_END);
  return { after, last, frame, fromDisk: true };
}

/** The entries of a batch, for who does not speak JSON. */
export function entriesOf({ frame }: Batch): Entry[] {
  return (JSON.parse(textOf(frame)) as { messages: Entry[] }).messages;
}
