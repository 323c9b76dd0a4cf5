/**
 * Gathers the lines of a terminal that sends faster than anybody reads, so that a flood makes few entries. A line within
 * the pace is recorded at once.
 *
 *     line --within the pace--> record
 *       `--too fast--> gathered with others --after a moment, or when large--> record
 */
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';

/** What a gathered entry may hold, characters: more than a screen. */
export const GATHERED_MAX = 8 * 1024;

/** Speakers remembered at most. Headers can be forged, so anybody can name any number of addresses. */
const SPEAKERS_MAX = 2_000;

/** Where an entry goes: under an address, perhaps as the continuation of an entry. */
export interface Line {
  from: string;
  text: string;
  forged: boolean;
  continues: number | undefined;
}

export interface GathererEffects {
  /** Returns the seq of the entry that later text continues. */
  record(line: Line): number;
  /** Gathered lines are recorded: `root` is what text of the last one continues. */
  gathered(line: Line, root: number): void;
  /** A terminal begins to send too fast. */
  flooding(from: string): void;
}

interface Speaker {
  allowance: TokenBucket;
  waiting: Line | undefined;
}

export class LineGatherer {
  readonly #pace: RateLimit;
  readonly #effects: GathererEffects;
  /** The longest silent first. */
  readonly #speakers = new Map<string, Speaker>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: RateLimit, effects: GathererEffects) {
    this.#pace = pace;
    this.#effects = effects;
  }

  /** Returns the seq that later text continues, undefined while the line waits. `more`: it goes on with the last one. */
  add(line: Line, more: boolean): number | undefined {
    const speaker = this.#speakerOf(line);
    const { waiting } = speaker;
    if (!waiting && speaker.allowance.take()) return this.#effects.record(line);
    if (!waiting) {
      speaker.waiting = { ...line };
      this.#effects.flooding(line.from);
    } else waiting.text += more ? line.text : `\n${line.text}`;
    if ((speaker.waiting?.text.length ?? 0) >= GATHERED_MAX) this.#flush(speaker);
    else this.#timer ??= setTimeout(() => this.flush(), 1000 / this.#pace.perSecond).unref();
    return undefined;
  }

  /** Records everything that waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const speaker of this.#speakers.values()) this.#flush(speaker);
  }

  /** Records what waits under an address, so that the next entry of that address comes after it. */
  flushOf(from: string): void {
    for (const forged of [false, true]) this.#flush(this.#speakers.get(keyOf({ from, forged })));
  }

  #flush(speaker: Speaker | undefined): void {
    const waiting = speaker?.waiting;
    if (!waiting) return;
    speaker.waiting = undefined;
    this.#effects.gathered(waiting, this.#effects.record(waiting));
  }

  #speakerOf(line: Line): Speaker {
    const key = keyOf(line);
    const speaker = this.#speakers.get(key) ?? { allowance: new TokenBucket(this.#pace), waiting: undefined };
    this.#speakers.delete(key);
    this.#speakers.set(key, speaker);
    if (this.#speakers.size > SPEAKERS_MAX) this.#forgetOldest();
    return speaker;
  }

  #forgetOldest(): void {
    for (const [key, speaker] of this.#speakers) {
      this.#flush(speaker);
      this.#speakers.delete(key);
      return;
    }
  }
}

/** Lines that are marked as forged are never gathered with others. */
function keyOf({ from, forged }: Pick<Line, 'from' | 'forged'>): string {
  return forged ? `forged ${from}` : from;
}
