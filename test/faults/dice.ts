/**
 * Repeatable randomness: the same seed gives the same faults.
 */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number from 0 to below 1 (mulberry32). */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  /** Returns an integer from `least` to below `end`. */
  between(least: number, end: number): number {
    return least + Math.floor(this.next() * (end - least));
  }

  oneOf<T>(things: readonly T[]): T {
    const thing = things[this.between(0, things.length)];
    if (thing === undefined) throw new RangeError('choose one: there is none');
    return thing;
  }

  /** Returns at least one of them, in random order. */
  someOf<T>(things: readonly T[]): T[] {
    const rest = [...things];
    return Array.from({ length: this.between(1, things.length + 1) }, () => {
      const [taken] = rest.splice(this.between(0, rest.length), 1);
      return taken as T;
    });
  }
}
