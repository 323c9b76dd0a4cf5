/**
 * Orders clients that have sent text: short messages first, and the rest of long ones round robin.
 */

/** A client with no more than this unread is a person who talks; more is a paste or a flood. */
export const SHORT_BYTES = 4096;

export class TurnQueue<C> {
  readonly #short: C[] = [];
  readonly #long: C[] = [];

  get isEmpty(): boolean {
    return this.#short.length + this.#long.length === 0;
  }

  push(client: C, unreadBytes: number): void {
    (unreadBytes <= SHORT_BYTES ? this.#short : this.#long).push(client);
  }

  /** The next client whose kind may send now. */
  shift(may: { short: boolean; long: boolean }): C | undefined {
    return (may.short ? this.#short.shift() : undefined) ?? (may.long ? this.#long.shift() : undefined);
  }
}
