/**
 * Limits a rate: a burst at once, then a steady number per second. Pure but for the clock.
 */

export interface RateLimit {
  /** Tokens available at once. */
  burst: number;
  /** Tokens added per second. */
  perSecond: number;
}

export class TokenBucket {
  readonly #limit: RateLimit;
  #tokens: number;
  #refilledAt: number;

  /** The clock is monotonic, so that a corrected system time gives no tokens and blocks no client. */
  constructor(limit: RateLimit, now = performance.now()) {
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#refilledAt = now;
  }

  /** Takes one token. Returns false if there is none yet. */
  take(now = performance.now()): boolean {
    if (this.waitMs(now) > 0) return false;
    this.#tokens--;
    return true;
  }

  /** Counts what was done already, into debt if need be. */
  charge(tokens: number, now = performance.now()): void {
    this.#refill(now);
    this.#tokens -= tokens;
  }

  /** Returns the milliseconds until a token can be taken. */
  waitMs(now = performance.now()): number {
    return this.#msUntil(1, now);
  }

  /** Returns the milliseconds until no debt is left. */
  debtMs(now = performance.now()): number {
    return this.#msUntil(0, now);
  }

  #msUntil(tokens: number, now: number): number {
    this.#refill(now);
    return Math.ceil((Math.max(0, tokens - this.#tokens) / this.#limit.perSecond) * 1000);
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#refilledAt) / 1000;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + seconds * this.#limit.perSecond);
    this.#refilledAt = now;
  }
}
