/**
 * Finds where the shared log ends in what this gateway's ear hears.
 *
 *     apart --- the end of the log is found once, or the room is silent and all is logged ---> aligned
 *       ^ ------ the log has other text, or text that the ear does not hear; the ear is lost -----'
 *
 * Each batch of the log names the number of characters that it covers, their hash, and the last characters up to its
 * end. An aligned gateway compares batches with what it has heard, and knows which text is not logged.
 */
import { HeardText, hashOf } from './heard-text.ts';

/** The text of the room that a batch covers. */
export interface BatchMark {
  /** Number of characters. */
  characters: number;
  hash: string;
  /** The last characters of the room's text up to the end of the batch, TAIL_CHARACTERS if there are so many. */
  tail: string;
}

/** Length of `tail`: the header and the text of a short message, or two. */
export const TAIL_CHARACTERS = 64;

/** Shortest tail by which an ear finds the end of the log. */
export const TAIL_MIN_CHARACTERS = 40;

/** A tail that ends as it begins, for so many characters, may come from text that repeats itself. */
const BORDER_MAX_CHARACTERS = 8;

/** How much later an ear may hear the text of a batch than the batch arrives, ms, before its tail is searched. */
export const EAR_LAG_MS = 1_000;

/** An ear that has not heard the text of a batch for this time is deaf, or was aligned at a wrong place, ms. */
export const DEAF_MS = 2_000;

/** An ear that is silent for so long before and after another gateway has logged all has missed nothing, ms. */
export const SILENT_MS = 1_000;

/** Text in which an ear searches the end of the log, characters. It covers some seconds of a flood. */
export const SEARCHED_MAX_CHARACTERS = 1_000_000;

/** Text that may wait for the log, characters: minutes of a busy room. Beyond it the log gets a gap. */
export const UNLOGGED_MAX_CHARACTERS = 8_000_000;

/** Batches that wait until an ear has heard their text. */
const WAITING_MAX = 4_000;

interface WaitingMark extends BatchMark {
  /** Time of arrival by the caller's clock, ms. */
  at: number;
}

export class Alignment<L> {
  #isAligned = false;
  /** Aligned: text that the log has not. Apart: all text of this ear. */
  #heard = new HeardText<L>();
  /** Text of a lost ear that the log has not. */
  #rest = new HeardText<L>();
  /** Aligned: batches whose text is not heard yet. Apart: batches whose tails may be searched. */
  #waiting: WaitingMark[] = [];
  /** The last batch with text. */
  #last: WaitingMark | undefined;
  /** Apart: the tail that was searched last, and in how much text. */
  #searched = { tail: '', characters: 0 };
  /** When the ear opened or last heard text, ms; undefined while it is closed. */
  #heardAt: number | undefined;
  #openedAt = 0;
  #ears = 0;
  /** When another gateway had logged all, and nothing was heard or logged since, ms. */
  #allLoggedAt: number | undefined;

  /** True if the ear is open, and the end of the log is known in what it hears. */
  get isAligned(): boolean {
    return this.#isAligned;
  }

  get isOpen(): boolean {
    return this.#heardAt !== undefined;
  }

  /** True if the log may hold text that the ear has not heard yet. */
  get isBehind(): boolean {
    return this.#isAligned && this.#waiting.length > 0;
  }

  /** When the ear opened, ms. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /** Number of the ear's connection, which distinguishes it from earlier ones. */
  get ear(): number {
    return this.#ears;
  }

  /** Text that follows the end of the log directly. Undefined if that is not known. */
  get unlogged(): HeardText<L> | undefined {
    if (this.#rest.length > 0) return this.#rest;
    return this.#isAligned && !this.isBehind ? this.#heard : undefined;
  }

  /** Text of an ear that is not aligned. */
  get unplaced(): HeardText<L> {
    return this.#heard;
  }

  onEarOpen(now: number): void {
    this.#heard = new HeardText();
    this.#heardAt = this.#openedAt = now;
    this.#ears++;
  }

  /** The ear is lost. Text that it has heard last can still be logged. */
  onEarLost(): void {
    if (this.#isAligned && !this.isBehind) this.#rest = this.#heard;
    this.#heard = new HeardText();
    this.#heardAt = undefined;
    this.#separate();
  }

  hear(line: L, characters: string, now: number): void {
    this.#heard.push(line, characters, now);
    this.#heardAt = now;
    this.#allLoggedAt = undefined;
    if (this.#isAligned) this.#compare();
    if (this.#isAligned && this.#heard.length > UNLOGGED_MAX_CHARACTERS) this.#separate();
    if (!this.#isAligned && this.#heard.length > SEARCHED_MAX_CHARACTERS)
      this.#heard.drop(this.#heard.length - SEARCHED_MAX_CHARACTERS);
  }

  /** The log has another batch. */
  onBatch(mark: BatchMark, now: number): void {
    if (this.#rest.length > 0 && !takes(this.#rest, mark)) this.#rest = new HeardText();
    const waiting = { ...mark, at: now };
    if (mark.tail !== '') this.#last = waiting;
    this.#allLoggedAt = undefined;
    if (!this.#isAligned && this.#heardAt === undefined) return;
    this.#waiting.push(waiting);
    if (this.#isAligned) this.#compare();
    else if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
  }

  /** Drops unplaced text that the log seems to have, because no gateway knows the place where the log ends. */
  dropLogged(): void {
    const last = this.#last;
    if (!last || last.at < this.#openedAt) return;
    // Text that is heard later cannot be in the batch.
    const heard = this.#heard.pieces.filter(({ heardAt }) => heardAt <= last.at + EAR_LAG_MS);
    const text = heard.map(({ characters, logged }) => characters.slice(logged)).join('');
    const start = text.lastIndexOf(last.tail);
    this.#heard.drop(start >= 0 ? start + last.tail.length : overlapOf(last.tail, text));
  }

  /** The text up to the first `characters` of the unplaced text is in the log, and follows a gap. */
  placeAfterGap(characters: number): void {
    this.#heard.drop(characters);
    this.#align([]);
  }

  /** An aligned gateway has logged all it has heard, and this gateway has the same log. */
  onAllLogged(now: number): void {
    if (this.#isAligned || this.#heardAt === undefined || now - this.#heardAt < SILENT_MS) return;
    this.#allLoggedAt ??= now;
  }

  /** The process was stopped for a while, so that the ear may have more text to read. */
  onWake(now: number): void {
    if (this.#heardAt !== undefined) this.#heardAt = now;
    this.#allLoggedAt = undefined;
    for (const mark of this.#waiting) mark.at = now;
    if (this.#last) this.#last.at = now;
  }

  /** Searches the end of the log, and notices a deaf ear. */
  check(now: number): void {
    const [first] = this.#waiting;
    const isSilent = this.#allLoggedAt !== undefined && now - this.#allLoggedAt >= SILENT_MS;
    if (isSilent) this.#alignInSilence();
    else if (!this.#isAligned) this.#search(now);
    else if (first && now - first.at > DEAF_MS) this.#separate();
  }

  /** The log is another one. */
  reset(): void {
    this.#rest = new HeardText();
    this.#separate();
  }

  #alignInSilence(): void {
    this.#heard = new HeardText();
    this.#align([]);
  }

  #align(waiting: WaitingMark[]): void {
    this.#isAligned = true;
    this.#allLoggedAt = undefined;
    this.#rest = new HeardText();
    this.#waiting = waiting;
    this.#compare();
  }

  #separate(): void {
    this.#isAligned = false;
    this.#allLoggedAt = undefined;
    this.#waiting = [];
  }

  /** Compares the batches whose text is heard. */
  #compare(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (!first || this.#heard.length < first.characters) return;
      if (!takes(this.#heard, first)) {
        this.#isAligned = false;
        return;
      }
      this.#waiting.shift();
    }
  }

  /** Searches the tail of the newest batch whose text must be heard by now. */
  #search(now: number): void {
    const since = this.#openedAt + EAR_LAG_MS;
    const due = this.#waiting.findLastIndex(({ at }) => at >= since && now - at >= EAR_LAG_MS);
    const tail = this.#waiting[due]?.tail ?? '';
    const { length } = this.#heard;
    if (tail === this.#searched.tail && length === this.#searched.characters) return;
    this.#searched = { tail, characters: length };
    if (tail.length < TAIL_MIN_CHARACTERS || isRepetitive(tail)) return;
    const text = this.#heard.characters;
    const start = text.indexOf(tail);
    if (start < 0 || start !== text.lastIndexOf(tail)) return;
    this.#heard.drop(start + tail.length);
    this.#align(this.#waiting.slice(due + 1));
  }
}

/** Returns true if the text ends as it begins. In text that repeats itself a place is not unique. */
function isRepetitive(text: string): boolean {
  const begin = text.slice(0, BORDER_MAX_CHARACTERS);
  for (let start = text.indexOf(begin, 1); start > 0; start = text.indexOf(begin, start + 1))
    if (text.startsWith(text.slice(start))) return true;
  return false;
}

/** Returns the length of the longest end of `before` with which `after` begins. */
function overlapOf(before: string, after: string): number {
  for (let start = 0; start < before.length; start++)
    if (after.startsWith(before.slice(start))) return before.length - start;
  return 0;
}

/** Drops the text of a batch. Returns false if the text is another one. */
function takes<L>(heard: HeardText<L>, { characters, hash }: BatchMark): boolean {
  if (heard.length < characters || hashOf(heard.first(characters)) !== hash) return false;
  heard.drop(characters);
  return true;
}
