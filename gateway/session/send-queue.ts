/**
 * Sends the messages of one session: sanitized, cut into chunks, one chunk at a time, each acknowledged by its echo.
 *
 *     message:  waiting --first chunk sent--> sent --all chunks echoed--> heard
 *                                               \--- time-out --> unconfirmed --late echo--> heard
 *
 * The unchanged server sets the speed. It reads at most 1024 bytes at a time. It glues chunks that pile up in front of
 * it, cuts them inside a character, and dies of that. So the next chunk goes out when the last has its echo. Without an
 * echo it goes out after a time-out, if all bytes in flight still fit in one read: then a server may wake up late.
 */
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { FailReason, Limits, ReceiptState } from '../protocol.ts';
import type { Manner } from '../upstream/formats/manner.ts';
import { Chunks } from './chunks.ts';
import { EchoMatcher } from './echo-matcher.ts';
import { sanitize } from './sanitize.ts';

/** Remembered messages, so that a repeated id is not sent twice. A page keeps far fewer open. */
const REMEMBERED_MESSAGES = 1_000;

/** How much private text is searched for an echo, characters: a chunk and the text around it. */
const ANSWER_MAX = 4 * WIRE_MAX_BYTES;

/** A chunk without an echo for this time counts as read and lost, if the room has sent other text since, ms. */
const PRESUMED_READ_MS = 10_000;

/**
 * A message of which a cluster's log has nothing this long after its last echo is unconfirmed, ms: twice as long as an
 * election and a takeover. The gateway that appends may take its lines for those of somebody else.
 */
const LOGGED_WITHIN_MS = 22_000;

/** How often a late chunk is checked again, ms. */
const LATE_RECHECK_MS = 1_000;

export interface Receipt {
  id: string;
  state: ReceiptState;
  /** Seq of the message's first entry in the log. */
  seq?: number;
  reason?: FailReason;
}

export interface SendQueueListener {
  /** One chunk is due. */
  onChunk(text: string): void;
  /** `delayMs`: since the message came. `isRepeat`: the page sent a settled message again. */
  onReceipt(receipt: Receipt, delayMs: number, isRepeat: boolean): void;
  /** Nothing is left to send. May be called more than once. */
  onIdle(): void;
  /** The bytes that wait to be sent have grown by `bytes`, or shrunk if negative. */
  onQueueChange(bytes: number): void;
  /** Returns true if the room has shown since `time` (ms since 1970) that it is not frozen. */
  hasRoomMovedSince(time: number): boolean;
  /** A chunk that was sent at `time` on this connection counts as lost. */
  onChunkLost(time: number): void;
  /**
   * Announces chunks before the first of them is sent, where several gateways serve one room. Undefined elsewhere.
   * `attempt` counts the announcements of this message.
   */
  announce?:
    | ((id: string, chunks: string[], attempt: number, onDone: (outcome: Announced) => void) => void)
    | undefined;
}

/** `known`: another gateway has announced this message, so that it was or will be sent there. */
export type Announced = 'new' | 'known';

export interface SendQueueOptions {
  manner: Manner;
  limits: Pick<Limits, 'textBytes'>;
  /** How long an echo may take before its message is unconfirmed, ms. */
  receiptTimeoutMs: number;
}

interface OutgoingMessage {
  id: string;
  /** Time of arrival, ms since 1970. */
  at: number;
  /** Chunks that are not sent yet. undefined: none is left, and the text is released. */
  chunks: Chunks | undefined;
  /** Number of chunks sent and not acknowledged. */
  unacknowledged: number;
  receipt: Receipt | undefined;
  /** A chunk was echoed. */
  hasEcho: boolean;
  /** Number of announcements. */
  announcements: number;
  /** The connection for which the message is announced, or is being announced. */
  announcedFor: number | undefined;
  isAnnouncing: boolean;
  /** Seq of the first entry of this message. */
  seq: number | undefined;
}

export interface Chunk {
  message: OutgoingMessage;
  text: string;
  bytes: number;
  /** Time of sending, ms since 1970. */
  sentAt: number;
  isLate: boolean;
  /** Its connection is gone, so that it cannot be glued to another chunk. */
  isStranded: boolean;
}

interface ChunkPosition {
  /** Id of the message. */
  id: string;
  /** Seq of the message's first entry, undefined for its first chunk. */
  continues: number | undefined;
  /** Chunks of the message that still have no echo after this one. */
  left: number;
}

/** Result of comparing a line under this voice's address with the chunks in flight. */
export type EchoMatch =
  /** The echo of a chunk, which the caller acknowledges. */
  | ({ kind: 'matched'; chunk: Chunk } & ChunkPosition)
  /** Perhaps the beginning of an echo. */
  | ({ kind: 'partial' } & ChunkPosition)
  /** This session has not sent the line. */
  | { kind: 'forged' };

/** Lines of the server's private text, and the id of the message that they answer. */
export interface Answer {
  text: string;
  answers: string | undefined;
}

export class SendQueue {
  readonly #listener: SendQueueListener;
  readonly #options: SendQueueOptions;
  /** Created with the first message, because most sessions only read. */
  #messages: Map<string, OutgoingMessage> | undefined;
  #waiting: OutgoingMessage[] = [];
  readonly #echoes = new EchoMatcher<Chunk>();
  #isOpen = false;
  #timer: NodeJS.Timeout | undefined;
  /** The newest private text, in which echoes are searched. */
  #privateText = '';
  /** Counts the voice's connections, because an announcement names an address. */
  #connection = 0;
  /** Id of the message whose chunk was sent last on this connection. */
  #lastSent: string | undefined;
  #refusal: FailReason | undefined;
  #waitingBytes = 0;

  constructor(listener: SendQueueListener, options: SendQueueOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Number of messages that are not sent completely. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes that are not sent yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True when all is sent, and each chunk has its echo or is late. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#echoes.inFlight.every(({ isLate }) => isLate);
  }

  /** Sends `text` once for each id, unless there is a reason to refuse it. A repeated id repeats its receipt. */
  enqueue(id: string, text: string, refusal: FailReason | undefined = undefined): void {
    const known = this.#messages?.get(id);
    if (known) {
      if (known.receipt) this.#listener.onReceipt(known.receipt, Date.now() - known.at, true);
      return;
    }
    const message: OutgoingMessage = {
      id,
      at: Date.now(),
      chunks: undefined,
      unacknowledged: 0,
      receipt: undefined,
      hasEcho: false,
      announcements: 0,
      announcedFor: undefined,
      isAnnouncing: false,
      seq: undefined,
    };
    this.#remember(message);
    const line = this.#options.manner.toCharset(sanitize(text));
    const reason = this.#refusal ?? refusal;
    if (reason) this.#fail(message, reason);
    else if (line === '') this.#fail(message, 'empty');
    else if (Buffer.byteLength(line) > this.#options.limits.textBytes) this.#fail(message, 'too-long');
    else {
      message.chunks = new Chunks(line, this.#options.manner.chunkMaxBytes);
      this.#waiting.push(message);
      this.#countWaiting(message.chunks.bytesLeft);
      this.#advance();
    }
  }

  /** The voice and the ear are in the room. */
  resume(): void {
    this.#isOpen = true;
    this.#advance();
  }

  /** The voice or the ear is out of the room, so messages wait. */
  pause(): void {
    this.#isOpen = false;
  }

  /** The voice's connection is lost. Chunks in flight may still have an echo, and are not sent again. */
  onVoiceLost(): void {
    this.pause();
    this.#lastSent = undefined;
    this.#connection++;
    for (const chunk of this.#echoes.inFlight) chunk.isStranded = true;
    this.#presumeLost(Date.now());
  }

  /** Messages that come from now on fail for `reason`. */
  refuse(reason: FailReason): void {
    this.#refusal ??= reason;
  }

  /** Fails all messages of which nothing is sent yet. */
  abort(reason: FailReason): void {
    this.refuse(reason);
    const begun = this.#waiting.filter(({ unacknowledged, seq }) => unacknowledged > 0 || seq !== undefined);
    const unsent = this.#waiting.filter((message) => !begun.includes(message));
    this.#waiting = begun;
    for (const message of unsent) {
      this.#releaseText(message);
      this.#fail(message, reason);
    }
  }

  /** The voice does not return, so that nothing waits any more. */
  end(): void {
    this.abort('left');
    for (const message of this.#waiting.splice(0)) this.#releaseText(message);
  }

  /** Returns the chunk without an echo that equals one of `lines`. */
  findSentLine(lines: string[]): string | undefined {
    return this.#echoes.find(lines)?.text;
  }

  /** The texts of chunks without an echo, oldest first. */
  get inFlightTexts(): string[] {
    return this.#echoes.inFlight.map(({ text }) => text);
  }

  /** Returns true if the line is, or begins, the echo of a chunk. */
  expectsEcho(line: string): boolean {
    return this.#echoes.expects(line);
  }

  /** Compares a line that came under this voice's address. `isContinuation`: the line continues the last one. */
  matchEcho(line: string, isContinuation: boolean): EchoMatch {
    const match = this.#echoes.match(line, isContinuation);
    if (match.kind === 'forged') return match;
    const { id, seq, hasEcho, unacknowledged } = match.chunk.message;
    const continues = hasEcho ? seq : undefined;
    const left = leftOf(match.chunk.message) + unacknowledged;
    if (match.kind === 'partial') return { kind: 'partial', id, continues, left };
    return { kind: 'matched', chunk: match.chunk, id, continues, left: left - 1 };
  }

  /** Splits private text by the message that each line answers: the one it repeats, else the last that was sent. */
  splitAnswers(privateText: string): Answer[] {
    const sent = [...this.#echoes.inFlight];
    if (sent.length <= 1) return [{ text: privateText, answers: this.#lastSent }];
    const parts: Answer[] = [];
    let answers = this.#lastSent;
    for (const line of privateText.split('\n')) {
      const index = sent.findIndex((chunk) => isRepeatedIn(line, chunk));
      if (index >= 0) answers = sent.splice(0, index + 1).at(-1)?.message.id;
      const last = parts.at(-1);
      if (last && last.answers === answers) last.text += `\n${line}`;
      else parts.push({ text: line, answers });
    }
    return parts;
  }

  /** Acknowledges chunks that the server's private text repeats. An echo may come in parts. */
  onPrivateText(text: string): void {
    this.#privateText = (this.#privateText + text).slice(-ANSWER_MAX);
    for (let index = this.#findRepeated(); index >= 0; index = this.#findRepeated()) {
      const chunk = this.#echoes.takeAt(index);
      if (!chunk) return;
      const echo = chunk.text.trim();
      this.#privateText = this.#privateText.slice(this.#privateText.indexOf(echo) + echo.length);
      chunk.message.unacknowledged--;
      this.#confirmAnswered(chunk.message);
      this.#advance();
    }
  }

  #findRepeated(): number {
    return this.#echoes.inFlight.findIndex((chunk) => isRepeatedIn(this.#privateText, chunk));
  }

  /** A chunk has its echo, so that the next one may go out. */
  acknowledge({ message }: Chunk): void {
    message.hasEcho = true;
    message.unacknowledged--;
    const isComplete = message.unacknowledged === 0 && !message.chunks;
    if (isComplete && this.#listener.announce) this.#unconfirmAfter(message, LOGGED_WITHIN_MS);
    this.#advance();
  }

  /** The log has an entry of a message. `left`: its chunks that are still to come. `root`: seq of its first entry. */
  onLogged(id: string, left: number, root: number): void {
    const message = this.#messages?.get(id);
    if (!message) return;
    // Before the first echo is complete, another text may have looked like its beginning.
    if (!message.hasEcho || message.seq === undefined) message.seq = root;
    if (left === 0) this.#settle(message, { id, state: 'heard', seq: message.seq });
  }

  /** A server that repeats a message in private text puts no entry in the log. */
  #confirmAnswered(message: OutgoingMessage): void {
    const { id, seq, unacknowledged, chunks } = message;
    if (unacknowledged > 0 || chunks) return;
    this.#settle(message, { id, state: 'heard', ...(seq !== undefined && { seq }) });
  }

  /** Sends the chunks that may go out now, and sets the timer for later ones. */
  #advance(): void {
    while (this.#isOpen) {
      const message = this.#waiting[0];
      if (!message?.chunks || !this.#allowsNext(message.chunks.nextBytes + this.#overheadBytes)) break;
      if (!this.#isAnnounced(message, message.chunks)) break;
      this.#send(message, message.chunks.take());
    }
    this.#setTimer();
    if (this.isIdle) this.#listener.onIdle();
  }

  /** Announces the message, unless that is done or not needed. */
  #isAnnounced(message: OutgoingMessage, chunks: Chunks): boolean {
    const { announce } = this.#listener;
    if (!announce) return true;
    if (message.isAnnouncing) return false;
    if (message.announcedFor === this.#connection) return true;
    message.isAnnouncing = true;
    message.announcedFor = this.#connection;
    announce(message.id, chunks.rest, ++message.announcements, (outcome) => {
      message.isAnnouncing = false;
      if (outcome === 'known' && message.announcements === 1) this.#leaveToOther(message);
      this.#advance();
    });
    return false;
  }

  /** Another gateway sends the message, or has sent it. The log will show it. */
  #leaveToOther(message: OutgoingMessage): void {
    this.#drop(message);
    this.#unconfirmAfter(message, this.#options.receiptTimeoutMs);
  }

  /** Settles a message that only the log can confirm. */
  #unconfirmAfter(message: OutgoingMessage, ms: number): void {
    setTimeout(() => this.#unconfirm(message), ms).unref();
  }

  /** Bytes that are written with each chunk. */
  get #overheadBytes(): number {
    return WIRE_MAX_BYTES - this.#options.manner.chunkMaxBytes;
  }

  #allowsNext(bytes: number): boolean {
    let unread = 0;
    for (const chunk of this.#echoes.inFlight) {
      if (!chunk.isLate) return false;
      if (!chunk.isStranded) unread += chunk.bytes;
    }
    return unread + bytes <= WIRE_MAX_BYTES;
  }

  #send(message: OutgoingMessage, text: string): void {
    const bytes = Buffer.byteLength(text);
    message.unacknowledged++;
    if (message.chunks?.left === 0) {
      message.chunks = undefined;
      this.#waiting.shift();
    }
    if (this.#echoes.inFlight.length === 0) this.#privateText = '';
    this.#echoes.add({
      message,
      text,
      bytes: bytes + this.#overheadBytes,
      sentAt: Date.now(),
      isLate: false,
      isStranded: false,
    });
    this.#lastSent = message.id;
    this.#countWaiting(-bytes);
    this.#listener.onChunk(text);
  }

  /** A running timer stays, because later chunks are due later. */
  #setTimer(): void {
    if (this.#echoes.inFlight.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (!this.#timer) {
      const now = Date.now();
      const due = this.#echoes.inFlight.reduce((soonest, { sentAt, isLate }) => {
        return Math.min(soonest, isLate ? now + LATE_RECHECK_MS : sentAt + this.#options.receiptTimeoutMs);
      }, Number.POSITIVE_INFINITY);
      this.#timer = setTimeout(() => this.#onTimeout(), Math.max(0, due - now));
    }
  }

  #onTimeout(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const chunk of this.#echoes.inFlight) {
      if (now - chunk.sentAt < this.#options.receiptTimeoutMs) continue;
      chunk.isLate = true;
      this.#unconfirm(chunk.message);
    }
    this.#presumeLost(now);
    this.#advance();
  }

  #presumeLost(now: number): void {
    for (const { message, isLate, isStranded } of this.#echoes.inFlight)
      if (isLate && isStranded) this.#drop(message);
    const isLost = ({ sentAt, isLate, isStranded }: Chunk): boolean =>
      isStranded ? isLate : now - sentAt >= PRESUMED_READ_MS && this.#listener.hasRoomMovedSince(sentAt);
    const lost = this.#echoes.inFlight.filter(isLost);
    if (lost.length > 0) this.#echoes.presumeLost(lost);
    const connected = lost.find(({ isStranded }) => !isStranded);
    if (connected) this.#listener.onChunkLost(connected.sentAt);
  }

  #unconfirm(message: OutgoingMessage): void {
    if (!message.receipt) this.#settle(message, { id: message.id, state: 'unconfirmed' });
  }

  #fail(message: OutgoingMessage, reason: FailReason): void {
    if (!message.receipt) this.#settle(message, { id: message.id, state: 'failed', reason });
  }

  #settle(message: OutgoingMessage, receipt: Receipt): void {
    message.receipt = receipt;
    this.#listener.onReceipt(receipt, Date.now() - message.at, false);
  }

  /** Drops the rest of a message whose middle may be lost, because half a text that looks whole is worse. */
  #drop(message: OutgoingMessage): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== message);
    this.#releaseText(message);
  }

  #releaseText(message: OutgoingMessage): void {
    const bytes = message.chunks?.bytesLeft ?? 0;
    message.chunks = undefined;
    if (bytes > 0) this.#countWaiting(-bytes);
  }

  #countWaiting(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#listener.onQueueChange(bytes);
  }

  #remember(message: OutgoingMessage): void {
    this.#messages ??= new Map();
    this.#messages.set(message.id, message);
    if (this.#messages.size <= REMEMBERED_MESSAGES) return;
    for (const [id, { receipt }] of this.#messages) {
      if (receipt) {
        this.#messages.delete(id);
        return;
      }
    }
  }
}

function isRepeatedIn(privateText: string, { text }: Chunk): boolean {
  const echo = text.trim();
  return echo !== '' && privateText.includes(echo);
}

function leftOf({ chunks }: OutgoingMessage): number {
  return chunks?.left ?? 0;
}
