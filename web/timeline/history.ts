import type { Entry } from '../../gateway/protocol.ts';
import type { HistoryApi, HistoryPage, Range } from './history-api.ts';
import { type LogItem, LogSegment, type Missing } from './log-segment.ts';

/** Messages of the newest that are kept while they are being read. */
export const LIVE_MAX_MESSAGES = 300;
/** Most messages that are here of what is being read further up; what is far from there is let go. */
export const READING_MAX_MESSAGES = 400;
/** How many are asked for at once; they are drawn a few at a time. */
export const PAGE_MESSAGES = 100;
/** How many around a place that is gone to. */
export const AROUND_MESSAGES = 60;

/** What is beyond the first and the last line shown. */
export type Edge = 'end' | 'more' | 'loading' | 'failed';
/** What is known of messages that are missing. */
export type MissingState = 'open' | 'loading' | 'failed' | 'gone';
type Side = 'above' | 'below';

/** A place to be led to, and whether it is marked there. */
export interface Target {
  seq: number;
  /** How far below the upper edge it stood, pixels; in the middle when it is not told. */
  offset?: number;
  isFound: boolean;
}

export interface HistoryEffects {
  historyApi: HistoryApi;
  isOwn(entry: Entry): boolean;
  /** These were read from what the gateway keeps. */
  onFound(entries: readonly Entry[]): void;
  changed(): void;
}

/**
 * The part of the room's log that is here: the newest always (`live`), and, while something further up is
 * read from which the newest is too far away, a stretch around that.
 *
 *                     read on to where live begins, or `showNewest`
 *     live shown  <--------------------------------------------------  a stretch shown
 *                 -------------------------------------------------->
 *                     READING_MAX scrolled back, or `goTo` far away
 */
export class History {
  readonly #effects: HistoryEffects;
  readonly #live: LogSegment;
  #segment: LogSegment | undefined;
  #epoch = '';
  /** The oldest number that the gateway keeps. */
  #tail = 1;
  #loads = new Map<Side | number, 'loading' | MissingState>();
  /** Another for each thing shown: what was asked for the last one is not wanted any more. */
  #view = 0;
  #target: Target | undefined;

  constructor(effects: HistoryEffects) {
    this.#effects = effects;
    this.#live = new LogSegment(effects.isOwn);
  }

  /** The newest number heard. */
  get last(): number {
    return this.#live.last;
  }

  get items(): readonly LogItem[] {
    return this.#shown.items;
  }

  get isLive(): boolean {
    return this.#segment === undefined;
  }

  /** Between these numbers is what is shown; the newest has no end. */
  get range(): { start: number; end: number } {
    const { start, last } = this.#shown;
    return { start, end: this.isLive ? Number.POSITIVE_INFINITY : last };
  }

  get above(): Edge {
    const { start } = this.#shown;
    return start === 0 || start <= this.#tail ? 'end' : this.#edge('above');
  }

  get below(): Edge {
    return this.isLive ? 'end' : this.#edge('below');
  }

  /** At the very beginning, or only at the oldest that is still kept? */
  get keepsBeginning(): boolean {
    return this.#tail <= 1;
  }

  get target(): Target | undefined {
    return this.#target;
  }

  missingState({ seq, count }: Missing): MissingState {
    if (seq + count <= this.#tail) return 'gone';
    return this.#loads.get(seq + count) ?? 'open';
  }

  /** This tab has seen the log up to here, though it no longer shows it all. */
  setSeen(seq: number): void {
    this.#live.setSeen(seq);
  }

  /** Of what was said up to here nothing comes by itself: unless something is here already, it is the past. */
  startAfter(seq: number): void {
    this.#live.startAfter(seq);
  }

  /** The gateway has told how far back it goes. */
  welcome(epoch: string, tail: number): void {
    this.#epoch = epoch;
    this.#tail = tail;
  }

  /** Another log begins. */
  restart(): void {
    this.#live.restart();
    this.showNewest();
  }

  append(entry: Entry): boolean {
    return this.#live.append(entry);
  }

  /** Lets go of what is far from what is read. */
  trim(isAtNewest: boolean): void {
    if (this.isLive && !isAtNewest && this.#live.entries.length > READING_MAX_MESSAGES) {
      this.#segment = this.#live.copy();
      this.#segment.dropNewest(READING_MAX_MESSAGES);
    }
    if (!this.isLive || isAtNewest) this.#live.trim(LIVE_MAX_MESSAGES);
  }

  showNewest(): void {
    this.#live.dropOldest(LIVE_MAX_MESSAGES);
    this.#show(undefined);
    this.#target = undefined;
    this.#effects.changed();
  }

  /** Rejects nothing: false when the place could not be loaded. */
  async goTo(target: Target): Promise<boolean> {
    const isHere = (log: LogSegment) => log.entries.some(({ seq }) => seq === target.seq);
    if (!isHere(this.#shown)) {
      if (isHere(this.#live)) this.#show(undefined);
      else if (!(await this.#showAround(target.seq))) return false;
    }
    this.#target = { ...target };
    this.#effects.changed();
    return true;
  }

  /** Loads what was before; once at a time, and after a failure only when asked again. */
  async loadOlder(again = false): Promise<void> {
    if (this.above !== 'more' && !(again && this.above === 'failed')) return;
    const { start } = this.#shown;
    const page = await this.#load('above', { before: start, limit: PAGE_MESSAGES });
    if (page !== undefined && this.#shown.start === start) {
      this.#shown.prepend(page.messages);
      if (!page.more) this.#tail = this.#shown.start;
      if (this.isLive) this.trim(false);
      else this.#shown.dropNewest(READING_MAX_MESSAGES);
    }
    this.#effects.changed();
  }

  async loadNewer(again = false): Promise<void> {
    const log = this.#segment;
    if (log === undefined || (this.below !== 'more' && !(again && this.below === 'failed'))) return;
    if (log.last >= this.#live.start - 1) {
      this.#joinLive(log);
      this.#effects.changed();
      return;
    }
    const { last } = log;
    const page = await this.#load('below', { after: last, before: this.#live.start, limit: PAGE_MESSAGES });
    if (page !== undefined && this.#segment === log && log.last === last) {
      for (const entry of page.messages) log.append(entry);
      log.dropOldest(READING_MAX_MESSAGES);
      // What is still between the two nobody keeps.
      if (page.messages.length === 0) this.#joinLive(log);
    }
    this.#effects.changed();
  }

  /** Loads what there is of messages that are missing. */
  async loadMissing({ seq, count }: Missing): Promise<void> {
    const end = seq + count;
    if (this.#loads.get(end) === 'loading') return;
    const page = await this.#load(end, { after: seq - 1, before: end, limit: PAGE_MESSAGES });
    if (page !== undefined) {
      this.#shown.prepend(page.messages);
      if (!page.more) this.#loads.set(end, 'gone');
    }
    this.#effects.changed();
  }

  get #shown(): LogSegment {
    return this.#segment ?? this.#live;
  }

  #edge(side: Side): Edge {
    const load = this.#loads.get(side);
    return load === 'loading' || load === 'failed' ? load : 'more';
  }

  #show(stretch: LogSegment | undefined): void {
    this.#segment = stretch;
    this.#view++;
    this.#loads.clear();
  }

  #joinLive(log: LogSegment): void {
    this.#live.prepend(log.entries);
    this.#live.dropOldest(READING_MAX_MESSAGES);
    this.#show(undefined);
  }

  async #showAround(seq: number): Promise<boolean> {
    const view = ++this.#view;
    try {
      const page = await this.#effects.historyApi.read({
        after: Math.max(0, seq - AROUND_MESSAGES / 2),
        limit: AROUND_MESSAGES,
      });
      if (view !== this.#view || page.epoch !== this.#epoch || page.messages.length === 0) return false;
      const stretch = new LogSegment(this.#effects.isOwn);
      for (const entry of page.messages) stretch.append(entry);
      this.#effects.onFound(page.messages);
      this.#show(stretch);
      return true;
    } catch {
      return false;
    }
  }

  /** Undefined when it failed, or is not wanted any more. */
  async #load(what: Side | number, range: Range): Promise<HistoryPage | undefined> {
    const view = this.#view;
    this.#loads.set(what, 'loading');
    this.#effects.changed();
    const page = await this.#effects.historyApi.read(range).catch(() => undefined);
    if (view !== this.#view) return undefined;
    if (page === undefined || page.epoch !== this.#epoch) {
      this.#loads.set(what, 'failed');
      return undefined;
    }
    this.#loads.delete(what);
    this.#tail = page.tail;
    this.#effects.onFound(page.messages);
    return page;
  }
}
