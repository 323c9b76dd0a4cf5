/**
 * Shares the event loop among long tasks: in each of its iterations one of them does one slice of its work, in turn.
 * In between the process reads sockets and timers, so a thousand tasks that wait keep nobody else waiting.
 *
 *     a ---> (sockets, timers) ---> b ---> (sockets, timers) ---> a ...
 */
export class TimeSlices {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when the caller may work for some ms. */
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
