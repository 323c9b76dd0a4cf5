import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import type { HistoryApi } from './history-api.ts';

/** Who types is not asked for after each letter, ms. */
export const TYPING_PAUSE_MS = 250;
/** Longest search that the gateway takes, characters. */
export const QUERY_MAX_CHARACTERS = 200;
/** Results asked for at once. */
export const PAGE_RESULTS = 30;

/** Letters, digits and symbols such as emoji. The terms themselves come with the panel, to keep the first load small. */
const SEARCHABLE = /[\p{L}\p{N}\p{S}]/u;

/**
 *     idle --words--> searching --answer--> found <--> adding (or addFailed)
 *                         +-------no answer----> failed
 */
export type SearchState = 'idle' | 'searching' | 'found' | 'adding' | 'addFailed' | 'failed';

export interface SearchEffects {
  historyApi: HistoryApi;
  startTimer(ms: number, then: () => void): Cancel;
  changed(): void;
}

/** Looks for words in all that the gateway keeps. */
export class Search {
  readonly #effects: SearchEffects;
  #state: SearchState = 'idle';
  #query = '';
  /** What the results are for. */
  #answered = '';
  #results: readonly Entry[] = [];
  #hasMore = false;
  #isComplete = true;
  #cancelPause: Cancel = () => {};
  /** Counts questions: only the last one's answer is wanted. */
  #requestId = 0;

  constructor(effects: SearchEffects) {
    this.#effects = effects;
  }

  get state(): SearchState {
    return this.#state;
  }

  get query(): string {
    return this.#query;
  }

  /** The query that the results are for. */
  get answeredQuery(): string {
    return this.#answered;
  }

  /** Newest first. While other words are looked for, still the last ones'. */
  get results(): readonly Entry[] {
    return this.#results;
  }

  /** Did the gateway search all messages? False while it builds the index of a log anew. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  setQuery(query: string): void {
    if (query === this.#query) return;
    this.#query = query;
    this.#cancelPause();
    this.#requestId++;
    if (!SEARCHABLE.test(query)) {
      this.#settle(query.trim() === '' ? 'idle' : 'found', [], false);
      return;
    }
    this.#setState('searching');
    this.#cancelPause = this.#effects.startTimer(TYPING_PAUSE_MS, () => this.#fetch());
  }

  retry(): void {
    if (this.#state === 'failed') this.#fetch();
    else if (this.#state === 'addFailed') this.loadMore();
  }

  /** Older results, below those that are here. */
  async loadMore(): Promise<void> {
    const last = this.#results.at(-1);
    if (!this.#hasMore || last === undefined || (this.#state !== 'found' && this.#state !== 'addFailed'))
      return;
    await this.#read('adding', 'addFailed', last.seq);
  }

  /** The log that was searched is gone. */
  clear(): void {
    this.#cancelPause();
    this.#requestId++;
    this.#query = '';
    this.#settle('idle', [], false);
  }

  #fetch(): void {
    this.#read('searching', 'failed');
  }

  async #read(during: SearchState, failed: SearchState, before?: number): Promise<void> {
    const question = ++this.#requestId;
    this.#setState(during);
    const range = { q: this.#query, limit: PAGE_RESULTS, ...(before !== undefined && { before }) };
    try {
      const { messages, more, isComplete = true } = await this.#effects.historyApi.read(range);
      if (question !== this.#requestId) return;
      this.#isComplete = isComplete;
      const older = before === undefined ? [] : this.#results;
      this.#settle('found', [...older, ...[...messages].reverse()], more);
    } catch {
      if (question === this.#requestId) this.#setState(failed);
    }
  }

  #settle(state: SearchState, results: readonly Entry[], more: boolean): void {
    this.#results = results;
    this.#hasMore = more;
    this.#answered = this.#query;
    this.#setState(state);
  }

  #setState(state: SearchState): void {
    this.#state = state;
    this.#effects.changed();
  }
}
