/**
 * How often browsers are written to. A write costs the same whether it holds one message or ten, and each goes to
 * all: so fan-outs keep an average distance, the longer the more were written to, and what is said meanwhile goes out
 * together. What was not used is kept for a moment: words that come close together now and then do not wait.
 *
 *     said:      a        b c d e f g h i j   ...              z
 *     fan-out:   a        b c d  efg   hij    ...              z      a room that is not busy pays nothing
 */

/** Average distance for each browser written to, ms. A write takes about 10 µs: a thirtieth of a core goes into them. */
const MS_PER_WRITE = 0.3;

/** Longer than this a talk does not wait, ms: 600 people who say more than five things a second are no quick exchange. */
const MAX_MS = 180;

/** Fan-outs saved up, ms of their distances: a handful for a class, two for a thousand. */
const SAVED_MS = 2 * MAX_MS;

/** Text that does not wait, characters: to write as much costs more than the write. */
const MAX_LENGTH = 16 * 1024;

export class FanOutThrottle {
  readonly #flush: () => number;
  #timer: NodeJS.Timeout | undefined;
  #nextAt = 0;
  #length = 0;

  /** `beat` returns how many were written to. */
  constructor(beat: () => number) {
    this.#flush = beat;
  }

  /** So much is new: beats now, or soon for all that comes until then. */
  request(length = 0): void {
    this.#length += length;
    const wait = this.#nextAt - performance.now();
    if (this.#length >= MAX_LENGTH) this.#go();
    // A timer is a millisecond late, or more.
    else if (wait < 1) this.#goInTime();
    else this.#timer ??= setTimeout(() => this.#goInTime(), wait);
  }

  #goInTime(): void {
    const from = Math.max(this.#nextAt, performance.now() - SAVED_MS);
    this.#nextAt = from + Math.min(MAX_MS, this.#go() * MS_PER_WRITE);
  }

  #go(): number {
    this.stop();
    this.#length = 0;
    return this.#flush();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
