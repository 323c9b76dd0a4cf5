/**
 * Remembers which browser uses each nickname, so that a second person under the same name is marked. A terminal proves
 * nothing about its user, so only browsers own names.
 */
import { parseNickname } from '../protocol.ts';
import type { Session } from '../session/session.ts';

/** How long the name of a browser that left stays its own, ms: a restart of the gateway or of a laptop. */
export const NAME_KEPT_MS = 10 * 60_000;

/** Names remembered: several classes. The longest unused is evicted first. */
export const NAMES_MAX = 2_000;

export type NamedSession = Pick<Session, 'publicId' | 'nickname' | 'presence'>;

interface Owner {
  by: string;
  /** Time of the last use, ms since 1970. */
  at: number;
}

export class NameOwners {
  readonly #sessions: ReadonlyMap<string, NamedSession>;
  /** By folded name. The longest unused comes first. */
  readonly #owners = new Map<string, Owner>();

  constructor(sessions: ReadonlyMap<string, NamedSession>) {
    this.#sessions = sessions;
  }

  /** Returns true if another browser uses the name. Otherwise it belongs to `by`; a terminal has no `by`. */
  claim(name: string, by: string | undefined, now: number): boolean {
    const key = fold(name);
    if (this.#isTaken(key, by, now)) return true;
    if (by === undefined) return false;
    this.#owners.delete(key);
    this.#owners.set(key, { by, at: now });
    if (this.#owners.size > NAMES_MAX) this.#evictOldest();
    return false;
  }

  isTaken(name: string, by: string | undefined, now: number): boolean {
    return this.#isTaken(fold(name), by, now);
  }

  #isTaken(key: string, by: string | undefined, now: number): boolean {
    const owner = this.#owners.get(key);
    if (owner === undefined || owner.by === by) return false;
    const present = [...this.#sessions.values()].filter(
      ({ publicId, presence }) => publicId === owner.by && presence !== 'gone',
    );
    if (present.length === 0) return now - owner.at < NAME_KEPT_MS;
    return present.some(({ nickname }) => nickname !== undefined && fold(nickname) === key);
  }

  #evictOldest(): void {
    const [oldest] = this.#owners.keys();
    if (oldest !== undefined) this.#owners.delete(oldest);
  }
}

/** Returns the nickname with which the message of an entry begins. */
export function nicknameOf({
  text,
  continues,
}: {
  text: string;
  continues?: number | undefined;
}): string | undefined {
  return continues === undefined ? parseNickname(text).nickname : undefined;
}

/** Case, accents, width and spaces do not make another name. */
function fold(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}|\s|\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase();
}
