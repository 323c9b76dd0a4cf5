/**
 * One WebSocket as a reader of the transcript: a cursor, never a queue. While its socket is full it gets
 * nothing; when it drains it reads on from where it was. What it costs does not depend on how slow it is.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TokenBucket } from '../../common/token-bucket.ts';
import type { Peer } from '../lib/client-address.ts';
import { textFrame } from '../lib/websocket-frame.ts';
import { CLOSE, type ServerMessage } from '../protocol.ts';
import type { Batch } from '../transcript/ring-buffer.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { CatchUpReader, CatchUpScheduler } from './catch-up-scheduler.ts';

/** One frame of catching up: at most so many entries, and no more bytes than this if there is a choice. */
const CATCH_UP_ENTRIES = 200;
const CATCH_UP_BYTES = 16 * 1024;

/** How long a reader waits at least whose address has read too much from disk, ms: many wake up seldom, not in turn. */
const PUT_OFF_MS = 100;

/** How long a browser may take to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 1_000;

/** A WebSocket, and who is at its other end. */
export interface ClientConnection {
  socket: WebSocket;
  /** What the WebSocket writes to. */
  stream: Duplex;
  peer: Peer;
}

/** How what the gateway says is written on this socket: a whole frame, or its text; undefined: it is not. */
export interface Encoder {
  batch(batch: Batch): Buffer | string | undefined;
  message(message: ServerMessage): string | undefined;
}

/** Why a browser is not read for now: the room has not heard what it said yet, or it sends too fast. */
export type Pause = 'room' | 'pace';

/** What it reads: its newest seq, and what follows another. */
export type SubscriberLog = Pick<Transcript, 'head' | 'batch'>;

export class Subscriber implements CatchUpReader {
  readonly peer: Peer;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #log: SubscriberLog;
  readonly #catchUp: CatchUpScheduler;
  readonly #encoder: Encoder;
  /** What its address may still read from disk, bytes; undefined: without limit. */
  readonly #diskAllowance: TokenBucket | undefined;
  /** The last batch came from disk, so the next one does, too. */
  #readsDisk = false;
  #putOff: NodeJS.Timeout | undefined;
  /** Last seq written; null before the welcome. */
  #cursor: number | null = null;
  #movedAt = Date.now();
  readonly #pauses: Record<Pause, boolean> = { room: false, pace: false };

  constructor(
    { socket, stream, peer }: ClientConnection,
    log: SubscriberLog,
    turns: CatchUpScheduler,
    format: Encoder,
    diskAllowance?: TokenBucket,
  ) {
    this.peer = peer;
    this.#socket = socket;
    this.#stream = stream;
    this.#log = log;
    this.#catchUp = turns;
    this.#encoder = format;
    this.#diskAllowance = diskAllowance;
    stream.on('drain', () => {
      this.moved();
      if (this.behind > 0) this.#catchUp.enqueue(this);
    });
  }

  /** Entries it has not been sent yet. */
  get behind(): number {
    return this.#cursor === null ? 0 : this.#log.head - this.#cursor;
  }

  /** Reads the log from after `seq`, then lives on what is added. */
  read(seq: number): void {
    this.#cursor = seq;
    this.sendNext();
  }

  /**
   * Writes the next batch, if the socket takes it: `fresh`, which was encoded for all who are up to date, and who is not
   * gets in line. Has it written?
   */
  sendNext(fresh?: Batch): boolean {
    if (this.#cursor === null || this.behind === 0 || this.#isFull || !this.#isOpen) return false;
    if (fresh && fresh.after !== this.#cursor) {
      this.#catchUp.enqueue(this);
      return false;
    }
    if (this.#isPutOff) return false;
    const batch = fresh ?? this.#log.batch(this.#cursor, CATCH_UP_ENTRIES, CATCH_UP_BYTES);
    if (!batch) return false;
    this.#readsDisk = batch.fromDisk === true;
    if (batch.fromDisk) this.#diskAllowance?.charge(batch.frame.length);
    this.#cursor = batch.last;
    this.#write(this.#encoder.batch(batch));
    if (this.behind > 0 && !this.#isFull) this.#catchUp.enqueue(this);
    return true;
  }

  send(message: ServerMessage): void {
    this.#write(this.#encoder.message(message));
  }

  /** Sends what is in no log, unless the socket is full. Returns false when it was not sent. */
  sendIfWritable(message: ServerMessage): boolean {
    if (this.#isFull || !this.#isOpen) return false;
    this.send(message);
    return true;
  }

  /** Asks for a sign of life, and ends a connection that has shown none for `stallTimeoutMs`. */
  pingOrClose(now: number, stallTimeoutMs: number): void {
    if (now - this.#movedAt > stallTimeoutMs && !this.#socket.isPaused) {
      this.close(CLOSE.stalled, 'nothing read or answered for too long');
    } else if (this.#isOpen) this.#socket.ping();
  }

  /** Stops reading this browser until each reason to is gone. What it sends waits in the network. */
  pause(why: Pause): void {
    if (!this.#isOpen) return;
    this.#pauses[why] = true;
    this.#socket.pause();
  }

  resume(why: Pause): void {
    this.#pauses[why] = false;
    const { room, pace } = this.#pauses;
    if (!room && !pace && this.#socket.isPaused) this.#socket.resume();
    this.moved();
  }

  close(code: number, reason: string): void {
    this.#cursor = null;
    if (this.#socket.isPaused) this.#socket.resume();
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Its address has read too much from disk: it goes on when the allowance has grown. */
  get #isPutOff(): boolean {
    if (this.#putOff) return true;
    const wait = this.#readsDisk ? (this.#diskAllowance?.waitMs() ?? 0) : 0;
    if (wait === 0) return false;
    this.#putOff = setTimeout(
      () => {
        this.#putOff = undefined;
        this.#catchUp.enqueue(this);
      },
      Math.max(PUT_OFF_MS, wait),
    );
    this.#putOff.unref();
    return true;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** From here on the stream tells when it has drained. */
  get #isFull(): boolean {
    return this.#stream.writableLength >= this.#stream.writableHighWaterMark;
  }

  /**
   * Past the WebSocket, which would frame it for each browser anew and write header and text apart. Its own frames
   * (ping, pong, close) are whole when it writes them, as it does not compress: none can come between.
   */
  #write(data: string | Buffer | undefined): void {
    if (data === undefined || !this.#isOpen) return;
    // Without a callback: Node would come back to each socket only to say that it is done.
    if (this.#stream.write(typeof data === 'string' ? textFrame(Buffer.from(data)) : data)) this.moved();
  }

  /** It has shown a sign of life. */
  moved(): void {
    this.#movedAt = Date.now();
  }
}
