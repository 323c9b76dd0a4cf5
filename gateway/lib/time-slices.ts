/**
 * Shares the event loop among tasks. One slice of one task runs at a time. Sockets and timers are served in
 * between, so waiting tasks do not delay other work.
 *
 *     silent room:    a ---> (sockets, timers) ---> b ---> (sockets, timers) ---> a ...
 *     people talk:    a ---> (five times as long: sockets, timers, sleep) ---> b ...
 *
 * While people talk, the process must also sleep. The kernel makes a process that never sleeps wait for others, and
 * makes them wait for it, some ms each time. A message takes four such turns.
 */

export interface Pace {
  /** Share of the time that the tasks may take while people talk. */
  share: number;
  /** Work after which they rest, ms. A timer counts whole milliseconds, so a rest after each short slice is longer than due. */
  workMs: number;
}

/** The slices of a task. */
export interface Slices {
  /** Resolves when the caller may work for a fraction of a ms, or for some ms if it can not stop earlier. */
  next(): Promise<void>;
}

const LONG_TASKS: Pace = { share: 1 / 6, workMs: 0 };

/** How long after a message people still talk, ms. */
const TALK_MS = 1_000;

/** When people stop talking, by the clock of `performance.now()`. */
interface Talk {
  end: number;
}

export class TimeSlices implements Slices {
  readonly #waiting: (() => void)[] = [];
  /** Time of rest for each time of work while people talk. */
  readonly #rest: number;
  readonly #workLimitMs: number;
  readonly #talk: Talk;
  #isScheduled = false;
  #sliceEnd = 0;
  /** Work that no rest has followed yet, ms. */
  #workMs = 0;

  constructor({ share, workMs }: Pace = LONG_TASKS, talk: Talk = { end: 0 }) {
    this.#rest = 1 / share - 1;
    this.#workLimitMs = workMs;
    this.#talk = talk;
  }

  /** Returns slices for other tasks, which learn of the same messages. */
  withPace(pace: Pace): TimeSlices {
    return new TimeSlices(pace, this.#talk);
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isScheduled) this.#schedule();
    });
  }

  /** People talk, so the tasks take only a share of the time. */
  onMessage(): void {
    this.#talk.end = performance.now() + TALK_MS;
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
    this.#workMs = Math.max(0, this.#workMs - (begin - this.#sliceEnd) / this.#rest) + end - begin;
    this.#sliceEnd = end;
    this.#isScheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  get #restEnd(): number {
    const mustRest = this.#sliceEnd < this.#talk.end && this.#workMs >= this.#workLimitMs;
    return mustRest ? this.#sliceEnd + this.#workMs * this.#rest : 0;
  }
}
