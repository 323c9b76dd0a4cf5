/**
 * Delivers each broadcast to every client but its sender, from one shared copy.
 *
 *     log     | chunk | chunk | chunk |        a chunk is what one turn of the event loop brought
 *                 ^               ^
 *              slow reader     all others      a reader is a cursor: how far behind it is costs no memory of its own
 *
 * The log reaches back to the slowest reader, and no reader may be further behind than the maximum.
 */
import type { Socket } from 'node:net';

export interface FanOutOptions {
  maxBacklogBytes: number;
  /** How long broadcasts wait for a reader that is half the maximum behind. */
  slowReaderMs: number;
  /** The reader is over the maximum: it is to be removed. */
  onOverflow: (reader: Reader, waitingBytes: number) => void;
  /** A reader that was behind has read on. */
  onProgress: () => void;
}

export interface Reader {
  readonly socket: Socket;
  /** Number of the next chunk to write. */
  next: number;
}

export interface Message {
  readonly sender: Reader;
  readonly bytes: Buffer;
}

interface Part {
  readonly sender: Reader;
  readonly end: number;
}

interface Chunk {
  readonly bytes: Buffer;
  readonly parts: Part[];
  readonly senders: Set<Reader>;
  /** Where it begins in all that was ever broadcast, bytes. */
  readonly start: number;
}

export class FanOut {
  readonly #options: FanOutOptions;
  readonly #readers = new Set<Reader>();
  /** Readers over half the maximum, and since when. */
  readonly #lagging = new Map<Reader, number>();
  #log: Chunk[] = [];
  /** Number of the first chunk of the log. */
  #first = 0;
  /** All that was ever broadcast, bytes. */
  #total = 0;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  /** The reader gets what is broadcast from now on. */
  add(reader: Reader): void {
    reader.next = this.#end;
    this.#readers.add(reader);
    reader.socket.on('drain', () => this.#onDrain(reader));
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
    this.#lagging.delete(reader);
  }

  /** Writes all that is left for it: the socket is about to be closed. */
  finish(reader: Reader): void {
    this.#write(reader, Number.POSITIVE_INFINITY);
    this.remove(reader);
  }

  broadcast(messages: Message[]): void {
    if (messages.length === 0) return;
    const chunk = this.#append(messages);
    let oldest = this.#end;
    for (const reader of this.#readers) {
      this.#write(reader, reader.socket.writableHighWaterMark);
      if (reader.socket.writableLength > 0) this.#judge(reader, chunk.bytes.length);
      oldest = Math.min(oldest, reader.next);
    }
    this.#log.splice(0, oldest - this.#first);
    this.#first = oldest;
  }

  /** Bytes that wait in this process for the reader. */
  backlog(reader: Reader): number {
    const unwritten = this.#log[reader.next - this.#first];
    return reader.socket.writableLength + (unwritten ? this.#total - unwritten.start : 0);
  }

  /** The largest backlog of those readers that may still catch up, bytes. */
  get worstBacklog(): number {
    let worst = 0;
    for (const reader of this.#lagging.keys()) {
      if (this.#mayCatchUp(reader)) worst = Math.max(worst, this.backlog(reader));
    }
    return worst;
  }

  get #end(): number {
    return this.#first + this.#log.length;
  }

  #append(messages: Message[]): Chunk {
    let end = 0;
    const parts = messages.map(({ sender, bytes }) => {
      end += bytes.length;
      return { sender, end };
    });
    const senders = new Set(messages.map(({ sender }) => sender));
    const bytes = Buffer.concat(
      messages.map((message) => message.bytes),
      end,
    );
    const chunk = { bytes, parts, senders, start: this.#total };
    this.#log.push(chunk);
    this.#total += end;
    return chunk;
  }

  /** Writes the next chunks, until `enough` bytes wait in the socket: then its 'drain' follows. */
  #write(reader: Reader, enough: number): void {
    const { socket } = reader;
    const isBehind = reader.next < this.#end - 1;
    // One system call for several chunks.
    if (isBehind) socket.cork();
    while (reader.next < this.#end && socket.writableLength < enough) {
      const chunk = this.#log[reader.next++ - this.#first];
      if (chunk?.senders.has(reader)) this.#writeOthers(reader, chunk);
      else if (chunk) socket.write(chunk.bytes);
    }
    if (isBehind) socket.uncork();
  }

  /** Writes the chunk without what the reader itself sent, as views of the same memory. */
  #writeOthers(reader: Reader, { bytes, parts }: Chunk): void {
    reader.socket.cork();
    let start = 0;
    let end = 0;
    for (const part of parts) {
      if (part.sender === reader) {
        if (end > start) reader.socket.write(bytes.subarray(start, end));
        start = part.end;
      }
      end = part.end;
    }
    if (end > start) reader.socket.write(bytes.subarray(start, end));
    reader.socket.uncork();
  }

  #onDrain(reader: Reader): void {
    if (!this.#readers.has(reader)) return;
    this.#write(reader, reader.socket.writableHighWaterMark);
    if (!this.#lagging.has(reader)) return;
    if (this.backlog(reader) <= this.#options.maxBacklogBytes / 2) this.#lagging.delete(reader);
    this.#options.onProgress();
  }

  /** The chunk just broadcast is in the backlog already. */
  #judge(reader: Reader, chunkBytes: number): void {
    const { maxBacklogBytes } = this.#options;
    const waiting = this.backlog(reader);
    if (waiting <= maxBacklogBytes / 2) return;
    if (!this.#lagging.has(reader)) this.#lagging.set(reader, performance.now());
    const isFirst = waiting <= chunkBytes;
    if (waiting > maxBacklogBytes && !isFirst && !this.#mayCatchUp(reader)) {
      this.#options.onOverflow(reader, waiting);
    }
  }

  #mayCatchUp(reader: Reader): boolean {
    const since = this.#lagging.get(reader);
    return since !== undefined && performance.now() - since < this.#options.slowReaderMs;
  }
}
