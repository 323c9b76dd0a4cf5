/**
 * Relays the messages of each client to all others, as fast as its rate and the slowest reader allow.
 *
 *     bytes --> unread --turn--> LineDecoder --> lines with headers --> Broadcaster --> all other clients
 */
import type { Socket } from 'node:net';
import { TokenBucket } from '../common/token-bucket.ts';
import { Broadcaster, type Message, type Reader } from './broadcaster.ts';
import { LineDecoder, type Lines } from './line-decoder.ts';
import { isLongText, TurnQueue } from './turn-queue.ts';
import { header } from './wire.ts';

/** The room repeats a message to all others, sends it back, or acknowledges it. */
export type Mode = 'broadcast' | 'echo' | 'ack';

/** The settings of config.ts, which has their reasons and defaults. */
export interface RelayOptions {
  mode: Mode;
  maxMessageBytes: number;
  maxBacklogBytes: number;
  slowReaderMs: number;
  keyWaitMs: number;
  maxRateBytes: number;
}

export interface RelayListener {
  /** The client has sent a line. */
  onLine(client: Client, line: string): void;
  /** The client has sent its FIN, and all its lines are relayed. */
  onEnd(client: Client): void;
  /** The client does not read, and must be removed. */
  onOverflow(client: Client, waitingBytes: number): void;
}

/** Size of the broadcast of a slice. */
interface Relayed {
  /** Headers included. */
  bytes: number;
  lines: number;
}

const NOTHING: Relayed = { bytes: 0, lines: 0 };

export interface ClientIdentity {
  readonly socket: Socket;
  readonly ip: string;
  /** `('127.0.0.1', 4000)`, as Python writes an address in its log. */
  readonly name: string;
  /** `127.0.0.1:4000`, as the header shows it. */
  readonly address: string;
  /** False for a voice of a gateway, which receives broadcasts over another connection. */
  readonly wantsBroadcasts: boolean;
}

export interface Client extends ClientIdentity, Reader {
  /** Precedes every line of this client. */
  readonly prefix: string;
  readonly decoder: LineDecoder;
  readonly bucket: TokenBucket;
  /**
   *     reading --bytes, FIN--> queued --its turn--> reading --removed--> removed
   *                               ^                     | more than its rate
   *                               +------- resting <----+
   */
  state: 'reading' | 'queued' | 'resting' | 'removed';
  /** Fires when keys have waited long enough for the next key. */
  keyTimer: NodeJS.Timeout | undefined;
  /** Bytes from the socket that have not had their turn. */
  unread: Buffer | undefined;
  hasEnded: boolean;
}

/** Clients that may flood at once: a reader gets at most this many times `maxRateBytes`. */
const FLOODS_MAX = 4;

/** Bytes that one client's slice of a turn broadcasts at most, headers included. */
const SLICE_BYTES = 16 * 1024;

/**
 * Least bytes that a line counts in the rate limits, because the log and the parser of each reader pay for every line. So
 * a client of the default rate can send 4096 lines a second, which takes a reader some ms.
 */
export const LINE_COST_BYTES = 256;

/** Lines of pastes and floods that a turn broadcasts at most: about 1 ms of work for the room, and for a reader. */
const TURN_MAX_LONG_LINES = 512;

/** Bytes that a turn of the event loop broadcasts at most. A reader has as many waiting because of it. */
const TURN_MAX_BYTES = 128 * 1024;

/** Share of the backlog that a turn may fill, where the backlog is small. */
const TURN_SHARE = 1 / 8;

/** How often deferred text is retried while no reader makes progress. */
const RETRY_MS = 50;

const LF = 0x0a;
const CR = 0x0d;

export class Relay {
  readonly #options: RelayOptions;
  readonly #listener: RelayListener;
  readonly #broadcaster: Broadcaster;
  readonly #queue = new TurnQueue<Client>();
  /** Limits the broadcasts of all clients together. */
  readonly #bucket: TokenBucket;
  readonly #turnBytes: number;
  /** Messages of this turn, in the order in which all clients get them. */
  #messages: Message[] = [];
  #isTurnScheduled = false;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(options: RelayOptions, listener: RelayListener) {
    this.#options = options;
    this.#listener = listener;
    this.#bucket = byteBucket(FLOODS_MAX * options.maxRateBytes);
    this.#turnBytes = Math.min(TURN_MAX_BYTES, options.maxBacklogBytes * TURN_SHARE);
    this.#broadcaster = new Broadcaster({
      maxBacklogBytes: options.maxBacklogBytes,
      slowReaderMs: options.slowReaderMs,
      onOverflow: (reader, waitingBytes) => listener.onOverflow(reader as Client, waitingBytes),
      onProgress: () => this.#scheduleTurn(),
    });
  }

  add(identity: ClientIdentity): Client {
    const { maxMessageBytes, keyWaitMs, maxRateBytes } = this.#options;
    const client: Client = {
      ...identity,
      prefix: this.#prefix(identity.address),
      decoder: new LineDecoder(maxMessageBytes, keyWaitMs, (answer) => this.#send(client, answer)),
      bucket: byteBucket(maxRateBytes),
      next: Number.POSITIVE_INFINITY,
      state: 'reading',
      keyTimer: undefined,
      unread: undefined,
      hasEnded: false,
    };
    if (identity.wantsBroadcasts) this.#broadcaster.add(client);
    return client;
  }

  remove(client: Client): void {
    client.state = 'removed';
    this.#broadcaster.remove(client);
  }

  /** Removes a client after writing all that waits for it, because its socket is about to be closed. */
  finish(client: Client): void {
    client.state = 'removed';
    this.#broadcaster.finish(client);
  }

  push(client: Client, chunk: Buffer): void {
    if (client.state === 'removed') return;
    client.unread = client.unread ? Buffer.concat([client.unread, chunk]) : chunk;
    // Its next turn will not take all of the text, so TCP makes the sender wait.
    if (client.unread.length > SLICE_BYTES) client.socket.pause();
    this.#enqueue(client);
  }

  /** The client sends nothing more. */
  end(client: Client): void {
    client.hasEnded = true;
    this.#enqueue(client);
  }

  /**
   * Broadcasts the text of this turn of the event loop, in one write per client, because writes are the cost of a
   * full room. Text beyond the limit of a turn, or beyond what readers take, waits for a later turn.
   */
  takeTurn(): void {
    this.#isTurnScheduled = false;
    const allowed = this.#allowedKinds();
    let longLines = 0;
    for (let bytes = 0; bytes <= this.#turnBytes; ) {
      const client = this.#queue.shift({ ...allowed, long: allowed.long && longLines < TURN_MAX_LONG_LINES });
      if (client === undefined) break;
      const isLong = isLongText(client.unread?.length ?? 0);
      const relayed = this.#takeSlice(client);
      bytes += relayed.bytes;
      if (isLong) longLines += relayed.lines;
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#broadcaster.broadcast(messages);
    if (allowed.long) this.#scheduleTurn();
    else this.#scheduleRetry();
  }

  #prefix(address: string): string {
    switch (this.#options.mode) {
      case 'broadcast':
        return header(address);
      case 'echo':
        return 'Eco del servidor: ';
      case 'ack':
        return 'Mensaje recibido por el servidor (hilo): ';
    }
  }

  #enqueue(client: Client): void {
    if (client.state !== 'reading') return;
    client.state = 'queued';
    this.#queue.push(client, client.unread?.length ?? 0);
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#isTurnScheduled || (this.#queue.isEmpty && this.#messages.length === 0)) return;
    this.#isTurnScheduled = true;
    setImmediate(() => this.takeTurn());
  }

  #scheduleRetry(): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined;
      this.#scheduleTurn();
    }, RETRY_MS).unref();
  }

  /** Half the backlog is for short messages, so that a flood drops no reader and delays no conversation. */
  #allowedKinds(): { short: boolean; long: boolean } {
    const { maxBacklogBytes } = this.#options;
    const worst = this.#broadcaster.worstBacklog;
    const half = maxBacklogBytes / 2;
    return {
      short: worst <= Math.max(half, maxBacklogBytes - this.#turnBytes - SLICE_BYTES),
      long: worst <= half,
    };
  }

  #takeSlice(client: Client): Relayed {
    if (client.state === 'removed') return NOTHING;
    client.state = 'reading';
    const { unread } = client;
    if (unread === undefined) {
      if (client.hasEnded) this.#end(client);
      return NOTHING;
    }
    const size = sliceOf(unread, client.prefix.length, Math.max(SLICE_BYTES, this.#options.maxMessageBytes));
    client.unread = size < unread.length ? unread.subarray(size) : undefined;
    const relayed = this.#relay(client, client.decoder.push(unread.subarray(0, size)));
    this.#waitForKeys(client);
    const waitMs = this.#charge(client, relayed);
    if (waitMs > 0) this.#rest(client, waitMs);
    else this.#resumeReading(client);
    return relayed;
  }

  #end(client: Client): void {
    this.#relay(client, client.decoder.end());
    this.#listener.onEnd(client);
  }

  #waitForKeys(client: Client): void {
    clearTimeout(client.keyTimer);
    const ms = client.decoder.flushInMs;
    if (ms === undefined) return;
    client.keyTimer = setTimeout(() => {
      if (client.state === 'removed') return;
      this.#charge(client, this.#relay(client, client.decoder.flush()));
      this.#scheduleTurn();
    }, ms).unref();
  }

  /** Pauses a client that has sent too fast. TCP makes it wait, so nothing is lost. */
  #rest(client: Client, ms: number): void {
    if (client.state === 'removed') return;
    client.state = 'resting';
    client.socket.pause();
    setTimeout(() => {
      if (client.state === 'removed') return;
      client.state = 'reading';
      this.#resumeReading(client);
    }, ms).unref();
  }

  #resumeReading(client: Client): void {
    if (client.unread !== undefined || client.hasEnded) this.#enqueue(client);
    else if (client.socket.isPaused()) client.socket.resume();
  }

  /** Gives every line a prefix, so that no client forges a line of another, nor of the log. */
  #relay(sender: Client, { lineEnd, lines }: Lines): Relayed {
    if (lineEnd === '' && lines.length === 0) return NOTHING;

    const bytes = Buffer.from(lineEnd + lines.map((line) => sender.prefix + line).join(''));
    if (this.#options.mode === 'broadcast') this.#messages.push({ sender, bytes });
    else this.#send(sender, bytes);
    for (const line of lines) this.#listener.onLine(sender, line);
    return { bytes: bytes.length, lines: lines.length };
  }

  /** Writes to this client alone. */
  #send(client: Client, bytes: Buffer): void {
    if (client.state === 'removed') return;
    const waiting = this.#broadcaster.backlog(client);
    if (waiting > 0 && waiting + bytes.length > this.#options.maxBacklogBytes) {
      this.#listener.onOverflow(client, waiting + bytes.length);
    } else client.socket.write(bytes);
  }

  /** Returns the milliseconds that the client must rest, because of its own rate or that of all together. */
  #charge(client: Client, { bytes, lines }: Relayed): number {
    const cost = Math.max(bytes, lines * LINE_COST_BYTES);
    client.bucket.charge(cost);
    if (this.#options.mode !== 'broadcast') return client.bucket.debtMs();
    this.#bucket.charge(cost);
    return Math.max(client.bucket.debtMs(), this.#bucket.debtMs());
  }
}

/** Allows one second's bytes at once. */
function byteBucket(bytesPerSecond: number): TokenBucket {
  return new TokenBucket({ burst: bytesPerSecond, perSecond: bytesPerSecond });
}

/**
 * Returns how many of the bytes make at most `maxBytes` with a header for each line. Ends after a line end where it
 * can, because the text after it has a header of its own.
 */
function sliceOf(bytes: Buffer, headerBytes: number, maxBytes: number): number {
  if (bytes.length * (1 + headerBytes) <= maxBytes) return bytes.length;
  let cost = 0;
  let lineEnd = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (++cost > maxBytes) return lineEnd || at;
    if (bytes[at] !== LF && bytes[at] !== CR) continue;
    cost += headerBytes;
    lineEnd = at + 1;
  }
  return bytes.length;
}
