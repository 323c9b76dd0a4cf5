/**
 * Who is behind reads on in turns, one batch each, for a few milliseconds at a time; in between the process does what
 * else there is to do. A thousand browsers that come back at once keep nobody else waiting.
 *
 *     a b c d e ...  --- some ms ---> a b c   (the room speaks, somebody talks)   d e ... a b c
 */

/** How long turns may hold up everything else, ms. */
const TIME_SLICE_MS = 5;

export interface CatchUpReader {
  /** Reads on, and waits for another turn if it is still behind. */
  sendNext(): void;
}

export class CatchUpScheduler {
  /** In the order in which they come. */
  readonly #waiting = new Set<CatchUpReader>();
  #isRunning = false;

  /** Once, however often it asks. */
  enqueue(reader: CatchUpReader): void {
    this.#waiting.add(reader);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const end = performance.now() + TIME_SLICE_MS;
    for (const reader of this.#waiting) {
      this.#waiting.delete(reader);
      reader.sendNext();
      if (performance.now() >= end) break;
    }
    this.#isRunning = this.#waiting.size > 0;
    if (this.#isRunning) setImmediate(this.#run);
  };
}
