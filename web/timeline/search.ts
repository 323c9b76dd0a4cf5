import type { Cancel } from '../../connection/socket.ts';
import type { Entry } from '../../gateway/protocol.ts';
import type { Effects } from '../client/effects.ts';
import type { HistoryApi } from './history-api.ts';

/** Typing pause before a request, so that not every letter sends one. */
export const TYPING_PAUSE_MS = 250;
/** Longest query that the gateway accepts. */
export const QUERY_MAX_CHARACTERS = 200;
/** Results per request. */
export const PAGE_RESULTS = 30;

/** Letters, digits and symbols such as emoji. The search terms are parsed in the lazy panel, to keep the first load small. */
const SEARCHABLE = /[\p{L}\p{N}\p{S}]/u;

/**
 *     idle --query--> searching --answer--> found <--> adding (or addFailed)
 *                         +------failure----> failed
 */
export type SearchState = 'idle' | 'searching' | 'found' | 'adding' | 'addFailed' | 'failed';

interface SearchEffects extends Pick<Effects, 'startTimer' | 'changed'> {
  historyApi: HistoryApi;
}

/** Searches the gateway's history. */
export class Search {
  readonly #effects: SearchEffects;
  #state: SearchState = 'idle';
  #query = '';
  #answered = '';
  #results: readonly Entry[] = [];
  #hasMore = false;
  #isComplete = true;
  #cancelPause: Cancel = () => {};
  /** Number of the last request. Answers to older ones are dropped. */
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

  /** Query of the current results. */
  get answeredQuery(): string {
    return this.#answered;
  }

  /** Newest first. During a search, still the results of the last one. */
  get results(): readonly Entry[] {
    return this.#results;
  }

  /** False while the gateway rebuilds its search index. */
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

  /** Appends older results. */
  async loadMore(): Promise<void> {
    const last = this.#results.at(-1);
    if (!this.#hasMore || last === undefined || (this.#state !== 'found' && this.#state !== 'addFailed'))
      return;
    await this.#read('adding', 'addFailed', last.seq);
  }

  /** Drops results that hosts have hidden. */
  drop(isHidden: (entry: Entry) => boolean): void {
    this.#results = this.#results.filter((entry) => !isHidden(entry));
  }

  /** Another log begins. */
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
    const requestId = ++this.#requestId;
    this.#setState(during);
    const range = { q: this.#query, limit: PAGE_RESULTS, ...(before !== undefined && { before }) };
    try {
      const { messages, more, isComplete = true } = await this.#effects.historyApi.read(range);
      if (requestId !== this.#requestId) return;
      this.#isComplete = isComplete;
      const older = before === undefined ? [] : this.#results;
      this.#settle('found', [...older, ...[...messages].reverse()], more);
    } catch {
      if (requestId === this.#requestId) this.#setState(failed);
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
