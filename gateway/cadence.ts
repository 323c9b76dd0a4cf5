/**
 * How often browsers are written to. A write costs the same whether it holds one message or ten, and each goes to
 * all: so fan-outs keep an average distance, the longer the more there are, and what is said meanwhile goes out
 * together. What was not used is kept for a moment: words that come close together now and then do not wait.
 *
 *     said:      a        b c d e f g h i j   ...              z
 *     fan-out:   a        b c d  efg   hij    ...              z      a room that is not busy pays nothing
 */

/** Average distance for each browser, ms. A write takes about 10 µs: so a twenty-fifth of a core goes into them. */
const MS_PER_BROWSER = 0.25;

/** What people take for at once, ms. */
const MAX_MS = 100;

/** Fan-outs saved up, ms of their distances: a handful for a class, two for a thousand. */
const SAVED_MS = 200;

/** Text that does not wait, characters: to write as much costs more than the write. */
const MAX_LENGTH = 16 * 1024;

export class Cadence {
  readonly #beat: () => void;
  #timer: NodeJS.Timeout | undefined;
  #nextAt = 0;
  #length = 0;

  constructor(beat: () => void) {
    this.#beat = beat;
  }

  /** So much is new for so many: beats now, or soon for all that comes until then. */
  ask(browsers: number, length = 0): void {
    this.#length += length;
    const wait = this.#nextAt - performance.now();
    if (this.#length >= MAX_LENGTH) this.#go();
    // A timer is a millisecond late, or more.
    else if (wait < 1) this.#goInTime(browsers);
    else this.#timer ??= setTimeout(() => this.#goInTime(browsers), wait);
  }

  #goInTime(browsers: number): void {
    const distance = Math.min(MAX_MS, browsers * MS_PER_BROWSER);
    this.#nextAt = Math.max(this.#nextAt, performance.now() - SAVED_MS) + distance;
    this.#go();
  }

  #go(): void {
    this.stop();
    this.#length = 0;
    this.#beat();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
