/**
 * The room says everything to every voice again, and nobody listens there. In a busy room these copies are left in
 * the system for a while and read away together: that takes most of the gateway's reads away, and of the room's
 * work at sending.
 *
 *     bytes on a voice ---> nap ---> those who sleep longest wake, a few at a time: by the clock, or as the ear hears
 *
 * A voice that is full would block the whole room. What waits in a napping one is what the ear has heard meanwhile:
 * so that is counted, and the system holds many times as much. A few at a time, since all at once would hold up what
 * the room says: a thousand voices take 50 ms to read.
 */

/** Bytes that may wait in a voice: a fraction of the smallest buffer a system gives a socket (64 KiB). */
const DEFER_MAX_BYTES = 16 * 1024;

/** All voices are read at most so often: N of them within N ms take a hundredth of a core, however busy the room. */
const DEFER_MS_PER_VOICE = 1;

/** What the ear does not hear (words of a server to one voice alone, a FIN) does not wait longer, ms. */
const DEFER_MAX_MS = 1_000;

/** Not worth a timer, ms. */
const DEFER_MIN_MS = 10;

/** By the clock they wake in so many groups, if that is worth the timers. */
const GROUPS = 8;

export interface DeferredReader {
  resumeReading(): void;
}

export class DeferredReads {
  readonly #voices: () => number;
  /** Who sleeps longest is first. */
  #readers: DeferredReader[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** How many are to be woken for what the ear has heard: less than one is kept until it hears more. */
  #due = 0;
  #resumedSinceTimer = 0;

  /** `voices`: how many there are; 0 while the ear does not hear what they do. */
  constructor(voices: () => number) {
    this.#voices = voices;
  }

  /** False: it is to be read on, now. */
  defer(sleeper: DeferredReader): boolean {
    if (this.#longest < DEFER_MIN_MS) return false;
    this.#readers.push(sleeper);
    this.#timer ??= setTimeout(this.#onTimer, this.#pause);
    return true;
  }

  /** The ear has heard so many bytes, and each voice is about to: with NAP_MAX_BYTES everybody's turn has come. */
  onBytesHeard(bytes: number): void {
    this.#due += this.#voices() * (bytes / DEFER_MAX_BYTES);
    const count = Math.floor(this.#due);
    this.#due -= count;
    this.#resume(count);
  }

  /** All are read. */
  resumeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = 0;
    this.#resume(this.#readers.length);
    this.#resumedSinceTimer = 0;
  }

  get #longest(): number {
    return Math.min(DEFER_MAX_MS, this.#voices() * DEFER_MS_PER_VOICE);
  }

  /** From one group to the next, ms. */
  get #pause(): number {
    return Math.max(DEFER_MIN_MS, this.#longest / GROUPS);
  }

  readonly #onTimer = (): void => {
    // Those who are left are few: nobody naps among them.
    const areFew = this.#longest < DEFER_MIN_MS;
    const group = areFew ? this.#readers.length : Math.ceil((this.#voices() * this.#pause) / this.#longest);
    this.#resume(Math.max(0, group - this.#resumedSinceTimer));
    this.#resumedSinceTimer = 0;
    this.#timer = this.#readers.length > 0 ? setTimeout(this.#onTimer, this.#pause) : undefined;
  };

  #resume(count: number): void {
    const woken = this.#readers.splice(0, count);
    this.#resumedSinceTimer += woken.length;
    for (const sleeper of woken) sleeper.resumeReading();
  }
}
