import type { Entry } from '../gateway/protocol.ts';
import { isCount, isEntry, isObject, isText } from './server-message.ts';

/** Which part of the log: below `before`, above `after`, or the newest; `q`: only what holds these words. */
export interface Range {
  before?: number;
  after?: number;
  limit: number;
  q?: string;
}

/** A part of the log as the gateway keeps it, ascending by number. */
export interface Excerpt {
  epoch: string;
  head: number;
  tail: number;
  messages: readonly Entry[];
  /** There is more in the direction that was asked for. */
  more: boolean;
}

/** Asks the gateway for a path and gives the JSON; rejects when there is no answer in time, or a refusal. */
export type Ask = (path: string) => Promise<unknown>;

/** Reads what the gateway keeps of the log. */
export class Archive {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async read(range: Range): Promise<Excerpt> {
    const given = Object.entries(range).map(([name, value]) => [name, String(value)]);
    const answer = await this.#ask(`/api/messages?${new URLSearchParams(given)}`);
    if (!isExcerpt(answer)) throw new Error('read the log: the answer is no part of a log');
    return answer;
  }
}

function isExcerpt(value: unknown): value is Excerpt {
  return (
    isObject(value) &&
    isText(value.epoch) &&
    isCount(value.head) &&
    isCount(value.tail) &&
    Array.isArray(value.messages) &&
    value.messages.every(isEntry) &&
    typeof value.more === 'boolean'
  );
}
