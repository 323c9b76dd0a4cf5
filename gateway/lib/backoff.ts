/**
 * Computes delays between retries: full jitter under a ceiling that doubles. So clients that fail together do not retry
 * together.
 */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #ceilingMs: number;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#ceilingMs = firstMs;
  }

  /** Returns the milliseconds before the next retry: at least a tenth of the ceiling, so that retries do not cluster. */
  next(): number {
    const ceiling = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceiling * 2, this.#maxMs);
    return ceiling * (0.1 + 0.9 * Math.random());
  }

  reset(): void {
    this.#ceilingMs = this.#firstMs;
  }
}
