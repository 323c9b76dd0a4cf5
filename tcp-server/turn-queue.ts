/**
 * Orders the clients that have sent text: short messages first, then long ones round robin.
 */

/** Unread text up to this size is part of a conversation. More is a paste or a flood. */
export const SHORT_BYTES = 4096;

export function isLongText(unreadBytes: number): boolean {
  return unreadBytes > SHORT_BYTES;
}

export class TurnQueue<C> {
  readonly #short: C[] = [];
  readonly #long: C[] = [];

  get isEmpty(): boolean {
    return this.#short.length + this.#long.length === 0;
  }

  push(client: C, unreadBytes: number): void {
    (isLongText(unreadBytes) ? this.#long : this.#short).push(client);
  }

  /** Removes and returns the next client of a kind that is allowed. */
  shift(allowed: { short: boolean; long: boolean }): C | undefined {
    return (
      (allowed.short ? this.#short.shift() : undefined) ?? (allowed.long ? this.#long.shift() : undefined)
    );
  }
}
