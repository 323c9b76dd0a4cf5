import type { Entry } from '../../gateway/protocol.ts';
import type { HistoryApi, HistoryPage, Range } from './history-api.ts';
import { type LogItem, LogSegment, type Missing } from './log-segment.ts';

/** Most messages in memory while the reader is at the newest. */
export const LIVE_MAX_MESSAGES = 300;
/** Most messages in memory while the reader is further up. Distant messages are evicted. */
export const READING_MAX_MESSAGES = 400;
/** Most messages in memory while only some are shown. A search for one of them loads many, and keeps its place. */
export const FILTERED_MAX_MESSAGES = 2_500;
/** Messages per request. */
export const PAGE_MESSAGES = 100;
/** Messages loaded around the target of `goTo`. */
export const AROUND_MESSAGES = 60;

/** State of the log beyond the first or the last row. */
export type Edge = 'end' | 'more' | 'loading' | 'failed';
/** State of messages that are missing. `gone`: the gateway no longer keeps them. */
export type MissingState = 'open' | 'loading' | 'failed' | 'gone';
type Side = 'above' | 'below';

/** A message to scroll to. */
export interface Target {
  seq: number;
  /** Its distance from the upper edge in pixels. Without it, the message is centred. */
  offset?: number;
  /** The message is highlighted as a search result. */
  isFound: boolean;
}

export interface HistoryEffects {
  historyApi: HistoryApi;
  isOwn(entry: Entry): boolean;
  /** Entries came from the gateway's history. */
  onFound(entries: readonly Entry[]): void;
  changed(): void;
}

/**
 * Holds the loaded parts of the room's log: always the newest (`live`), and a second segment while the reader is
 * too far from the newest.
 *
 *                     the reader reaches the live segment, or `showNewest`
 *     live shown  <--------------------------------------------------------  a segment shown
 *                 -------------------------------------------------------->
 *                     READING_MAX_MESSAGES scrolled back, or `goTo` far away
 */
export class History {
  readonly #effects: HistoryEffects;
  readonly #live: LogSegment;
  #segment: LogSegment | undefined;
  #epoch = '';
  /** Number of the oldest entry that the gateway keeps. */
  #tail = 1;
  #loads = new Map<Side | number, 'loading' | MissingState>();
  /** Version of the shown segment. Answers for an older version are dropped. */
  #view = 0;
  #target: Target | undefined;
  /** Only some of the messages are shown. */
  #isFiltered = false;
  /** More messages are in memory than without a filter. It ends at the newest, because elsewhere a reader would lose the place. */
  #isWide = false;

  constructor(effects: HistoryEffects) {
    this.#effects = effects;
    this.#live = new LogSegment(effects.isOwn);
  }

  /** Number of the newest entry. */
  get last(): number {
    return this.#live.last;
  }

  get items(): readonly LogItem[] {
    return this.#shown.items;
  }

  get isLive(): boolean {
    return this.#segment === undefined;
  }

  /** Numbers between which the shown items lie. The live segment has no end. */
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

  /** True if the gateway keeps the log from its first message. */
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

  /** Reports that this tab has seen the log up to this number, though it no longer holds all of it. */
  setSeen(seq: number): void {
    this.#live.setSeen(seq);
  }

  /** The gateway sends only entries after this number. Older ones must be loaded. */
  startAfter(seq: number): void {
    this.#live.startAfter(seq);
  }

  /** Takes the log's identity and its oldest number from the gateway's greeting. */
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

  /** Replaces loaded entries. */
  revise(change: (entry: Entry) => Entry): void {
    this.#live.revise(change);
    this.#segment?.revise(change);
  }

  setFiltered(isFiltered: boolean): void {
    this.#isFiltered = isFiltered;
    this.#isWide ||= isFiltered;
  }

  /** Evicts entries far from the reader. */
  trim(isAtNewest: boolean): void {
    if (isAtNewest) this.#isWide = this.#isFiltered;
    if (this.isLive && !isAtNewest && this.#live.entries.length > this.#readingMax) {
      this.#segment = this.#live.copy();
      this.#segment.dropNewest(this.#readingMax);
    }
    if (!this.isLive || isAtNewest) this.#live.trim(this.#liveMax);
  }

  showNewest(): void {
    this.#live.dropOldest(this.#liveMax);
    this.#show(undefined);
    this.#target = undefined;
    this.#effects.changed();
  }

  /** Never rejects. Resolves to false if the message could not be loaded. */
  async goTo(target: Target): Promise<boolean> {
    const isIn = (segment: LogSegment) => segment.entries.some(({ seq }) => seq === target.seq);
    if (!isIn(this.#shown)) {
      if (isIn(this.#live)) this.#show(undefined);
      else if (!(await this.#showAround(target.seq))) return false;
    }
    this.#target = { ...target };
    this.#effects.changed();
    return true;
  }

  /** Loads older entries, one request at a time. After a failure, only `again` sends another request. */
  async loadOlder(again = false): Promise<void> {
    if (this.above !== 'more' && !(again && this.above === 'failed')) return;
    const { start } = this.#shown;
    const page = await this.#load('above', { before: start, limit: PAGE_MESSAGES });
    if (page !== undefined && this.#shown.start === start) {
      this.#shown.prepend(page.messages);
      if (!page.more) this.#tail = this.#shown.start;
      if (this.isLive) this.trim(false);
      else this.#shown.dropNewest(this.#readingMax);
    }
    this.#effects.changed();
  }

  async loadNewer(again = false): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined || (this.below !== 'more' && !(again && this.below === 'failed'))) return;
    if (segment.last >= this.#live.start - 1) {
      this.#joinLive(segment);
      this.#effects.changed();
      return;
    }
    const { last } = segment;
    const page = await this.#load('below', { after: last, before: this.#live.start, limit: PAGE_MESSAGES });
    if (page !== undefined && this.#segment === segment && segment.last === last) {
      for (const entry of page.messages) segment.append(entry);
      segment.dropOldest(this.#readingMax);
      // The gateway no longer keeps the entries between the two segments.
      if (page.messages.length === 0) this.#joinLive(segment);
    }
    this.#effects.changed();
  }

  /** Loads the part of missing messages that the gateway still keeps. */
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

  get #liveMax(): number {
    return this.#isWide ? FILTERED_MAX_MESSAGES : LIVE_MAX_MESSAGES;
  }

  get #readingMax(): number {
    return this.#isWide ? FILTERED_MAX_MESSAGES : READING_MAX_MESSAGES;
  }

  get #shown(): LogSegment {
    return this.#segment ?? this.#live;
  }

  #edge(side: Side): Edge {
    const load = this.#loads.get(side);
    return load === 'loading' || load === 'failed' ? load : 'more';
  }

  #show(segment: LogSegment | undefined): void {
    this.#segment = segment;
    this.#view++;
    this.#loads.clear();
  }

  #joinLive(segment: LogSegment): void {
    this.#live.prepend(segment.entries);
    this.#live.dropOldest(this.#readingMax);
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
      const segment = new LogSegment(this.#effects.isOwn);
      for (const entry of page.messages) segment.append(entry);
      this.#effects.onFound(page.messages);
      this.#show(segment);
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves to undefined after a failure, and for an answer that is no longer wanted. */
  async #load(place: Side | number, range: Range): Promise<HistoryPage | undefined> {
    const view = this.#view;
    this.#loads.set(place, 'loading');
    this.#effects.changed();
    const page = await this.#effects.historyApi.read(range).catch(() => undefined);
    if (view !== this.#view) return undefined;
    if (page === undefined || page.epoch !== this.#epoch) {
      this.#loads.set(place, 'failed');
      return undefined;
    }
    this.#loads.delete(place);
    this.#tail = page.tail;
    this.#effects.onFound(page.messages);
    return page;
  }
}
