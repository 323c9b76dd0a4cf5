/**
 * Lets subscribers that are behind catch up by time-sliced round robin: one batch each, half a millisecond per
 * iteration of the event loop. A thousand pages that reconnect at once do not delay new messages.
 *
 *     a b c d e ...  --- time slice ---> a b c   (other events)   d e ... a b c
 *
 * A batch from disk costs a thousand times as much as one from memory. It is a long task, and shares the time with
 * downloads and searches.
 */
import type { TimeSlices } from '../lib/time-slices.ts';

/** How long catching up may block the event loop, ms. A new message waits for a slice or two; a slice is some batches. */
const TIME_SLICE_MS = 0.5;

export interface CatchUpReader {
  /** The next batch comes from disk, as far as is known. */
  readonly readsDisk: boolean;
  /** Sends the next batch, and enqueues the reader again if it is still behind. */
  sendNext(): void;
}

export class CatchUpScheduler {
  /** In order of arrival. */
  readonly #waiting = new Set<CatchUpReader>();
  readonly #waitingForDisk = new Set<CatchUpReader>();
  readonly #slices: TimeSlices;
  #isRunning = false;

  constructor(slices: TimeSlices) {
    this.#slices = slices;
  }

  /** A waiting reader is enqueued once. */
  enqueue(reader: CatchUpReader): void {
    if (this.#waitingForDisk.has(reader)) return;
    if (reader.readsDisk) {
      this.#waitingForDisk.add(reader);
      void this.#slices.next().then(() => this.#readDisk(reader));
      return;
    }
    this.#waiting.add(reader);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(this.#run);
  }

  #readDisk(reader: CatchUpReader): void {
    this.#waitingForDisk.delete(reader);
    reader.sendNext();
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
