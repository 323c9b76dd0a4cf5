/**
 * Finds the sender of a line in a room without headers. The index from lines to senders makes a search cost the same,
 * however many sessions there are.
 */

/** Smallest index that is swept, lines. */
const SWEEP_MIN = 1_000;

export interface Sender {
  /** Returns the sent line without an echo that equals one of `lines`. */
  findSentLine(lines: string[]): string | undefined;
}

export class SentLines<S extends Sender> {
  /** The first sender of a line comes first. */
  readonly #senders = new Map<string, Set<S>>();
  #sweepAt = SWEEP_MIN;

  /** Number of lines in the index. At most half of them no longer wait for an echo, above SWEEP_MIN. */
  get size(): number {
    return this.#senders.size;
  }

  add(sender: S, line: string): void {
    const key = line.trimEnd();
    const senders = this.#senders.get(key);
    if (senders) senders.add(sender);
    else this.#senders.set(key, new Set([sender]));
    if (this.#senders.size > this.#sweepAt) this.#sweep();
  }

  /** Returns a sender that waits for the echo of one of `lines`, and the text as it was sent. */
  find(lines: string[]): { sender: S; text: string } | undefined {
    for (const line of lines) {
      const found = this.#findSender(line.trimEnd());
      if (found) return found;
    }
    return undefined;
  }

  #findSender(key: string): { sender: S; text: string } | undefined {
    const senders = this.#senders.get(key);
    for (const sender of senders ?? []) {
      const text = sender.findSentLine([key]);
      if (text !== undefined) return { sender, text };
      senders?.delete(sender);
    }
    this.#senders.delete(key);
    return undefined;
  }

  /** Drops lines without a waiting sender. Sweeping costs little, because the next sweep follows at double size. */
  #sweep(): void {
    for (const key of this.#senders.keys()) this.#findSender(key);
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#senders.size);
  }
}
