/** After a longer pause the speaker's name is shown again. */
export const GROUP_PAUSE_MS = 5 * 60_000;

/** Number of people whose last name is known. A file of years has more, and must not fill the memory. */
const KNOWN_PEOPLE = 2_000;

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

/** Knows the last nickname of each person. */
export class KnownNames {
  readonly #names = new Map<string, string>();

  /** Returns the name that the person had before this message, if it was another one. */
  rename({ by, nickname }: { by: string | undefined; nickname: string | undefined }): string | undefined {
    if (by === undefined || nickname === undefined) return undefined;
    const before = this.#names.get(by);
    // The order of a map is that of insertion, so the first person is the one that was silent for longest.
    this.#names.delete(by);
    this.#names.set(by, nickname);
    const [silent] = this.#names.keys();
    if (this.#names.size > KNOWN_PEOPLE && silent !== undefined) this.#names.delete(silent);
    return before === nickname ? undefined : before;
  }
}
