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
import type { FailReason, Limits } from '../protocol.ts';
import type { Manner } from '../upstream/formats/manner.ts';
import { Chunks } from './chunks.ts';
import { EchoMatcher } from './echo-matcher.ts';
import { MessageReceipts, type ReceiptListener } from './message-receipts.ts';
import type { Chunk, OutgoingMessage } from './outgoing-message.ts';
import { PrivateAnswers } from './private-answers.ts';
import { sanitize } from './sanitize.ts';
import { SendWindow, type SendWindowListener } from './send-window.ts';

/**
 * A message of which a cluster's log has nothing this long after its last echo is unconfirmed, ms: twice as long as an
 * election and a takeover. The gateway that appends may take its lines for those of somebody else.
 */
const LOGGED_WITHIN_MS = 22_000;

export interface SendQueueListener extends ReceiptListener, SendWindowListener {
  /** One chunk is due. */
  onChunk(text: string): void;
  /** Nothing is left to send. May be called more than once. */
  onIdle(): void;
  /** The bytes that wait to be sent have grown by `bytes`, or shrunk if negative. */
  onQueueChange(bytes: number): void;
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

export class SendQueue {
  readonly #echoes = new EchoMatcher<Chunk>();
  /** The messages that private text answers. */
  readonly answers = new PrivateAnswers(this.#echoes);
  readonly #listener: SendQueueListener;
  readonly #options: SendQueueOptions;
  readonly #receipts: MessageReceipts;
  readonly #window: SendWindow;
  #waiting: OutgoingMessage[] = [];
  #isOpen = false;
  /** Counts the voice's connections, because an announcement names an address. */
  #connection = 0;
  #refusal: FailReason | undefined;
  #waitingBytes = 0;

  constructor(listener: SendQueueListener, options: SendQueueOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#receipts = new MessageReceipts(listener);
    this.#window = new SendWindow(this.#echoes, listener, options.receiptTimeoutMs, () => this.#onDue());
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
    return this.#waiting.length === 0 && this.#window.isIdle;
  }

  /** Sends `text` once for each id, unless there is a reason to refuse it. A repeated id repeats its receipt. */
  enqueue(id: string, text: string, refusal: FailReason | undefined = undefined): void {
    const message = this.#receipts.begin(id);
    if (!message) return;
    const line = this.#options.manner.toCharset(sanitize(text));
    const reason = this.#refusal ?? refusal;
    if (reason) this.#receipts.fail(message, reason);
    else if (line === '') this.#receipts.fail(message, 'empty');
    else if (Buffer.byteLength(line) > this.#options.limits.textBytes)
      this.#receipts.fail(message, 'too-long');
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
    this.answers.onVoiceLost();
    this.#connection++;
    this.#window.strand();
    this.#presumeLost(Date.now());
  }

  /** Messages that come from now on fail for `reason`. */
  refuse(reason: FailReason): void {
    this.#refusal ??= reason;
  }

  /** Fails all messages of which nothing is sent yet. */
  abort(reason: FailReason): void {
    this.refuse(reason);
    const begun = this.#waiting.filter(isBegun);
    const unsent = this.#waiting.filter((message) => !begun.includes(message));
    this.#waiting = begun;
    for (const message of unsent) {
      this.#releaseText(message);
      this.#receipts.fail(message, reason);
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

  /** Returns true if the line is, or begins, the echo of a chunk. `isContinuation`: the line continues the last one. */
  expectsEcho(line: string, isContinuation = false): boolean {
    return this.#echoes.expects(line, isContinuation);
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

  /** Acknowledges chunks that the server's private text repeats. */
  onPrivateText(text: string): void {
    this.answers.add(text);
    for (let chunk = this.answers.takeRepeated(); chunk; chunk = this.answers.takeRepeated()) {
      chunk.message.unacknowledged--;
      this.#receipts.onAnswered(chunk.message);
      this.#advance();
    }
  }

  /** A chunk has its echo, so that the next one may go out. */
  acknowledge({ message }: Chunk): void {
    message.hasEcho = true;
    message.unacknowledged--;
    const isComplete = message.unacknowledged === 0 && !message.chunks;
    if (isComplete && this.#listener.announce) this.#receipts.unconfirmAfter(message, LOGGED_WITHIN_MS);
    this.#advance();
  }

  /** The log has an entry of a message. `left`: its chunks that are still to come. `root`: seq of its first entry. */
  onLogged(id: string, left: number, root: number): void {
    this.#receipts.onLogged(id, left, root);
  }

  /** Sends the chunks that may go out now, and sets the timer for later ones. */
  #advance(): void {
    while (this.#isOpen) {
      const message = this.#waiting[0];
      if (!message?.chunks || !this.#window.allows(message.chunks.nextBytes + this.#overheadBytes)) break;
      if (!this.#isAnnounced(message, message.chunks)) break;
      this.#send(message, message.chunks.take());
    }
    this.#window.schedule();
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
    this.#receipts.unconfirmAfter(message, this.#options.receiptTimeoutMs);
  }

  /** Bytes that are written with each chunk. */
  get #overheadBytes(): number {
    return WIRE_MAX_BYTES - this.#options.manner.chunkMaxBytes;
  }

  #send(message: OutgoingMessage, text: string): void {
    const bytes = Buffer.byteLength(text);
    message.unacknowledged++;
    if (message.chunks?.left === 0) {
      message.chunks = undefined;
      this.#waiting.shift();
    }
    this.answers.onSend(message.id);
    this.#echoes.add({
      message,
      text,
      bytes: bytes + this.#overheadBytes,
      sentAt: Date.now(),
      isLate: false,
      isStranded: false,
    });
    this.#countWaiting(-bytes);
    this.#listener.onChunk(text);
  }

  #onDue(): void {
    const now = Date.now();
    for (const { message } of this.#window.expire(now)) this.#receipts.unconfirm(message);
    this.#presumeLost(now);
    this.#advance();
  }

  #presumeLost(now: number): void {
    for (const { message, isLate, isStranded } of this.#echoes.inFlight)
      if (isLate && isStranded) this.#drop(message);
    this.#window.presumeLost(now);
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
}

function leftOf({ chunks }: OutgoingMessage): number {
  return chunks?.left ?? 0;
}

/** A part of the message is in the room. The log of a cluster may not have it yet. */
function isBegun({ unacknowledged, hasEcho, seq }: OutgoingMessage): boolean {
  return unacknowledged > 0 || hasEcho || seq !== undefined;
}
