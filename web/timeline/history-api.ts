import { isCount, isObject, isText } from '../../common/guards.ts';
import { isEntry } from '../../connection/parse-server-message.ts';
import type { Entry } from '../../gateway/protocol.ts';
import type { Effects } from '../client/effects.ts';

/** A part of the log: below `before`, above `after`, or the newest. `q` selects messages by a search. */
export interface Range {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
}

/** A page of the gateway's history, in ascending order. */
export interface HistoryPage {
  epoch: string;
  head: number;
  tail: number;
  /** Counts the acts of the hosts. */
  revision?: number;
  messages: readonly Entry[];
  /** There are more messages in the direction of the request. */
  more: boolean;
  /** False if the search has not covered all messages. */
  isComplete?: boolean;
}

/** The gateway refused a request because of its rate limit. */
export class RateLimitedError extends Error {
  readonly retryAfterMs: number;

  constructor(ms: number) {
    super(`rate limited: retry in ${ms} ms`);
    this.retryAfterMs = ms;
  }
}

/** The gateway refused a request without a valid token. */
export class UnauthorizedError extends Error {}

/** Longest total wait for one page. After it, the reader decides whether to retry. */
export const RETRY_MAX_MS = 30_000;

type HistoryApiEffects = Pick<Effects, 'fetchJson' | 'startTimer' | 'changed'>;

/** Reads the gateway's history over HTTP, within its rate limit. */
export class HistoryApi {
  readonly #effects: HistoryApiEffects;
  /** Number of requests that wait for the rate limit. */
  #delayed = 0;
  /** Hosts read hidden messages too. */
  isHost = false;
  /** Applies acts of hosts while a request was under way. */
  revise: (entry: Entry) => Entry = (entry) => entry;

  constructor(effects: HistoryApiEffects) {
    this.#effects = effects;
  }

  get isRateLimited(): boolean {
    return this.#delayed > 0;
  }

  async read(range: Range): Promise<HistoryPage> {
    const given = Object.entries({ ...range, ...(this.isHost && { hidden: true }) }).map(([name, value]) => [
      name,
      String(value),
    ]);
    const answer = await this.#fetch(`/api/messages?${new URLSearchParams(given)}`, RETRY_MAX_MS);
    if (!isHistoryPage(answer)) throw new Error('read the history: the answer is not a page of it');
    return { ...answer, messages: answer.messages.map(this.revise) };
  }

  async #fetch(path: string, remainingMs: number): Promise<unknown> {
    try {
      return await this.#effects.fetchJson(path);
    } catch (error) {
      if (!(error instanceof RateLimitedError) || error.retryAfterMs > remainingMs) throw error;
      return await this.#retryAfter(error.retryAfterMs, () =>
        this.#fetch(path, remainingMs - error.retryAfterMs),
      );
    }
  }

  async #retryAfter<T>(ms: number, then: () => Promise<T>): Promise<T> {
    this.#delayed++;
    this.#effects.changed();
    await new Promise<void>((resolve) => this.#effects.startTimer(ms, resolve));
    // The state ends with the answer, so that the page does not flicker.
    return await then().finally(() => {
      this.#delayed--;
      this.#effects.changed();
    });
  }
}

function isHistoryPage(value: unknown): value is HistoryPage {
  return (
    isObject(value) &&
    isText(value.epoch) &&
    isCount(value.head) &&
    isCount(value.tail) &&
    Array.isArray(value.messages) &&
    value.messages.every(isEntry) &&
    typeof value.more === 'boolean' &&
    (value.isComplete === undefined || typeof value.isComplete === 'boolean')
  );
}
