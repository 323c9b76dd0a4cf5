/**
 * Gathers the lines of a terminal that sends faster than the rate limit, so that a flood makes few entries.
 *
 *     line --within the limit--> recorded by the caller
 *       `--too fast--> gathered with others --after a moment, or when large--> onGathered
 */
import { type RateLimit, TokenBucket } from '../../common/token-bucket.ts';

/** Text of a gathered entry, characters: more than a screen. */
export const GATHERED_MAX = 8 * 1024;

/** Addresses remembered. Headers can be forged, so that a terminal can name any number of addresses. */
const ADDRESSES_MAX = 2_000;

/** A line under an address, perhaps as the continuation of an entry. */
export interface Line {
  from: string;
  text: string;
  isForged: boolean;
  /** The line is the room's own. */
  isNote: boolean;
  /** Seq of the entry that the line continues. */
  continues: number | undefined;
}

export interface LineGathererListener {
  /** Gathered lines are due as one entry. */
  onGathered(line: Line): void;
  /** An address begins to exceed the rate limit. */
  onFlood(from: string): void;
}

interface Sender {
  bucket: TokenBucket;
  waiting: Line | undefined;
}

export class LineGatherer {
  readonly #rate: RateLimit;
  readonly #listener: LineGathererListener;
  /** By address. The longest silent comes first. */
  readonly #senders = new Map<string, Sender>();
  #timer: NodeJS.Timeout | undefined;

  constructor(rate: RateLimit, listener: LineGathererListener) {
    this.#rate = rate;
    this.#listener = listener;
  }

  /** Returns false for a line within the rate limit. `isContinuation`: the line continues the last one. */
  gather(line: Line, isContinuation: boolean): boolean {
    const sender = this.#senderOf(line);
    const { waiting } = sender;
    if (!waiting && sender.bucket.take()) return false;
    if (!waiting) {
      sender.waiting = { ...line };
      this.#listener.onFlood(line.from);
    } else waiting.text += isContinuation ? line.text : `\n${line.text}`;
    if ((sender.waiting?.text.length ?? 0) >= GATHERED_MAX) this.#flush(sender);
    else this.#timer ??= setTimeout(() => this.flush(), 1000 / this.#rate.perSecond).unref();
    return true;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const sender of this.#senders.values()) this.#flush(sender);
  }

  /** Flushes one address, so that its gathered lines precede its next entry. */
  flushAddress(from: string): void {
    for (const isForged of [false, true])
      this.#flush(this.#senders.get(keyOf({ from, isForged, isNote: false })));
  }

  #flush(sender: Sender | undefined): void {
    const waiting = sender?.waiting;
    if (!waiting) return;
    sender.waiting = undefined;
    this.#listener.onGathered(waiting);
  }

  #senderOf(line: Line): Sender {
    const key = keyOf(line);
    const sender = this.#senders.get(key) ?? { bucket: new TokenBucket(this.#rate), waiting: undefined };
    this.#senders.delete(key);
    this.#senders.set(key, sender);
    if (this.#senders.size > ADDRESSES_MAX) this.#evictOldest();
    return sender;
  }

  #evictOldest(): void {
    for (const [key, sender] of this.#senders) {
      this.#flush(sender);
      this.#senders.delete(key);
      return;
    }
  }
}

/** Forged lines are gathered apart from the others of their address, and notes apart from all. */
export function keyOf({ from, isForged, isNote }: Pick<Line, 'from' | 'isForged' | 'isNote'>): string {
  if (isNote) return 'note';
  return isForged ? `forged ${from}` : from;
}
