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
import { Chunks, cleanText } from './sanitize.ts';

/** Says remembered, so that one sent again is not said again: more than a page keeps open, by far. */
const REMEMBERED_SAYS = 1_000;

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
export interface SpeechOwner {
  /** To go into the room: one piece with its newline. */
  speechOnPiece(line: string): void;
  speechOnReceipt(receipt: Receipt): void;
  /** The same, for statistics: not told again when a say is sent again. `delayMs`: since the say came. */
  speechOnSettled(receipt: Receipt, delayMs: number): void;
  /** Nothing left to say. May be told more than once. */
  speechOnIdle(): void;
  /** So many bytes more, or less, wait to be sent. */
  speechOnQueueChange(bytes: number): void;
  /** Has the room shown since `time` (ms since 1970) that it is not just frozen? */
  roomMovedSince(time: number): boolean;
  /** What was sent at `time` on this connection was given up on. */
  speechOnUnheard(time: number): void;
}

export interface SpeechOptions {
  limits: Pick<Limits, 'textBytes'>;
  /** How long a piece may stay unheard before its say is called unconfirmed, ms. */
  receiptTimeoutMs: number;
}

/** Pieces given up on that are still known when they are heard after all. */
const GIVEN_UP_MAX = 32;

interface Say {
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

interface Piece {
  say: Say;
  text: string;
  bytes: number;
  sentAt: number;
  late: boolean;
  /** The connection it went out on is gone: it can't be in the way of another piece. */
  stranded: boolean;
}

interface PieceOfSay {
  id: string;
  continues: number | undefined;
  /** Pieces of the say still to be heard after this. */
  left: number;
}

/** What the ear heard under this voice's address. */
export type Verdict =
  /** A piece of ours. `continues`: the entry that the say began with, unless this is the first. */
  | ({ kind: 'ours'; recordAs: (seq: number) => void } & PieceOfSay)
  /** May be the beginning of one. */
  | ({ kind: 'partial' } & PieceOfSay)
  /** We did not say that. */
  | { kind: 'forged' };

/** Lines of the server's private text, and the id of the say that they answer. */
export interface Answer {
  text: string;
  answers: string | undefined;
}

export class Speech {
  readonly #owner: SpeechOwner;
  readonly #options: SpeechOptions;
  /** Made with the first: most who are here only read. */
  #says: Map<string, Say> | undefined;
  #waiting: Say[] = [];
  #underWay: Piece[] = [];
  #givenUp: Piece[] = [];
  #open = false;
  #timer: NodeJS.Timeout | undefined;
  #partial = '';
  #answer = '';
  /** The say whose piece was sent last on this connection. */
  #lastSent: string | undefined;
  #refusal: FailReason | undefined;
  #waitingBytes = 0;

  constructor(owner: SpeechOwner, options: SpeechOptions) {
    this.#owner = owner;
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
    return this.#waiting.length === 0 && this.#underWay.every((piece) => piece.late);
  }

  /** Says `text` once, however often it comes with the same id; a repeated id gets its receipt again. */
  say(id: string, text: string): void {
    const known = this.#says?.get(id);
    if (known) {
      if (known.receipt) this.#owner.speechOnReceipt(known.receipt);
      return;
    }
    const say: Say = {
      id,
      at: Date.now(),
      chunks: undefined,
      unheard: 0,
      receipt: undefined,
      seq: undefined,
    };
    this.#remember(say);
    const line = cleanText(text);
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
  open(): void {
    this.#open = true;
    this.#advance();
  }

  /** The voice or the ear is out of the room: words wait. */
  pause(): void {
    this.#open = false;
  }

  /** The voice's connection is lost. What was under way may still be heard for a while; it is not sent again. */
  lose(): void {
    this.pause();
    this.#lastSent = undefined;
    for (const piece of this.#underWay) piece.stranded = true;
    this.#giveUp(Date.now());
  }

  /** What is said from now on fails for `reason`. */
  refuse(reason: FailReason): void {
    this.#refusal ??= reason;
  }

  /** Nothing that has not begun to be said will be. */
  cutShort(reason: FailReason): void {
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
    this.cutShort('left');
    for (const say of this.#waiting.splice(0)) this.#forgetRest(say);
  }

  /** The piece, sent and not heard yet, that is one of `words`. */
  sentAs(words: string[]): string | undefined {
    const sent = [...this.#underWay, ...this.#givenUp];
    return sent.find(({ text }) => words.some((heard) => same(text, heard)))?.text;
  }

  /** The ear heard `line` (or a part; `more`: the next part of one) under this voice's address. */
  hear(line: string, more: boolean): Verdict {
    const text = more ? this.#partial + line : line;
    const index = this.#underWay.findIndex((piece) => same(piece.text, text));
    const piece = this.#underWay[index];
    const late = piece ? -1 : this.#givenUp.findIndex((given) => same(given.text, text));
    const say = (piece ?? this.#givenUp[late])?.say;
    if (!say) return this.#hearPart(text);
    this.#partial = '';
    // TCP keeps the order: what was sent before this piece was read before it, heard or not.
    if (piece) this.#underWay.splice(0, index + 1);
    else this.#givenUp.splice(late, 1);
    const left = leftOf(say) + say.unheard - 1;
    return { kind: 'ours', id: say.id, continues: say.seq, left, recordAs: (seq) => this.#heard(say, seq) };
  }

  #hearPart(text: string): Verdict {
    const whole = this.#underWay.find((piece) => piece.text.startsWith(text));
    this.#partial = whole ? text : '';
    if (!whole) return { kind: 'forged' };
    const { id, seq, unheard } = whole.say;
    return { kind: 'partial', id, continues: seq, left: leftOf(whole.say) + unheard };
  }

  /** Splits private words of the server by the say that they answer: one they repeat, else the last that was sent. */
  answersIn(words: string): Answer[] {
    const sent = [...this.#underWay];
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
  answer(words: string): void {
    this.#answer = (this.#answer + words).slice(-ANSWER_MAX);
    for (let index = this.#answered(); index >= 0; index = this.#answered()) {
      const piece = this.#underWay.splice(0, index + 1).at(-1);
      if (!piece) return;
      this.#answer = this.#answer.slice(this.#answer.indexOf(piece.text.trim()) + piece.text.trim().length);
      this.#heard(piece.say, undefined);
    }
  }

  #answered(): number {
    return this.#underWay.findIndex((piece) => isRepeatedIn(this.#answer, piece));
  }

  #heard(say: Say, seq: number | undefined): void {
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
    if (this.idle) this.#owner.speechOnIdle();
  }

  #mayFollow(bytes: number): boolean {
    let unread = 0;
    for (const piece of this.#underWay) {
      if (!piece.late) return false;
      if (!piece.stranded) unread += piece.bytes;
    }
    return unread + bytes <= WIRE_MAX_BYTES;
  }

  #send(say: Say, text: string): void {
    const bytes = Buffer.byteLength(text);
    say.unheard++;
    if (say.chunks?.left === 0) {
      say.chunks = undefined;
      this.#waiting.shift();
    }
    if (this.#underWay.length === 0) this.#answer = '';
    this.#underWay.push({
      say,
      text,
      bytes: bytes + 1,
      sentAt: Date.now(),
      late: false,
      stranded: false,
    });
    this.#lastSent = say.id;
    this.#countWaiting(-bytes);
    this.#owner.speechOnPiece(`${text}\n`);
  }

  /** A timer that runs is never put off: what is sent later is due later. */
  #setTimer(): void {
    if (this.#underWay.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (!this.#timer) {
      const now = Date.now();
      const due = this.#underWay.reduce((soonest, { sentAt, late }) => {
        return Math.min(soonest, late ? now + LATE_RECHECK_MS : sentAt + this.#options.receiptTimeoutMs);
      }, Number.POSITIVE_INFINITY);
      this.#timer = setTimeout(() => this.#onTime(), Math.max(0, due - now));
    }
  }

  #onTime(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const piece of this.#underWay) {
      if (now - piece.sentAt < this.#options.receiptTimeoutMs) continue;
      piece.late = true;
      this.#unconfirm(piece.say);
    }
    this.#giveUp(now);
    this.#advance();
  }

  #giveUp(now: number): void {
    for (const { say, late, stranded } of this.#underWay) if (late && stranded) this.#drop(say);
    const isHopeless = ({ sentAt, late, stranded }: Piece): boolean =>
      stranded ? late : now - sentAt >= PRESUMED_READ_MS && this.#owner.roomMovedSince(sentAt);
    const hopeless = this.#underWay.filter(isHopeless);
    this.#givenUp = [...this.#givenUp, ...hopeless].slice(-GIVEN_UP_MAX);
    this.#underWay = this.#underWay.filter((piece) => !hopeless.includes(piece));
    const unheard = hopeless.find(({ stranded }) => !stranded);
    if (unheard) this.#owner.speechOnUnheard(unheard.sentAt);
  }

  #unconfirm(say: Say): void {
    if (!say.receipt) this.#settle(say, { id: say.id, state: 'unconfirmed' });
  }

  #fail(say: Say, reason: FailReason): void {
    if (!say.receipt) this.#settle(say, { id: say.id, state: 'failed', reason });
  }

  #settle(say: Say, receipt: Receipt): void {
    say.receipt = receipt;
    this.#owner.speechOnSettled(receipt, Date.now() - say.at);
    this.#owner.speechOnReceipt(receipt);
  }

  /** The rest of a say whose middle may be lost is not sent: half a text that looks whole is worse. */
  #drop(say: Say): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== say);
    this.#forgetRest(say);
  }

  #forgetRest(say: Say): void {
    const bytes = say.chunks?.bytesLeft ?? 0;
    say.chunks = undefined;
    if (bytes > 0) this.#countWaiting(-bytes);
  }

  #countWaiting(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#owner.speechOnQueueChange(bytes);
  }

  #remember(say: Say): void {
    this.#says ??= new Map();
    this.#says.set(say.id, say);
    if (this.#says.size <= REMEMBERED_SAYS) return;
    for (const [id, { receipt }] of this.#says) {
      if (receipt) {
        this.#says.delete(id);
        return;
      }
    }
  }
}

function isRepeatedIn(words: string, { text }: Piece): boolean {
  const piece = text.trim();
  return piece !== '' && words.includes(piece);
}

function leftOf({ chunks }: Say): number {
  return chunks?.left ?? 0;
}

/** A server may trim the end of a line; nothing else. */
function same(sent: string, heard: string): boolean {
  return sent === heard || sent.trimEnd() === heard.trimEnd();
}
