/**
 * Sessions at the other gateways of a cluster. Each gateway sends a complete list every few seconds, never increments,
 * so that a lost message or a dead gateway leaves nobody behind.
 *
 *     listed -- no list for a while --> away -- no list for longer than a session lasts --> gone
 */
import { createHash } from 'node:crypto';
import { isCount, isObject, isText } from '../../common/guards.ts';

/** Interval between two lists of a gateway, ms. A change is sent at once. */
export const LIST_EVERY_MS = 2_000;

/** Without a list for this time a gateway counts as dead, and its sessions as away, ms: two lists and a pause. */
export const SILENT_AFTER_MS = 5_000;

/** Sessions in one message. A message of an engine has at most a MiB, and a session about 150 bytes. */
const SESSIONS_PER_MESSAGE = 2_000;

/** Characters of a hash in base64: nobody finds another secret with the same hash. */
const KEY_CHARACTERS = 32;

/** A session as the other gateways know it. */
export interface SharedSession {
  /** Proves that a browser owns the session, and is no secret itself. */
  key: string;
  publicId: string;
  address: string | undefined;
  nickname: string | undefined;
  presence: 'here' | 'away';
  isHost: boolean;
  /** When the session came to its gateway, ms since 1970. The later of two with one key counts. */
  since: number;
}

interface Gateway {
  sessions: ReadonlyMap<string, SharedSession>;
  /** Parts of the next list, until it is complete. */
  parts: Map<number, SharedSession[]>;
  version: number;
  /** When a complete list arrived last, by the monotonic clock, ms. */
  at: number;
}

export function sessionKey(session: string): string {
  return createHash('sha256').update(session).digest('base64url').slice(0, KEY_CHARACTERS);
}

/** Encodes a gateway's list in as many messages as it needs. `version` grows with each list. */
export function encodePresence(
  by: string,
  version: number,
  sessions: readonly SharedSession[],
): Uint8Array[] {
  const parts = Math.max(1, Math.ceil(sessions.length / SESSIONS_PER_MESSAGE));
  return Array.from({ length: parts }, (_, part) => {
    const begin = part * SESSIONS_PER_MESSAGE;
    const listed = sessions.slice(begin, begin + SESSIONS_PER_MESSAGE);
    return Buffer.from(JSON.stringify({ by, version, part, parts, sessions: listed }));
  });
}

export class RemotePresence {
  readonly #self: string;
  readonly #keepMs: number;
  readonly #gateways = new Map<string, Gateway>();
  #merged: ReadonlyMap<string, SharedSession> | undefined;

  /** `keepMs`: how long a browser may resume a session whose gateway is dead. */
  constructor(self: string, keepMs: number) {
    this.#self = self;
    this.#keepMs = keepMs;
  }

  /** Returns true if the people of other gateways may have changed. */
  receive(body: Uint8Array, now: number): boolean {
    const message = parsePresence(body);
    if (message === undefined || message.by === this.#self) return false;
    const { by, version, part, parts, sessions } = message;
    const gateway = this.#gateways.get(by) ?? { sessions: new Map(), parts: new Map(), version: -1, at: now };
    this.#gateways.set(by, gateway);
    if (version !== gateway.version) {
      gateway.version = version;
      gateway.parts.clear();
    }
    gateway.parts.set(part, sessions);
    if (gateway.parts.size < parts) return false;
    const complete = [...gateway.parts.values()].flat();
    gateway.sessions = new Map(complete.map((session) => [session.key, session]));
    gateway.parts.clear();
    gateway.at = now;
    this.#merged = undefined;
    return true;
  }

  /** Drops dead gateways. Returns true if somebody is away or gone since the last call. */
  evict(now: number): boolean {
    let hasChanged = false;
    for (const [by, { at, sessions }] of this.#gateways) {
      if (now - at >= this.#keepMs + SILENT_AFTER_MS) this.#gateways.delete(by);
      else if (now - at < SILENT_AFTER_MS || isAllAway(sessions)) continue;
      else this.#gateways.set(by, { sessions: allAway(sessions), parts: new Map(), version: -1, at });
      hasChanged = true;
    }
    if (hasChanged) this.#merged = undefined;
    return hasChanged;
  }

  /** Each session at another gateway, by its key. */
  get sessions(): ReadonlyMap<string, SharedSession> {
    this.#merged ??= this.#merge();
    return this.#merged;
  }

  /** The session whose voice has this address in the room. */
  at(address: string): SharedSession | undefined {
    for (const session of this.sessions.values()) if (session.address === address) return session;
    return undefined;
  }

  /** A session that has moved is at two gateways for a moment. */
  #merge(): Map<string, SharedSession> {
    const merged = new Map<string, SharedSession>();
    for (const { sessions } of this.#gateways.values()) {
      for (const session of sessions.values()) {
        const known = merged.get(session.key);
        if (known === undefined || known.since < session.since) merged.set(session.key, session);
      }
    }
    return merged;
  }
}

function isAllAway(sessions: ReadonlyMap<string, SharedSession>): boolean {
  return [...sessions.values()].every(({ presence }) => presence === 'away');
}

function allAway(sessions: ReadonlyMap<string, SharedSession>): ReadonlyMap<string, SharedSession> {
  return new Map([...sessions].map(([key, session]) => [key, { ...session, presence: 'away' as const }]));
}

interface PresenceMessage {
  by: string;
  version: number;
  part: number;
  parts: number;
  sessions: SharedSession[];
}

/** Returns nothing for a message of another format. */
function parsePresence(body: Uint8Array): PresenceMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { by, version, part, parts, sessions } = value;
  const isWhole =
    isText(by) && isCount(version) && isCount(part) && isCount(parts) && Array.isArray(sessions);
  if (!isWhole || !sessions.every(isSession)) return undefined;
  return { by, version, part, parts, sessions: sessions.map(toSession) };
}

type JsonSession = Record<string, unknown> & Pick<SharedSession, 'key' | 'publicId' | 'since'>;

function isSession(value: unknown): value is JsonSession {
  return isObject(value) && isText(value.key) && isText(value.publicId) && isCount(value.since);
}

function toSession({
  key,
  publicId,
  since,
  address,
  nickname,
  presence,
  isHost,
}: JsonSession): SharedSession {
  return {
    key,
    publicId,
    since,
    address: isText(address) ? address : undefined,
    nickname: isText(nickname) ? nickname : undefined,
    presence: presence === 'here' ? 'here' : 'away',
    isHost: isHost === true,
  };
}
