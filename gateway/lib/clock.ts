/**
 * The clock, and whether it may be trusted: a machine without a battery starts with a wrong one, and NTP sets it later.
 */

export interface Clock {
  /** The time of day, ms since 1970. It may jump. */
  wall(): number;
  /** Time that never jumps, ms. */
  steady(): number;
}

export const systemClock: Clock = { wall: () => Date.now(), steady: () => performance.now() };

/** A correction larger than this is a jump, ms: NTP slews what is less. */
const JUMP_MS = 60_000;

/** A trusted clock may have moved this far since, ms: the room of a weekly class is shut for a week, and some hours. */
export const BELIEVED_PAUSE_MS = 8 * 24 * 60 * 60_000;

/** Any other clock is trusted after this time without a jump, ms: NTP answers sooner, and a lesson lasts longer. */
export const TRUSTED_AFTER_MS = 15 * 60_000;

export class ClockTrust {
  readonly #clock: Clock;
  #trustedAt: number;
  #offset: number;
  #steadySince: number;

  /** `trustedAt`: the last time that was trusted, by the process before too, ms since 1970; 0 for none. */
  constructor(clock: Clock, trustedAt: number) {
    this.#clock = clock;
    this.#trustedAt = trustedAt;
    this.#offset = clock.wall() - clock.steady();
    this.#steadySince = clock.steady();
  }

  /** Looks at the clock: the time if it may be trusted, else undefined. Jumps are seen between two looks. */
  look(): number | undefined {
    const [wall, steady] = [this.#clock.wall(), this.#clock.steady()];
    if (Math.abs(wall - steady - this.#offset) > JUMP_MS) this.#steadySince = steady;
    this.#offset = wall - steady;
    const isNear = Math.abs(wall - this.#trustedAt) <= BELIEVED_PAUSE_MS;
    if (!isNear && steady - this.#steadySince < TRUSTED_AFTER_MS) return undefined;
    this.#trustedAt = wall;
    return wall;
  }

  get trustedAt(): number {
    return this.#trustedAt;
  }
}
