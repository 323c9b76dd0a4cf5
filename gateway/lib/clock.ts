/**
 * Decides whether the clock can be trusted. A machine without a battery starts with a wrong time until NTP sets it.
 */

export interface Clock {
  /** Returns the time of day, ms since 1970. It may jump. */
  wall(): number;
  /** Returns monotonic milliseconds. */
  steady(): number;
}

export const systemClock: Clock = { wall: () => Date.now(), steady: () => performance.now() };

/** Smallest correction that counts as a jump. NTP slews smaller ones. */
const JUMP_MS = 60_000;

/** Longest pause after which a trusted clock stays trusted: a weekly class, and some hours. */
export const BELIEVED_PAUSE_MS = 8 * 24 * 60 * 60_000;

/** Time without a jump after which any clock is trusted. NTP answers sooner, and a lesson lasts longer. */
export const TRUSTED_AFTER_MS = 15 * 60_000;

export class ClockTrust {
  readonly #clock: Clock;
  #trustedAt: number;
  #offset: number;
  #steadySince: number;

  /** `trustedAt` is the last trusted time, also of an earlier process, ms since 1970. 0 means none. */
  constructor(clock: Clock, trustedAt: number) {
    this.#clock = clock;
    this.#trustedAt = trustedAt;
    this.#offset = clock.wall() - clock.steady();
    this.#steadySince = clock.steady();
  }

  /** Returns the time if it is trusted. Jumps are detected between two calls. */
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
