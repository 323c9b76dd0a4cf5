/**
 * Who is here. Browsers are told that it has changed, and ask (GET /api/people) when somebody wants to see it.
 *
 *     comes, goes, named, heard ---> changed ---> soon, once for many ---> `people {count}` to each browser
 */
import type { Browser } from '../downstream/subscriber.ts';
import type { BrowserHere, Entry, PeopleHere, ServerMessage } from '../protocol.ts';
import type { Member } from '../session/session.ts';
import { Terminals } from './recent-terminals.ts';

/**
 * How long changes are gathered before all browsers are told, ms: a class that comes in at once costs each of them
 * a few frames. The more there are the longer, so that telling takes no more than about a hundredth of the time.
 */
const GATHER_MS = 1_000;
const GATHER_PER_MEMBER_MS = 1;

/** Most browsers that are listed: what a person may still look through. */
export const BROWSERS_LISTED = 500;

/** How old a list may be that is given out, ms: a class that looks at once is answered with one. */
const LIST_FRESH_MS = 500;

/** How often silent terminals are looked for, ms. */
const FORGET_EVERY_MS = 60_000;

/** How much of the log a gateway that starts looks through for terminals, entries. */
export const REMEMBERED_ENTRIES = 500;

/** A member as others see it. */
export type Person = Pick<Member, 'name' | 'address' | 'nickname' | 'presence'> & {
  browser: Pick<Browser, 'offer'> | undefined;
};

export class People {
  readonly #members: ReadonlyMap<string, Person>;
  readonly #terminals = new Terminals();
  readonly #forgetting: NodeJS.Timeout;
  #telling: NodeJS.Timeout | undefined;
  #list = { json: '', at: 0 };

  constructor(members: ReadonlyMap<string, Person>) {
    this.#members = members;
    this.#forgetting = setInterval(() => this.#forget(), FORGET_EVERY_MS);
  }

  get terminals(): number {
    return this.#terminals.count;
  }

  /** What the log of an earlier process says. */
  remember(entries: readonly Entry[]): void {
    for (const entry of entries) this.hear(entry);
    this.#terminals.forgetSilent(Date.now());
  }

  /** Words of no browser are a terminal's; a gap is nobody's, nor are words in a room without addresses. */
  hear({ from, text, at, said, forged, continues }: Omit<Entry, 'seq'>): void {
    if (said || forged || from === '') return;
    if (this.#terminals.hear(from, text, at, continues !== undefined)) this.changed();
  }

  changed(): void {
    const wait = GATHER_MS + GATHER_PER_MEMBER_MS * this.#members.size;
    this.#telling ??= setTimeout(() => this.#tell(), wait);
  }

  /** PeopleHere as JSON, the same for all who ask within a moment. */
  get json(): string {
    const now = Date.now();
    if (now - this.#list.at > LIST_FRESH_MS) this.#list = { json: JSON.stringify(this.#here()), at: now };
    return this.#list.json;
  }

  close(): void {
    clearInterval(this.#forgetting);
    clearTimeout(this.#telling);
  }

  #tell(): void {
    this.#telling = undefined;
    // Who is told sees all that has changed, also what did since the last list was made.
    this.#list.at = 0;
    const message: ServerMessage = { type: 'people', count: this.#count };
    for (const { browser } of this.#members.values()) browser?.offer(message);
  }

  #forget(): void {
    if (this.#terminals.forgetSilent(Date.now())) this.changed();
  }

  get #count(): number {
    let count = this.#terminals.count;
    for (const { presence } of this.#members.values()) if (presence !== 'gone') count++;
    return count;
  }

  #here(): PeopleHere {
    const browsers: BrowserHere[] = [];
    for (const member of this.#members.values()) {
      if (browsers.length === BROWSERS_LISTED) break;
      if (member.presence !== 'gone') browsers.push(describe(member));
    }
    return { browsers, terminals: this.#terminals.newest, count: this.#count };
  }
}

function describe({ name, address, nickname, presence }: Person): BrowserHere {
  return {
    id: name,
    address,
    ...(nickname !== undefined && { nickname }),
    ...(presence === 'away' && { away: true }),
  };
}
