/**
 * Shares the event loop among long tasks. One slice of one task runs at a time. Sockets and timers are served in
 * between, so waiting tasks do not delay other work.
 *
 *     silent room:    a ---> (sockets, timers) ---> b ---> (sockets, timers) ---> a ...
 *     people talk:    a ---> (three times as long: sockets, timers, sleep) ---> b ...
 *
 * While people talk, the process must also sleep. The kernel makes a process that never sleeps wait for others, and
 * makes them wait for it, some ms each time. A message takes four such turns.
 */

/** Share of the time that long tasks may take while people talk. */
const SHARE = 0.25;

/** How long after a message people still talk, ms. */
const TALK_MS = 1_000;

export class TimeSlices {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;
  #talkEnd = 0;
  #restEnd = 0;

  /** Resolves when the caller may work for a fraction of a ms, or for some ms if it can not stop earlier. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isScheduled) this.#schedule();
    });
  }

  /** People talk, so long tasks take only a share of the time. */
  onMessage(): void {
    this.#talkEnd = performance.now() + TALK_MS;
  }

  #schedule(): void {
    this.#isScheduled = true;
    const restMs = this.#restEnd - performance.now();
    if (restMs > 0) setTimeout(this.#run, restMs);
    else setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const begin = performance.now();
    this.#waiting.shift()?.();
    // The work consists of microtasks. The next tick follows the last of them.
    queueMicrotask(() => process.nextTick(() => this.#endSlice(begin)));
  };

  #endSlice(begin: number): void {
    const end = performance.now();
    if (end < this.#talkEnd) this.#restEnd = end + (end - begin) * (1 / SHARE - 1);
    this.#isScheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }
}
