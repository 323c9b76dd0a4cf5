/**
 * Batches the reads of voices. The room sends each broadcast to every voice, where nobody uses it. In a busy room
 * these copies wait in the system and are discarded together, which saves most reads of the gateway and room work.
 *
 *     bytes on a voice ---> deferred ---> the oldest are resumed, a few at a time: by the clock, or as the ear hears
 *
 * A full voice would block the whole room. All bytes that the ear has read since then wait in a deferred voice. They
 * are counted, and the system holds many times as much. A few at a time, because a thousand voices take 50 ms to read.
 */

/** Bytes that may wait in a voice: a fraction of the smallest buffer that a system gives a socket (64 KiB). */
const DEFER_MAX_BYTES = 16 * 1024;

/** Each voice is read once in this time, multiplied by their number: about a hundredth of a core in a busy room. */
const DEFER_MS_PER_VOICE = 1;

/** Longest wait of bytes that the ear does not hear (private text, a FIN), ms. */
const DEFER_MAX_MS = 1_000;

/** Shorter waits are not worth a timer, ms. */
const DEFER_MIN_MS = 10;

/** Number of groups in which the clock resumes the readers, if the groups are worth their timers. */
const GROUPS = 8;

export interface DeferredReader {
  resumeReading(): void;
}

export class DeferredReads {
  readonly #countVoices: () => number;
  /** Oldest first. */
  #readers: DeferredReader[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** How many readers the bytes heard so far resume. A fraction waits for more bytes. */
  #due = 0;
  #resumedSinceTimer = 0;

  /** `countVoices` returns 0 while the ear does not hear what the voices receive. */
  constructor(countVoices: () => number) {
    this.#countVoices = countVoices;
  }

  /** Returns false if the reader should read now. */
  defer(reader: DeferredReader): boolean {
    if (this.#longestMs < DEFER_MIN_MS) return false;
    this.#readers.push(reader);
    this.#timer ??= setTimeout(this.#onTimer, this.#pauseMs);
    return true;
  }

  /** The ear has heard this many bytes, and each voice is about to. DEFER_MAX_BYTES resume all readers. */
  onBytesHeard(bytes: number): void {
    this.#due += this.#countVoices() * (bytes / DEFER_MAX_BYTES);
    const count = Math.floor(this.#due);
    this.#due -= count;
    this.#resume(count);
  }

  resumeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = 0;
    this.#resume(this.#readers.length);
    this.#resumedSinceTimer = 0;
  }

  get #longestMs(): number {
    return Math.min(DEFER_MAX_MS, this.#countVoices() * DEFER_MS_PER_VOICE);
  }

  /** Time from one group to the next. */
  get #pauseMs(): number {
    return Math.max(DEFER_MIN_MS, this.#longestMs / GROUPS);
  }

  readonly #onTimer = (): void => {
    // With few voices left no read is deferred any more.
    const areFew = this.#longestMs < DEFER_MIN_MS;
    const group = areFew
      ? this.#readers.length
      : Math.ceil((this.#countVoices() * this.#pauseMs) / this.#longestMs);
    this.#resume(Math.max(0, group - this.#resumedSinceTimer));
    this.#resumedSinceTimer = 0;
    this.#timer = this.#readers.length > 0 ? setTimeout(this.#onTimer, this.#pauseMs) : undefined;
  };

  #resume(count: number): void {
    const readers = this.#readers.splice(0, count);
    this.#resumedSinceTimer += readers.length;
    for (const reader of readers) reader.resumeReading();
  }
}
