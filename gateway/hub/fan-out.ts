/**
 * Writes new entries to all subscribers, in the iteration of the event loop that recorded them.
 *
 *     iteration:   | read a b -> write [a b] | read c -> write [c], record d e -> at its end write [d e] |
 *
 * No entry waits by the clock. Under load the writes take longer, more messages wait in the ear's socket meanwhile,
 * and one read brings them together. So a busy gateway batches by itself.
 */
import type { Subscriber } from '../downstream/subscriber.ts';
import type { TimeSlices } from '../lib/time-slices.ts';
import type { Transcript } from '../transcript/transcript.ts';

/** JSON in one frame, bytes: each slow subscriber may keep a frame of its own in memory. */
export const FRAME_MAX_BYTES = 64 * 1024;

export interface FanOutTarget {
  readonly subscriber: Pick<Subscriber, 'sendNext'> | undefined;
}

export class EntryFanOut {
  readonly #log: Pick<Transcript, 'head' | 'batch'>;
  readonly #targets: ReadonlyMap<string, FanOutTarget>;
  readonly #slices: TimeSlices;
  /** The newest seq of the last fan-out. */
  #sentHead: number;
  #isRequested = false;
  #iterationEnd: NodeJS.Immediate | undefined;

  /** Each fan-out leaves less time to `slices`. */
  constructor(
    log: Pick<Transcript, 'head' | 'batch'>,
    targets: ReadonlyMap<string, FanOutTarget>,
    slices: TimeSlices,
  ) {
    this.#slices = slices;
    this.#log = log;
    this.#targets = targets;
    this.#sentHead = log.head;
  }

  /** The log begins again. Subscribers read its new entries only. */
  restart(): void {
    this.#sentHead = this.#log.head;
  }

  /** Writes at once, or at the end of an iteration that has had its fan-out. */
  request(): void {
    if (this.#sentHead === this.#log.head) return;
    if (this.#iterationEnd) this.#isRequested = true;
    else this.flush();
  }

  /** Encodes new entries once for all subscribers that are up to date. The others catch up from the log. */
  flush(): void {
    this.#isRequested = false;
    if (this.#sentHead < this.#log.head) this.#slices.onMessage();
    this.#iterationEnd ??= setImmediate(this.#onIterationEnd);
    while (this.#sentHead < this.#log.head) {
      const batch = this.#log.batch(this.#sentHead, Number.POSITIVE_INFINITY, FRAME_MAX_BYTES);
      this.#sentHead = batch?.last ?? this.#log.head;
      for (const { subscriber } of this.#targets.values()) subscriber?.sendNext(batch);
    }
  }

  readonly #onIterationEnd = (): void => {
    this.#iterationEnd = undefined;
    if (this.#isRequested) this.flush();
  };
}
