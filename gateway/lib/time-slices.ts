/**
 * Shares the event loop among long tasks. Each iteration of the loop runs one slice of one task. Sockets and timers are
 * served in between, so waiting tasks do not delay other work.
 *
 *     a ---> (sockets, timers) ---> b ---> (sockets, timers) ---> a ...
 */
export class TimeSlices {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when the caller may work for some milliseconds. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#run);
    });
  }

  readonly #run = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#run);
  };
}
