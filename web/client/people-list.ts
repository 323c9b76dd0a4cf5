import { isCount, isObject, isText } from '../../common/guards.ts';
import type { Cancel } from '../../connection/socket.ts';
import type { PeopleHere } from '../../gateway/protocol.ts';
import type { Effects } from './effects.ts';

/** Interval between two requests. The list shows how long ago each terminal spoke, so it ages. */
export const REFRESH_MS = 15_000;

type PeopleEffects = Pick<Effects, 'fetchJson' | 'startTimer' | 'changed'>;

/**
 * Holds the people in the room. The gateway pushes their number. The list is fetched only while it is open.
 *
 *     closed --setOpen--> fetching --answer--> shown --onCount, REFRESH_MS--> fetching
 *                             `-----------> failed --refresh, REFRESH_MS--> fetching
 */
export class PeopleList {
  readonly #effects: PeopleEffects;
  #isOpen = false;
  /** Number of requests since the running one was sent. Its answer may be older than the last request. */
  #requests = 0;
  #hasFailed = false;
  #here: PeopleHere | undefined;
  #count: number | undefined;
  #cancelRefresh: Cancel = () => {};

  constructor(effects: PeopleEffects) {
    this.#effects = effects;
  }

  /** Number of people; undefined before the gateway has sent it. */
  get count(): number | undefined {
    return this.#count;
  }

  /** The people at the time of the last answer. */
  get here(): PeopleHere | undefined {
    return this.#here;
  }

  /** True if the last request failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Each report covers several changes, so each is worth a request. */
  onCount(count: number): void {
    this.#count = count;
    if (this.#isOpen) this.refresh();
  }

  clear(): void {
    this.#here = this.#count = undefined;
  }

  setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#cancelRefresh();
    if (isOpen) void this.#fetch();
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
    isCount(value.unlisted) &&
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
