import type { PeopleHere } from '../../gateway/protocol.ts';
import type { Cancel } from '../connection/connection.ts';
import { isCount, isObject, isText } from '../connection/parse-server-message.ts';
import type { FetchJson } from '../timeline/history-api.ts';

/** How old what is shown gets, ms: it says when each terminal was last heard. */
export const REFRESH_MS = 15_000;

export interface PeopleEffects {
  fetchJson: FetchJson;
  startTimer(ms: number, then: () => void): Cancel;
  changed(): void;
}

/**
 * Who is here, as far as somebody looks: how many are, the gateway tells; who they are, it is asked.
 *
 *     closed --watch--> asking --answer--> shown --change, REFRESH--> asking
 *                          `-----------> failed --REFRESH, tryAgain--> asking
 */
export class PeopleList {
  readonly #effects: PeopleEffects;
  #isOpen = false;
  /** Asked since the last request went out, 0 while none is under way: its answer may be of before the later ones. */
  #requests = 0;
  #hasFailed = false;
  #here: PeopleHere | undefined;
  #count: number | undefined;
  #cancelRefresh: Cancel = () => {};

  constructor(effects: PeopleEffects) {
    this.#effects = effects;
  }

  /** Not known before the gateway has told. */
  get count(): number | undefined {
    return this.#count;
  }

  /** Who was here when it was last asked. */
  get here(): PeopleHere | undefined {
    return this.#here;
  }

  /** The last question had no answer. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The gateway tells of several changes at once, so each time is worth a question. */
  onCount(count: number): void {
    this.#count = count;
    if (this.#isOpen) this.refresh();
  }

  clear(): void {
    this.#here = this.#count = undefined;
  }

  setOpen(isWatched: boolean): void {
    if (isWatched === this.#isOpen) return;
    this.#isOpen = isWatched;
    this.#cancelRefresh();
    if (isWatched) void this.#fetch();
  }

  refresh(): void {
    this.#cancelRefresh();
    void this.#fetch();
  }

  #fetchIn(ms: number): void {
    this.#cancelRefresh();
    this.#cancelRefresh = this.#effects.startTimer(ms, () => void this.#fetch());
  }

  async #fetch(): Promise<void> {
    this.#requests++;
    if (this.#requests > 1) return;
    let answer: unknown;
    do {
      this.#requests = 1;
      answer = await this.#effects.fetchJson('/api/people').catch(() => undefined);
    } while (this.#requests > 1);
    this.#requests = 0;
    this.#hasFailed = !isPeopleHere(answer);
    if (isPeopleHere(answer)) {
      this.#here = answer;
      this.#count = answer.count;
    }
    if (this.#isOpen) this.#fetchIn(REFRESH_MS);
    this.#effects.changed();
  }
}

function isPeopleHere(value: unknown): value is PeopleHere {
  return (
    isObject(value) &&
    isCount(value.count) &&
    Array.isArray(value.browsers) &&
    value.browsers.every((browser) => isPerson(browser) && isText(browser.id)) &&
    Array.isArray(value.terminals) &&
    value.terminals.every(
      (terminal) => isPerson(terminal) && isText(terminal.address) && isCount(terminal.at),
    )
  );
}

function isPerson(value: unknown): value is Record<string, unknown> {
  return (
    isObject(value) &&
    (value.address === null || isText(value.address)) &&
    (value.nickname === undefined || isText(value.nickname))
  );
}
