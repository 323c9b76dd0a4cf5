/**
 * Lists the people in the room. Clients are notified of changes, and fetch the list (GET /api/people) when a person opens
 * it.
 *
 *     join, leave, nickname, terminal heard ---> onChange ---> after a delay ---> `people {count}` to each client
 */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { BrowserHere, Entry, PeopleHere, ServerMessage } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { RecentTerminals } from './recent-terminals.ts';

/**
 * How long changes are gathered before clients are notified, ms. A class that joins at once costs each client a few
 * frames. The delay grows with the sessions, so that notifying takes about a hundredth of the time.
 */
const NOTIFY_DELAY_MS = 1_000;
const NOTIFY_DELAY_PER_SESSION_MS = 1;

/** Browsers in the list: as many as a person may look through. */
export const BROWSERS_LISTED = 500;

/** How long a list is served from the cache, ms, so that a class that opens it at once costs one list. */
const LIST_FRESH_MS = 500;

/** How often silent terminals are evicted, ms. */
const EVICT_EVERY_MS = 60_000;

/** Newest entries in which a starting gateway finds terminals. */
export const REMEMBERED_ENTRIES = 500;

/** A session as other people see it. */
export type PresentSession = Pick<Session, 'publicId' | 'address' | 'nickname' | 'presence'> & {
  subscriber: Pick<Subscriber, 'sendIfWritable'> | undefined;
};

export class PresenceList {
  readonly #sessions: ReadonlyMap<string, PresentSession>;
  readonly #terminals = new RecentTerminals();
  readonly #evictTimer: NodeJS.Timeout;
  #notifyTimer: NodeJS.Timeout | undefined;
  #list = { json: '', at: 0 };

  constructor(sessions: ReadonlyMap<string, PresentSession>) {
    this.#sessions = sessions;
    this.#evictTimer = setInterval(() => this.#evictSilent(), EVICT_EVERY_MS);
  }

  get terminals(): number {
    return this.#terminals.count;
  }

  /** Restores terminals from the entries of an earlier process. */
  restore(entries: readonly Entry[]): void {
    for (const entry of entries) this.onEntry(entry);
    this.#terminals.evictSilent(Date.now());
  }

  /** An entry of no session comes from a terminal, unless it is a gap or the room sends no addresses. */
  onEntry({ from, text, at, said, forged, continues }: Omit<Entry, 'seq'>): void {
    if (said || forged || from === '') return;
    if (this.#terminals.onEntry(from, text, at, continues !== undefined)) this.onChange();
  }

  onChange(): void {
    const wait = NOTIFY_DELAY_MS + NOTIFY_DELAY_PER_SESSION_MS * this.#sessions.size;
    this.#notifyTimer ??= setTimeout(() => this.#notify(), wait);
  }

  /** PeopleHere as JSON, cached for a moment. */
  get json(): string {
    const now = Date.now();
    if (now - this.#list.at > LIST_FRESH_MS) this.#list = { json: JSON.stringify(this.#here()), at: now };
    return this.#list.json;
  }

  close(): void {
    clearInterval(this.#evictTimer);
    clearTimeout(this.#notifyTimer);
  }

  #notify(): void {
    this.#notifyTimer = undefined;
    // Invalidates the cached list, so that clients which fetch it now get the change.
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
