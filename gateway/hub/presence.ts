/**
 * Lists the people in the room. Clients are notified of changes, and fetch the list (GET /api/people) when a person opens
 * it.
 *
 *     join, leave, nickname, terminal heard ---> onChange ---> after a delay ---> `people {count}` to each client
 */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { BrowserHere, Entry, PeopleHere, ServerMessage } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { NameOwners, nicknameOf } from './name-owners.ts';
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
export type PresentSession = Pick<
  Session,
  'publicId' | 'address' | 'nickname' | 'presence' | 'isHost' | 'isSilenced'
> & {
  subscriber: Pick<Subscriber, 'sendIfWritable'> | undefined;
};

export class PresenceList {
  readonly #sessions: ReadonlyMap<string, PresentSession>;
  readonly #remote: () => Iterable<PresentSession>;
  readonly #names: NameOwners;
  readonly #terminals = new RecentTerminals();
  readonly #knowsNames: boolean;
  readonly #evictTimer: NodeJS.Timeout;
  #notifyTimer: NodeJS.Timeout | undefined;
  #notifiedCount = 0;
  #list = { json: '', at: 0 };

  /**
   * `knowsNames`: the room names the senders of messages, so that a terminal without an address is known by its name.
   * `remote`: sessions at other gateways of a cluster.
   */
  constructor(
    sessions: ReadonlyMap<string, PresentSession>,
    knowsNames = false,
    remote: () => Iterable<PresentSession> = () => [],
  ) {
    this.#sessions = sessions;
    this.#remote = remote;
    this.#names = new NameOwners(sessions);
    this.#knowsNames = knowsNames;
    this.#evictTimer = setInterval(() => this.#evictSilent(), EVICT_EVERY_MS);
  }

  get terminals(): number {
    return this.#terminals.count;
  }

  /** Restores terminals and the owners of nicknames from the entries of an earlier process. */
  restore(entries: readonly Entry[]): void {
    const now = Date.now();
    for (const entry of entries) {
      const nickname = nicknameOf(entry);
      this.onEntry(entry, nickname);
      const { said, taken } = entry;
      if (nickname !== undefined && said && !taken) this.#names.claim(nickname, said.by, now);
    }
    this.#terminals.evictSilent(now);
  }

  /** An entry of no session comes from a terminal, unless it is a gap or the room sends no addresses. */
  onEntry({ from, at, said, forged, note, gap }: Omit<Entry, 'seq'>, nickname: string | undefined): void {
    if (said || forged || note || gap || (from === '' && !this.#knowsNames)) return;
    if (this.#terminals.onEntry(from, nickname, at)) this.onChange();
  }

  /** Returns true if another browser than `by` uses the nickname. */
  claimName(nickname: string, by: string | undefined, now: number): boolean {
    return this.#names.claim(nickname, by, now);
  }

  /** The session came, went, or has another nickname. */
  onSession({ nickname, publicId }: Pick<PresentSession, 'nickname' | 'publicId'>): void {
    if (nickname !== undefined) this.#names.claim(nickname, publicId, Date.now());
    this.onChange();
  }

  /** A message of this terminal was hidden. */
  onHidden(address: string): void {
    if (this.#terminals.forgetNickname(address)) this.onChange();
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
    this.#notifiedCount = this.#count;
    const message: ServerMessage = { type: 'people', count: this.#notifiedCount };
    for (const { subscriber } of this.#sessions.values()) subscriber?.sendIfWritable(message);
  }

  #evictSilent(): void {
    this.#terminals.evictSilent(Date.now());
    // A terminal that is silent for long is no longer counted.
    if (this.#count !== this.#notifiedCount) this.onChange();
  }

  /** One session of each person, preferably one with a connection. */
  get #people(): Map<string, PresentSession> {
    const people = new Map<string, PresentSession>();
    for (const session of this.#sessions.values()) {
      if (session.presence === 'gone') continue;
      const known = people.get(session.publicId);
      if (known === undefined || known.presence === 'away') people.set(session.publicId, session);
    }
    for (const session of this.#remote()) {
      const known = people.get(session.publicId);
      if (known === undefined || known.presence === 'away') people.set(session.publicId, session);
    }
    return people;
  }

  get #count(): number {
    return this.#people.size + this.#terminals.countHere(Date.now());
  }

  #here(): PeopleHere {
    const people = [...this.#people.values()];
    const browsers = people.slice(0, BROWSERS_LISTED).map((session) => this.#describe(session));
    const unlisted = people.length - browsers.length;
    const count = people.length + this.#terminals.countHere(Date.now());
    return { browsers, terminals: this.#terminals.newest, unlisted, count };
  }

  #describe(session: PresentSession): BrowserHere {
    const { publicId, address, nickname, presence, isHost, isSilenced } = session;
    const isTaken = nickname !== undefined && this.#names.isTaken(nickname, publicId, Date.now());
    return {
      id: publicId,
      address,
      ...(nickname !== undefined && { nickname }),
      ...(presence === 'away' && { away: true }),
      ...(isTaken && { taken: true }),
      ...(isHost && { host: true }),
      ...(isSilenced && { silenced: true }),
    };
  }
}
