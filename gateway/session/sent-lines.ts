/**
 * Finds whose line it is in a room that names nobody: an index from what was sent to its senders, so that a line costs
 * the same however many are here.
 */

/** Smallest index that is swept, texts. */
const SWEEP_MIN = 1_000;

export interface Sender {
  /** What it has sent and not heard yet that may be heard as one of `words`. */
  sentAs(words: string[]): string | undefined;
}

export class SentLines<S extends Sender> {
  /** The first to send a text comes first. */
  readonly #senders = new Map<string, Set<S>>();
  #sweepAt = SWEEP_MIN;

  /** Texts that somebody sent: of those that nobody waits for, at most as many as of the others. */
  get size(): number {
    return this.#senders.size;
  }

  add(sender: S, text: string): void {
    const key = text.trimEnd();
    const senders = this.#senders.get(key);
    if (senders) senders.add(sender);
    else this.#senders.set(key, new Set([sender]));
    if (this.#senders.size > this.#sweepAt) this.#sweep();
  }

  /** Who waits to hear one of `words`, and the text as it was sent. */
  find(words: string[]): { sender: S; text: string } | undefined {
    for (const word of words) {
      const found = this.#firstOf(word.trimEnd());
      if (found) return found;
    }
    return undefined;
  }

  #firstOf(key: string): { sender: S; text: string } | undefined {
    const senders = this.#senders.get(key);
    for (const sender of senders ?? []) {
      const text = sender.sentAs([key]);
      if (text !== undefined) return { sender, text };
      senders?.delete(sender);
    }
    this.#senders.delete(key);
    return undefined;
  }

  /** Drops what nobody waits for any more. The next sweep comes when the index has doubled, so sweeping costs little. */
  #sweep(): void {
    for (const key of this.#senders.keys()) this.#firstOf(key);
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#senders.size);
  }
}
