/** After a longer pause the speaker's name is shown again. */
export const GROUP_PAUSE_MS = 5 * 60_000;

/** Number of connections whose last name is known. A file of years has more, and must not fill the memory. */
const KNOWN_CONNECTIONS = 2_000;

export interface Speaker {
  /** A page knows its own messages, also those of its person's other tabs. */
  mine?: boolean;
  /** Empty for an own message on its way. */
  from: string;
  nickname: string | undefined;
}

export function isSameSpeaker(a: Speaker, b: Speaker): boolean {
  const isSamePlace = a.from === b.from || (a.mine && (a.from === '' || b.from === ''));
  return a.mine === b.mine && isSamePlace === true && a.nickname === b.nickname;
}

/** Groups consecutive messages. The first of a group shows the speaker. */
export class SpeakerGroups {
  #speaker: Speaker | undefined;
  #at = 0;

  /** Returns whether a message begins a group. */
  startsWith(speaker: Speaker, at: number): boolean {
    const isSame = this.#speaker !== undefined && isSameSpeaker(speaker, this.#speaker);
    const starts = !isSame || at - this.#at > GROUP_PAUSE_MS;
    this.#speaker = speaker;
    this.#at = at;
    return starts;
  }

  /** Something else stands between the messages. */
  end(): void {
    this.#speaker = undefined;
  }
}

/** Knows the last nickname of each connection of a person. Tabs of one person may have different names. */
export class KnownNames {
  readonly #names = new Map<string, string>();

  /** Returns the name that the connection had before this message, if it was another one. */
  rename({ by, from, nickname }: Pick<Speaker, 'from' | 'nickname'> & { by: string | undefined }) {
    if (by === undefined || nickname === undefined) return undefined;
    const connection = `${by} ${from}`;
    const before = this.#names.get(connection);
    // The order of a map is that of insertion, so the first connection is the one that was silent for longest.
    this.#names.delete(connection);
    this.#names.set(connection, nickname);
    const [silent] = this.#names.keys();
    if (this.#names.size > KNOWN_CONNECTIONS && silent !== undefined) this.#names.delete(silent);
    return before === nickname ? undefined : before;
  }
}
