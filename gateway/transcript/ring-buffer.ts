/**
 * Keeps the newest entries of the transcript as JSON, in one ring of bytes. Each entry is encoded once, so a reader
 * costs a copy of bytes. A flood takes no memory, because it overwrites the oldest entries.
 *
 *     | 7, | 8, | 9, |   (free)   | 4, | 5, | 6, |  - |
 *                    ^ end        ^ tail
 */
import { textFrame, textOf } from '../lib/websocket-frame.ts';
import type { Entry } from '../protocol.ts';

export interface RingBufferOptions {
  /** Largest number of entries. */
  maxEntries: number;
  /** Size of the ring, bytes of JSON. No entry may be larger. */
  maxBytes: number;
}

/** A WebSocket frame with a `messages` message of the protocol: the entries after `after`, up to `last`. */
export interface Batch {
  after: number;
  last: number;
  frame: Buffer;
  /** The frame for hosts, if the batch holds a hidden message. */
  hostFrame?: Buffer;
  /** The batch comes from disk, which costs a thousand times as much as the ring. */
  fromDisk?: true;
}

const MESSAGES_START = Buffer.from('{"type":"messages","messages":[');
const MESSAGES_END = Buffer.from(']}');
const COMMA = ',';

export class RingBuffer {
  readonly #ring: Buffer;
  /** Where each entry begins and ends in the ring, by its seq modulo the number of entries. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #head: number;
  #tail: number;
  #end = 0;

  constructor({ maxEntries, maxBytes }: RingBufferOptions, head = 0) {
    // Filling takes the memory now, and not in the middle of a flood.
    this.#ring = Buffer.allocUnsafeSlow(maxBytes).fill(0);
    this.#starts = new Uint32Array(maxEntries);
    this.#ends = new Uint32Array(maxEntries);
    this.#head = head;
    this.#tail = head + 1;
  }

  /** The newest seq, 0 while the log is empty. */
  get head(): number {
    return this.#head;
  }

  /** The oldest seq in the ring, head + 1 while the ring is empty. */
  get tail(): number {
    return this.#tail;
  }

  /** Appends the JSON of the next entry. Throws RangeError if the JSON is larger than the ring. */
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
   * Returns a frame with the entries after `after`: at most `maxEntries` and about `maxBytes`, but at least one entry.
   * Returns undefined if there are none.
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
      // A frame ends where the ring wraps around, because its bytes must be contiguous.
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
      this.#evictUpTo(this.#ring.length);
      this.#end = 0;
    }
    this.#evictUpTo(this.#end + size);
  }

  /** Evicts the entries between the end and `limit`. */
  #evictUpTo(limit: number): void {
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

/** Makes a batch of entries from disk. */
export function batchOf(after: number, last: number, entries: string[]): Batch {
  return { after, last, frame: frameOf(entries), fromDisk: true };
}

/** Makes a frame of entries as JSON. */
export function frameOf(entries: string[]): Buffer {
  return textFrame(MESSAGES_START, Buffer.from(entries.join(COMMA)), MESSAGES_END);
}

/** Parses the entries of a batch, for clients that do not use JSON. */
export function entriesOf({ frame }: Batch): Entry[] {
  return (JSON.parse(textOf(frame)) as { messages: Entry[] }).messages;
}
