/**
 * Waits between tries: full jitter over a ceiling that doubles, so that many who fail together do not come
 * back together.
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

  /** Milliseconds to wait before the next try: at least a tenth of the ceiling, lest a few be tried at once. */
  next(): number {
    const ceiling = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceiling * 2, this.#maxMs);
    return ceiling * (0.1 + 0.9 * Math.random());
  }

  reset(): void {
    this.#ceilingMs = this.#firstMs;
  }
}
