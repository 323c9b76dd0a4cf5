/**
 * A WebSocket that reads the transcript: a cursor, never a queue. A full socket receives nothing until it drains, and
 * then continues from its cursor. So a slow subscriber costs no more than a fast one.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TokenBucket } from '../../common/token-bucket.ts';
import type { Peer } from '../lib/client-address.ts';
import { closeWebSocket } from '../lib/close-websocket.ts';
import { textFrame } from '../lib/websocket-frame.ts';
import { CLOSE, type ServerMessage } from '../protocol.ts';
import type { Batch } from '../transcript/ring-buffer.ts';
import type { Transcript } from '../transcript/transcript.ts';
import type { CatchUpReader, CatchUpScheduler } from './catch-up-scheduler.ts';
import type { Encoder } from './encoders.ts';

/** Size of a catch-up frame: entries, and bytes unless a single entry is larger. */
const CATCH_UP_ENTRIES = 200;
const CATCH_UP_BYTES = 16 * 1024;

/** Shortest delay for an address that has read too much from disk, ms. Many subscribers then wake up together. */
const DISK_DELAY_MS = 100;

/** A WebSocket and the client at its other end. */
export interface ClientConnection {
  socket: WebSocket;
  /** The stream below the WebSocket. */
  stream: Duplex;
  peer: Peer;
  /** The client has the hosts' passphrase. */
  isHost: boolean;
}

/** Why a client is not read: its send queue is full, or it exceeds the rate limit. */
export type Pause = 'queue' | 'rate';

export type SubscriberLog = Pick<Transcript, 'head' | 'batch'>;

export class Subscriber implements CatchUpReader {
  readonly peer: Peer;
  readonly isHost: boolean;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #log: SubscriberLog;
  readonly #catchUp: CatchUpScheduler;
  readonly #encoder: Encoder;
  /** How many bytes its address may still read from disk. undefined: no limit. */
  readonly #diskBucket: TokenBucket | undefined;
  /** The last batch came from disk, so the next one will too. */
  #readsDisk = false;
  #diskTimer: NodeJS.Timeout | undefined;
  /** Last seq written, null before `read`. */
  #cursor: number | null = null;
  #aliveAt = Date.now();
  readonly #pauses: Record<Pause, boolean> = { queue: false, rate: false };

  constructor(
    { socket, stream, peer, isHost }: ClientConnection,
    log: SubscriberLog,
    catchUp: CatchUpScheduler,
    encoder: Encoder,
    diskBucket?: TokenBucket,
  ) {
    this.peer = peer;
    this.isHost = isHost;
    this.#socket = socket;
    this.#stream = stream;
    this.#log = log;
    this.#catchUp = catchUp;
    this.#encoder = encoder;
    this.#diskBucket = diskBucket;
    stream.on('drain', () => {
      this.touch();
      if (this.behind > 0) this.#catchUp.enqueue(this);
    });
  }

  get readsDisk(): boolean {
    return this.#readsDisk;
  }

  /** Number of entries after the cursor. */
  get behind(): number {
    return this.#cursor === null ? 0 : this.#log.head - this.#cursor;
  }

  /** Returns true if the client may have the entry `seq`. Before `read` it may have more than this log. */
  mayHaveRead(seq: number): boolean {
    return this.#cursor === null || this.#cursor >= seq;
  }

  /** Starts reading the log after `seq`. */
  read(seq: number): void {
    this.#cursor = seq;
    this.sendNext();
  }

  /**
   * Writes the next batch and returns true, unless the socket is full. A fan-out passes `fresh`, encoded once for all
   * subscribers that are up to date. The others are enqueued to catch up.
   */
  sendNext(fresh?: Batch): boolean {
    if (this.#cursor === null || this.behind === 0 || this.#isFull || !this.#isOpen) return false;
    if (fresh && fresh.after !== this.#cursor) {
      this.#catchUp.enqueue(this);
      return false;
    }
    if (this.#isDiskDelayed) return false;
    const batch = fresh ?? this.#log.batch(this.#cursor, CATCH_UP_ENTRIES, CATCH_UP_BYTES);
    if (!batch) return false;
    this.#readsDisk = batch.fromDisk === true;
    if (batch.fromDisk) this.#diskBucket?.charge(batch.frame.length);
    this.#cursor = batch.last;
    this.#write(this.#encoder.batch(batch));
    if (this.behind > 0 && !this.#isFull) this.#catchUp.enqueue(this);
    return true;
  }

  send(message: ServerMessage): void {
    this.#write(this.#encoder.message(message));
  }

  /** Returns false if the socket is full, and sends nothing then. */
  sendIfWritable(message: ServerMessage): boolean {
    if (this.#isFull || !this.#isOpen) return false;
    this.send(message);
    return true;
  }

  /** Sends a whole frame, which may go to many. Sends nothing while the socket is full. */
  sendFrameIfWritable(frame: Buffer): void {
    if (!this.#isFull) this.#write(frame);
  }

  /** Sends a ping, or closes a connection without a sign of life for `stallTimeoutMs`. */
  pingOrClose(now: number, stallTimeoutMs: number): void {
    if (now - this.#aliveAt > stallTimeoutMs && !this.#socket.isPaused) {
      this.close(CLOSE.stalled, 'nothing read or answered for too long');
    } else if (this.#isOpen) this.#socket.ping();
  }

  /** Stops reading the client until it is resumed for each reason, also while it is closed. Its messages wait in the network. */
  pause(reason: Pause): void {
    this.#pauses[reason] = true;
    this.#socket.pause();
  }

  resume(reason: Pause): void {
    this.#pauses[reason] = false;
    const { queue, rate } = this.#pauses;
    if (!queue && !rate && this.#socket.isPaused) this.#socket.resume();
    this.touch();
  }

  close(code: number, reason: string): void {
    this.#cursor = null;
    closeWebSocket(this.#socket, code, reason);
  }

  /** The address has read too much from disk, and continues when its token bucket has refilled. */
  get #isDiskDelayed(): boolean {
    if (this.#diskTimer) return true;
    const wait = this.#readsDisk ? (this.#diskBucket?.waitMs() ?? 0) : 0;
    if (wait === 0) return false;
    this.#diskTimer = setTimeout(
      () => {
        this.#diskTimer = undefined;
        this.#catchUp.enqueue(this);
      },
      Math.max(DISK_DELAY_MS, wait),
    );
    this.#diskTimer.unref();
    return true;
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** A full stream emits `drain` later. */
  get #isFull(): boolean {
    return this.#stream.writableLength >= this.#stream.writableHighWaterMark;
  }

  /**
   * Writes to the stream directly, because ws would make a frame for each client, and write header and text apart. ws
   * writes its own frames (ping, pong, close) whole, as compression is off, so frames never mix.
   */
  #write(data: string | Buffer | undefined): void {
    if (data === undefined || !this.#isOpen) return;
    // A write callback would cost an event for each socket.
    if (this.#stream.write(typeof data === 'string' ? textFrame(Buffer.from(data)) : data)) this.touch();
  }

  /** Notes a sign of life. */
  touch(): void {
    this.#aliveAt = Date.now();
  }
}
