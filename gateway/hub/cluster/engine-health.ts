/**
 * Knows the requests that the engine has not answered, and decides whether new messages can be accepted.
 *
 *     accepting -- an answer, or the end of the log, is missing for two seconds --> not accepting
 *         ^ ----------------------------- answered, and current ------------------------'
 */

/** How long the engine may keep a request before pages are told, ms. A slow disk must not make them flicker. */
const STALLED_MS = 2_000;

export class EngineHealth {
  readonly #onChange: () => void;
  readonly #end = new AbortController();
  /** When each request without an answer began, ms. The oldest comes first. */
  readonly #requests = new Set<{ since: number }>();
  #lostAt: number | undefined;
  #isAccepting = true;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /** How long the oldest request waits for its answer, ms. */
  get unacknowledgedMs(): number {
    const [oldest] = this.#requests;
    return oldest ? performance.now() - oldest.since : 0;
  }

  /** Runs a request, and calls back with its answer. After `close` nothing is called. */
  request<T>(run: (signal: AbortSignal) => Promise<T>, onAnswer: (answer: T) => void): void {
    const request = { since: performance.now() };
    this.#requests.add(request);
    run(this.#end.signal)
      .finally(() => this.#requests.delete(request))
      .then(onAnswer, () => {});
  }

  /** `isCurrent`: everything in the log was read a moment ago. */
  check(isCurrent: boolean): void {
    const now = performance.now();
    if (isCurrent) this.#lostAt = undefined;
    else this.#lostAt ??= now;
    const isLost = this.#lostAt !== undefined && now - this.#lostAt > STALLED_MS;
    const isAccepting = !isLost && this.unacknowledgedMs <= STALLED_MS;
    if (isAccepting === this.#isAccepting) return;
    this.#isAccepting = isAccepting;
    this.#onChange();
  }

  close(): void {
    this.#end.abort();
  }
}
