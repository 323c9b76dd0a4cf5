/**
 * Who is here. Browsers are told that it has changed, and ask (GET /api/people) when somebody wants to see it.
 *
 *     comes, goes, named, heard ---> changed ---> soon, once for many ---> `people {count}` to each browser
 */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { BrowserHere, Entry, PeopleHere, ServerMessage } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { RecentTerminals } from './recent-terminals.ts';

/**
 * How long changes are gathered before all browsers are told, ms: a class that comes in at once costs each of them
 * a few frames. The more there are the longer, so that telling takes no more than about a hundredth of the time.
 */
const NOTIFY_DELAY_MS = 1_000;
const NOTIFY_DELAY_PER_SESSION_MS = 1;

/** Most browsers that are listed: what a person may still look through. */
export const BROWSERS_LISTED = 500;

/** How old a list may be that is given out, ms: a class that looks at once is answered with one. */
const LIST_FRESH_MS = 500;

/** How often silent terminals are looked for, ms. */
const FORGET_EVERY_MS = 60_000;

/** How much of the log a gateway that starts looks through for terminals, entries. */
export const REMEMBERED_ENTRIES = 500;

/** A member as others see it. */
export type PresentSession = Pick<Session, 'publicId' | 'address' | 'nickname' | 'presence'> & {
  subscriber: Pick<Subscriber, 'sendIfWritable'> | undefined;
};

export class PresenceList {
  readonly #sessions: ReadonlyMap<string, PresentSession>;
  readonly #terminals = new RecentTerminals();
  readonly #forgetting: NodeJS.Timeout;
  #notifyTimer: NodeJS.Timeout | undefined;
  #list = { json: '', at: 0 };

  constructor(sessions: ReadonlyMap<string, PresentSession>) {
    this.#sessions = sessions;
    this.#forgetting = setInterval(() => this.#evictSilent(), FORGET_EVERY_MS);
  }

  get terminals(): number {
    return this.#terminals.count;
  }

  /** What the log of an earlier process says. */
  restore(entries: readonly Entry[]): void {
    for (const entry of entries) this.onEntry(entry);
    this.#terminals.evictSilent(Date.now());
  }

  /** Words of no browser are a terminal's; a gap is nobody's, nor are words in a room without addresses. */
  onEntry({ from, text, at, said, forged, continues }: Omit<Entry, 'seq'>): void {
    if (said || forged || from === '') return;
    if (this.#terminals.onEntry(from, text, at, continues !== undefined)) this.onChange();
  }

  onChange(): void {
    const wait = NOTIFY_DELAY_MS + NOTIFY_DELAY_PER_SESSION_MS * this.#sessions.size;
    this.#notifyTimer ??= setTimeout(() => this.#notify(), wait);
  }

  /** PeopleHere as JSON, the same for all who ask within a moment. */
  get json(): string {
    const now = Date.now();
    if (now - this.#list.at > LIST_FRESH_MS) this.#list = { json: JSON.stringify(this.#here()), at: now };
    return this.#list.json;
  }

  close(): void {
    clearInterval(this.#forgetting);
    clearTimeout(this.#notifyTimer);
  }

  #notify(): void {
    this.#notifyTimer = undefined;
    // Who is told sees all that has changed, also what did since the last list was made.
    this.#list.at = 0;
    const message: ServerMessage = { type: 'people', count: this.#count };
    for (const { subscriber } of this.#sessions.values()) subscriber?.sendIfWritable(message);
  }

  #evictSilent(): void {
    if (this.#terminals.evictSilent(Date.now())) this.onChange();
  }

  get #count(): number {
    let count = this.#terminals.count;
    for (const { presence } of this.#sessions.values()) if (presence !== 'gone') count++;
    return count;
  }

  #here(): PeopleHere {
    const browsers: BrowserHere[] = [];
    for (const session of this.#sessions.values()) {
      if (browsers.length === BROWSERS_LISTED) break;
      if (session.presence !== 'gone') browsers.push(describe(session));
    }
    return { browsers, terminals: this.#terminals.newest, count: this.#count };
  }
}

function describe({ publicId, address, nickname, presence }: PresentSession): BrowserHere {
  return {
    id: publicId,
    address,
    ...(nickname !== undefined && { nickname }),
    ...(presence === 'away' && { away: true }),
  };
}
