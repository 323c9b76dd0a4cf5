import type { Entry } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import { isCount, isEntry, isObject, isText } from '../connection/parse-server-message.ts';

/** Which part of the log: below `before`, above `after`, or the newest; `q`: only what holds these words. */
export interface Range {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
}

/** A part of the log as the gateway keeps it, ascending by number. */
export interface HistoryPage {
  epoch: string;
  head: number;
  tail: number;
  messages: readonly Entry[];
  /** There is more in the direction that was asked for. */
  more: boolean;
  /** Of a search: were all messages searched? */
  isComplete?: boolean;
}

/** Asks the gateway for a path and gives the JSON; rejects when there is no answer in time, or a refusal. */
export type FetchJson = (path: string) => Promise<unknown>;

/** The refusal of a gateway that this network asks too often: it wants to be asked again after so many ms. */
export class RateLimitedError extends Error {
  readonly retryAfterMs: number;

  constructor(ms: number) {
    super(`come again in ${ms} ms`);
    this.retryAfterMs = ms;
  }
}

/** The refusal of a gateway whose room asks for a passphrase. */
export class UnauthorizedError extends Error {}

/** How long it waits for one answer, ms; then the person is asked whether to go on. */
export const RETRY_MAX_MS = 30_000;

export interface HistoryApiEffects {
  fetchJson: FetchJson;
  startTimer(ms: number, then: () => void): Cancel;
  changed(): void;
}

/** Reads what the gateway keeps of the log; as slowly as it wants to be read. */
export class HistoryApi {
  readonly #effects: HistoryApiEffects;
  /** Questions that the gateway has put off. */
  #delayed = 0;

  constructor(effects: HistoryApiEffects) {
    this.#effects = effects;
  }

  get isRateLimited(): boolean {
    return this.#delayed > 0;
  }

  async read(range: Range): Promise<HistoryPage> {
    const given = Object.entries(range).map(([name, value]) => [name, String(value)]);
    const answer = await this.#fetch(`/api/messages?${new URLSearchParams(given)}`, RETRY_MAX_MS);
    if (!isHistoryPage(answer)) throw new Error('read the log: the answer is no part of a log');
    return answer;
  }

  async #fetch(path: string, patience: number): Promise<unknown> {
    try {
      return await this.#effects.fetchJson(path);
    } catch (error) {
      if (!(error instanceof RateLimitedError) || error.retryAfterMs > patience) throw error;
      return await this.#retryAfter(error.retryAfterMs, () =>
        this.#fetch(path, patience - error.retryAfterMs),
      );
    }
  }

  async #retryAfter<T>(ms: number, then: () => Promise<T>): Promise<T> {
    this.#delayed++;
    this.#effects.changed();
    await new Promise<void>((resolve) => this.#effects.startTimer(ms, resolve));
    // Until it is answered: who looks sees no flicker.
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
