/**
 * What was said lately, in bytes, forgotten at a steady rate: how long until the next may be said.
 */
export class LeakyBucket {
  readonly #rate: number;
  #bytes = 0;
  #at = performance.now();

  /** `rate`: bytes per second, after one second's at once. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Returns how long to wait now, ms. */
  take(bytes: number): number {
    const now = performance.now();
    const forgotten = ((now - this.#at) / 1000) * this.#rate;
    this.#bytes = Math.max(0, this.#bytes - forgotten) + bytes;
    this.#at = now;
    return Math.max(0, ((this.#bytes - this.#rate) / this.#rate) * 1000);
  }
}
