/**
 * Delivers each broadcast to every client but its sender, from one shared copy.
 *
 *     log     | batch | batch | batch |        a batch is the broadcasts of one turn of the event loop
 *                 ^               ^
 *              slow reader     all others      a reader is a cursor, so its backlog takes no memory of its own
 *
 * The log reaches back to the slowest reader, and no reader may be further behind than the maximum.
 */
import type { Socket } from 'node:net';

export interface BroadcasterOptions {
  maxBacklogBytes: number;
  /** How long floods wait for a reader that is half the maximum behind. */
  slowReaderMs: number;
  /** The reader is over the maximum and must be removed. */
  onOverflow: (reader: Reader, waitingBytes: number) => void;
  /** A reader that was behind has caught up a little. */
  onProgress: () => void;
}

export interface Reader {
  readonly socket: Socket;
  /** Number of the next batch to write. */
  next: number;
}

export interface Message {
  readonly sender: Reader;
  readonly bytes: Buffer;
}

interface Span {
  readonly sender: Reader;
  readonly end: number;
}

interface Batch {
  readonly bytes: Buffer;
  readonly spans: Span[];
  readonly senders: Set<Reader>;
  /** Offset in the stream of all broadcasts, bytes. */
  readonly offset: number;
}

export class Broadcaster {
  readonly #options: BroadcasterOptions;
  readonly #readers = new Set<Reader>();
  /** Readers over half the maximum, and since when. */
  readonly #lagging = new Map<Reader, number>();
  #log: Batch[] = [];
  /** Number of the first batch of the log. */
  #first = 0;
  /** Size of the stream of all broadcasts, bytes. */
  #totalBytes = 0;

  constructor(options: BroadcasterOptions) {
    this.#options = options;
  }

  /** Adds a reader, which gets the broadcasts from now on. */
  add(reader: Reader): void {
    reader.next = this.#end;
    this.#readers.add(reader);
    reader.socket.on('drain', () => this.#onDrain(reader));
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
    this.#lagging.delete(reader);
  }

  /** Removes a reader after writing its whole backlog, because its socket is about to be closed. */
  finish(reader: Reader): void {
    this.#write(reader, Number.POSITIVE_INFINITY);
    this.remove(reader);
  }

  broadcast(messages: Message[]): void {
    if (messages.length === 0) return;
    const batch = this.#append(messages);
    let oldest = this.#end;
    for (const reader of this.#readers) {
      this.#write(reader, reader.socket.writableHighWaterMark);
      if (reader.socket.writableLength > 0) this.#checkBacklog(reader, batch.bytes.length);
      oldest = Math.min(oldest, reader.next);
    }
    this.#log.splice(0, oldest - this.#first);
    this.#first = oldest;
  }

  /** Returns the bytes that wait in this process for the reader. */
  backlog(reader: Reader): number {
    const unwritten = this.#log[reader.next - this.#first];
    return reader.socket.writableLength + (unwritten ? this.#totalBytes - unwritten.offset : 0);
  }

  /** The largest backlog of the readers that may still catch up, bytes. */
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

  #append(messages: Message[]): Batch {
    let end = 0;
    const spans = messages.map(({ sender, bytes }) => {
      end += bytes.length;
      return { sender, end };
    });
    const senders = new Set(messages.map(({ sender }) => sender));
    const bytes = Buffer.concat(
      messages.map((message) => message.bytes),
      end,
    );
    const batch = { bytes, spans, senders, offset: this.#totalBytes };
    this.#log.push(batch);
    this.#totalBytes += end;
    return batch;
  }

  /** Writes the next batches until `maxWaiting` bytes wait in the socket, which then emits 'drain'. */
  #write(reader: Reader, maxWaiting: number): void {
    const { socket } = reader;
    const isBehind = reader.next < this.#end - 1;
    // One system call writes several batches.
    if (isBehind) socket.cork();
    while (reader.next < this.#end && socket.writableLength < maxWaiting) {
      const batch = this.#log[reader.next++ - this.#first];
      if (batch?.senders.has(reader)) this.#writeOthers(reader, batch);
      else if (batch) socket.write(batch.bytes);
    }
    if (isBehind) socket.uncork();
  }

  /** Writes the batch without the reader's own messages, as views of the same memory. */
  #writeOthers(reader: Reader, { bytes, spans }: Batch): void {
    reader.socket.cork();
    let start = 0;
    let end = 0;
    for (const span of spans) {
      if (span.sender === reader) {
        if (end > start) reader.socket.write(bytes.subarray(start, end));
        start = span.end;
      }
      end = span.end;
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

  /** The batch just broadcast is in the backlog already. */
  #checkBacklog(reader: Reader, batchBytes: number): void {
    const { maxBacklogBytes } = this.#options;
    const waiting = this.backlog(reader);
    if (waiting <= maxBacklogBytes / 2) return;
    if (!this.#lagging.has(reader)) this.#lagging.set(reader, performance.now());
    const isFirst = waiting <= batchBytes;
    if (waiting > maxBacklogBytes && !isFirst && !this.#mayCatchUp(reader)) {
      this.#options.onOverflow(reader, waiting);
    }
  }

  #mayCatchUp(reader: Reader): boolean {
    const since = this.#lagging.get(reader);
    return since !== undefined && performance.now() - since < this.#options.slowReaderMs;
  }
}
