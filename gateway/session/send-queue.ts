/**
 * What one browser says: cut into pieces, sent one by one, and followed until the room was heard to say it.
 *
 *     say:  waiting --first piece sent--> sent --all pieces heard--> heard
 *                                           \--- time-out --> unconfirmed --heard after all--> heard
 *
 * The unchanged server decides the pace. It reads at most 1024 bytes at a time: pieces that pile up in front of
 * it are glued, cut inside a character, and that kills it. So a piece goes out when the last was heard. If none
 * is heard, the next goes out after a time-out, but never while more than 1024 unheard bytes would be under way:
 * then however late the server wakes up, one read takes them whole.
 */
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import type { FailReason, Limits, ReceiptState } from '../protocol.ts';
import { Chunks, sanitize } from './sanitize.ts';

/** Says remembered, so that one sent again is not said again: more than a page keeps open, by far. */
const REMEMBERED_MESSAGES = 1_000;

/** Characters of the server's private words in which an echo is looked for: a piece and what stands around it. */
const ANSWER_MAX = 4 * WIRE_MAX_BYTES;

/** Unheard so long, in a room that goes on talking (or never answers anybody), a piece was read and is gone, ms. */
const PRESUMED_READ_MS = 10_000;

/** How often it is seen whether the room has gone on talking since a piece was late, ms. */
const LATE_RECHECK_MS = 1_000;

export interface Receipt {
  id: string;
  state: ReceiptState;
  /** Of the say's first entry in the log. */
  seq?: number;
  reason?: FailReason;
}

/** Who speaks. */
export interface SendQueueListener {
  /** To go into the room: one piece with its newline. */
  onChunk(line: string): void;
  onReceipt(receipt: Receipt): void;
  /** The same, for statistics: not told again when a say is sent again. `delayMs`: since the say came. */
  onSettled(receipt: Receipt, delayMs: number): void;
  /** Nothing left to say. May be told more than once. */
  onIdle(): void;
  /** So many bytes more, or less, wait to be sent. */
  speechOnQueueChange(bytes: number): void;
  /** Has the room shown since `time` (ms since 1970) that it is not just frozen? */
  roomMovedSince(time: number): boolean;
  /** What was sent at `time` on this connection was given up on. */
  onUnheard(time: number): void;
}

export interface SendQueueOptions {
  limits: Pick<Limits, 'textBytes'>;
  /** How long a piece may stay unheard before its say is called unconfirmed, ms. */
  receiptTimeoutMs: number;
}

/** Pieces given up on that are still known when they are heard after all. */
const PRESUMED_LOST_MAX = 32;

interface OutgoingMessage {
  id: string;
  /** When it came, ms since 1970. */
  at: number;
  /** What is not sent yet; undefined: nothing is left, and its text is kept no longer. */
  chunks: Chunks | undefined;
  /** Pieces sent and not heard yet. */
  unheard: number;
  receipt: Receipt | undefined;
  /** Of the first entry this say made. */
  seq: number | undefined;
}

interface Chunk {
  say: OutgoingMessage;
  text: string;
  bytes: number;
  sentAt: number;
  late: boolean;
  /** The connection it went out on is gone: it can't be in the way of another piece. */
  stranded: boolean;
}

interface ChunkOfMessage {
  id: string;
  continues: number | undefined;
  /** Pieces of the say still to be heard after this. */
  left: number;
}

/** What the ear heard under this voice's address. */
export type EchoMatch =
  /** A piece of ours. `continues`: the entry that the say began with, unless this is the first. */
  | ({ kind: 'ours'; recordAs: (seq: number) => void } & ChunkOfMessage)
  /** May be the beginning of one. */
  | ({ kind: 'partial' } & ChunkOfMessage)
  /** We did not say that. */
  | { kind: 'forged' };

/** Lines of the server's private text, and the id of the say that they answer. */
export interface Answer {
  text: string;
  answers: string | undefined;
}

export class SendQueue {
  readonly #listener: SendQueueListener;
  readonly #options: SendQueueOptions;
  /** Made with the first: most who are here only read. */
  #messages: Map<string, OutgoingMessage> | undefined;
  #waiting: OutgoingMessage[] = [];
  #inFlight: Chunk[] = [];
  #presumedLost: Chunk[] = [];
  #open = false;
  #timer: NodeJS.Timeout | undefined;
  #partial = '';
  #answer = '';
  /** The say whose piece was sent last on this connection. */
  #lastSent: string | undefined;
  #refusal: FailReason | undefined;
  #waitingBytes = 0;

  constructor(owner: SendQueueListener, options: SendQueueOptions) {
    this.#listener = owner;
    this.#options = options;
  }

  /** Says with something not sent yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes not sent yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** All is said, and heard or given up on. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.every((piece) => piece.late);
  }

  /** Says `text` once, however often it comes with the same id; a repeated id gets its receipt again. */
  enqueue(id: string, text: string): void {
    const known = this.#messages?.get(id);
    if (known) {
      if (known.receipt) this.#listener.onReceipt(known.receipt);
      return;
    }
    const say: OutgoingMessage = {
      id,
      at: Date.now(),
      chunks: undefined,
      unheard: 0,
      receipt: undefined,
      seq: undefined,
    };
    this.#remember(say);
    const line = sanitize(text);
    if (this.#refusal) this.#fail(say, this.#refusal);
    else if (line === '') this.#fail(say, 'empty');
    else if (Buffer.byteLength(line) > this.#options.limits.textBytes) this.#fail(say, 'too-long');
    else {
      say.chunks = new Chunks(line);
      this.#waiting.push(say);
      this.#countWaiting(say.chunks.bytesLeft);
      this.#advance();
    }
  }

  /** The voice and the ear are in the room. */
  resume(): void {
    this.#open = true;
    this.#advance();
  }

  /** The voice or the ear is out of the room: words wait. */
  pause(): void {
    this.#open = false;
  }

  /** The voice's connection is lost. What was under way may still be heard for a while; it is not sent again. */
  onVoiceLost(): void {
    this.pause();
    this.#lastSent = undefined;
    for (const piece of this.#inFlight) piece.stranded = true;
    this.#presumeLost(Date.now());
  }

  /** What is said from now on fails for `reason`. */
  refuse(reason: FailReason): void {
    this.#refusal ??= reason;
  }

  /** Nothing that has not begun to be said will be. */
  abort(reason: FailReason): void {
    this.refuse(reason);
    const begun = this.#waiting.filter((say) => say.unheard > 0 || say.seq !== undefined);
    const unsaid = this.#waiting.filter((say) => !begun.includes(say));
    this.#waiting = begun;
    for (const say of unsaid) {
      this.#forgetRest(say);
      this.#fail(say, reason);
    }
  }

  /** The voice is gone for good: nothing waits any more. */
  end(): void {
    this.abort('left');
    for (const say of this.#waiting.splice(0)) this.#forgetRest(say);
  }

  /** The piece, sent and not heard yet, that is one of `words`. */
  findSentLine(words: string[]): string | undefined {
    const sent = [...this.#inFlight, ...this.#presumedLost];
    return sent.find(({ text }) => words.some((heard) => same(text, heard)))?.text;
  }

  /** The ear heard `line` (or a part; `more`: the next part of one) under this voice's address. */
  matchEcho(line: string, more: boolean): EchoMatch {
    const text = more ? this.#partial + line : line;
    const index = this.#inFlight.findIndex((piece) => same(piece.text, text));
    const piece = this.#inFlight[index];
    const late = piece ? -1 : this.#presumedLost.findIndex((given) => same(given.text, text));
    const say = (piece ?? this.#presumedLost[late])?.say;
    if (!say) return this.#matchPart(text);
    this.#partial = '';
    // TCP keeps the order: what was sent before this piece was read before it, heard or not.
    if (piece) this.#inFlight.splice(0, index + 1);
    else this.#presumedLost.splice(late, 1);
    const left = leftOf(say) + say.unheard - 1;
    return { kind: 'ours', id: say.id, continues: say.seq, left, recordAs: (seq) => this.#heard(say, seq) };
  }

  #matchPart(text: string): EchoMatch {
    const whole = this.#inFlight.find((piece) => piece.text.startsWith(text));
    this.#partial = whole ? text : '';
    if (!whole) return { kind: 'forged' };
    const { id, seq, unheard } = whole.say;
    return { kind: 'partial', id, continues: seq, left: leftOf(whole.say) + unheard };
  }

  /** Splits private words of the server by the say that they answer: one they repeat, else the last that was sent. */
  answersIn(words: string): Answer[] {
    const sent = [...this.#inFlight];
    if (sent.length <= 1) return [{ text: words, answers: this.#lastSent }];
    const parts: Answer[] = [];
    let answers = this.#lastSent;
    for (const line of words.split('\n')) {
      const index = sent.findIndex((piece) => isRepeatedIn(line, piece));
      if (index >= 0) answers = sent.splice(0, index + 1).at(-1)?.say.id;
      const last = parts.at(-1);
      if (last && last.answers === answers) last.text += `\n${line}`;
      else parts.push({ text: line, answers });
    }
    return parts;
  }

  /** The server's private words: an echo of a piece is as good as hearing it. They may come in parts. */
  onPrivateText(words: string): void {
    this.#answer = (this.#answer + words).slice(-ANSWER_MAX);
    for (let index = this.#answered(); index >= 0; index = this.#answered()) {
      const piece = this.#inFlight.splice(0, index + 1).at(-1);
      if (!piece) return;
      this.#answer = this.#answer.slice(this.#answer.indexOf(piece.text.trim()) + piece.text.trim().length);
      this.#heard(piece.say, undefined);
    }
  }

  #answered(): number {
    return this.#inFlight.findIndex((piece) => isRepeatedIn(this.#answer, piece));
  }

  #heard(say: OutgoingMessage, seq: number | undefined): void {
    say.seq ??= seq;
    say.unheard--;
    if (say.unheard === 0 && !say.chunks) {
      this.#settle(say, { id: say.id, state: 'heard', ...(say.seq !== undefined && { seq: say.seq }) });
    }
    this.#advance();
  }

  /** Sends what may go out now, and sets the clock for what may go out later. */
  #advance(): void {
    while (this.#open) {
      const say = this.#waiting[0];
      if (!say?.chunks || !this.#mayFollow(say.chunks.nextBytes + 1)) break;
      this.#send(say, say.chunks.take());
    }
    this.#setTimer();
    if (this.idle) this.#listener.onIdle();
  }

  #mayFollow(bytes: number): boolean {
    let unread = 0;
    for (const piece of this.#inFlight) {
      if (!piece.late) return false;
      if (!piece.stranded) unread += piece.bytes;
    }
    return unread + bytes <= WIRE_MAX_BYTES;
  }

  #send(say: OutgoingMessage, text: string): void {
    const bytes = Buffer.byteLength(text);
    say.unheard++;
    if (say.chunks?.left === 0) {
      say.chunks = undefined;
      this.#waiting.shift();
    }
    if (this.#inFlight.length === 0) this.#answer = '';
    this.#inFlight.push({
      say,
      text,
      bytes: bytes + 1,
      sentAt: Date.now(),
      late: false,
      stranded: false,
    });
    this.#lastSent = say.id;
    this.#countWaiting(-bytes);
    this.#listener.onChunk(`${text}\n`);
  }

  /** A timer that runs is never put off: what is sent later is due later. */
  #setTimer(): void {
    if (this.#inFlight.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (!this.#timer) {
      const now = Date.now();
      const due = this.#inFlight.reduce((soonest, { sentAt, late }) => {
        return Math.min(soonest, late ? now + LATE_RECHECK_MS : sentAt + this.#options.receiptTimeoutMs);
      }, Number.POSITIVE_INFINITY);
      this.#timer = setTimeout(() => this.#onTimeout(), Math.max(0, due - now));
    }
  }

  #onTimeout(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const piece of this.#inFlight) {
      if (now - piece.sentAt < this.#options.receiptTimeoutMs) continue;
      piece.late = true;
      this.#unconfirm(piece.say);
    }
    this.#presumeLost(now);
    this.#advance();
  }

  #presumeLost(now: number): void {
    for (const { say, late, stranded } of this.#inFlight) if (late && stranded) this.#drop(say);
    const isHopeless = ({ sentAt, late, stranded }: Chunk): boolean =>
      stranded ? late : now - sentAt >= PRESUMED_READ_MS && this.#listener.roomMovedSince(sentAt);
    const hopeless = this.#inFlight.filter(isHopeless);
    this.#presumedLost = [...this.#presumedLost, ...hopeless].slice(-PRESUMED_LOST_MAX);
    this.#inFlight = this.#inFlight.filter((piece) => !hopeless.includes(piece));
    const unheard = hopeless.find(({ stranded }) => !stranded);
    if (unheard) this.#listener.onUnheard(unheard.sentAt);
  }

  #unconfirm(say: OutgoingMessage): void {
    if (!say.receipt) this.#settle(say, { id: say.id, state: 'unconfirmed' });
  }

  #fail(say: OutgoingMessage, reason: FailReason): void {
    if (!say.receipt) this.#settle(say, { id: say.id, state: 'failed', reason });
  }

  #settle(say: OutgoingMessage, receipt: Receipt): void {
    say.receipt = receipt;
    this.#listener.onSettled(receipt, Date.now() - say.at);
    this.#listener.onReceipt(receipt);
  }

  /** The rest of a say whose middle may be lost is not sent: half a text that looks whole is worse. */
  #drop(say: OutgoingMessage): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== say);
    this.#forgetRest(say);
  }

  #forgetRest(say: OutgoingMessage): void {
    const bytes = say.chunks?.bytesLeft ?? 0;
    say.chunks = undefined;
    if (bytes > 0) this.#countWaiting(-bytes);
  }

  #countWaiting(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#listener.speechOnQueueChange(bytes);
  }

  #remember(say: OutgoingMessage): void {
    this.#messages ??= new Map();
    this.#messages.set(say.id, say);
    if (this.#messages.size <= REMEMBERED_MESSAGES) return;
    for (const [id, { receipt }] of this.#messages) {
      if (receipt) {
        this.#messages.delete(id);
        return;
      }
    }
  }
}

function isRepeatedIn(words: string, { text }: Chunk): boolean {
  const piece = text.trim();
  return piece !== '' && words.includes(piece);
}

function leftOf({ chunks }: OutgoingMessage): number {
  return chunks?.left ?? 0;
}

/** A server may trim the end of a line; nothing else. */
function same(sent: string, heard: string): boolean {
  return sent === heard || sent.trimEnd() === heard.trimEnd();
}
