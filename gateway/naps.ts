/**
 * The room says everything to every voice again, and nobody listens there. In a busy room these copies are left in
 * the system for a while and read away together: that takes most of the gateway's reads away, and of the room's
 * work at sending.
 *
 *     bytes on a voice ---> nap ---> all wake: time is up, or the ear has heard so much
 *
 * A voice that is full would block the whole room. What waits in a napping one is what the ear has heard meanwhile:
 * so that is counted, and the system holds many times as much.
 */

/** Bytes that may wait in a voice: a fraction of the smallest buffer a system gives a socket (64 KiB). */
const NAP_MAX_BYTES = 16 * 1024;

/** All voices are read at most so often: N of them within N ms take a hundredth of a core, however busy the room. */
const NAP_MS_PER_VOICE = 1;

/** What the ear does not hear (words of a server to one voice alone, a FIN) does not wait longer, ms. */
const NAP_MAX_MS = 1_000;

/** Not worth a timer, ms. */
const NAP_MIN_MS = 10;

export interface Sleeper {
  readOn(): void;
}

export class Naps {
  readonly #voices: () => number;
  #sleepers: Sleeper[] = [];
  #alarm: NodeJS.Timeout | undefined;
  #bytes = 0;

  /** `voices`: how many there are; 0 while the ear does not hear what they do. */
  constructor(voices: () => number) {
    this.#voices = voices;
  }

  /** False: it is to be read on, now. */
  take(sleeper: Sleeper): boolean {
    const duration = Math.min(NAP_MAX_MS, this.#voices() * NAP_MS_PER_VOICE);
    if (duration < NAP_MIN_MS) return false;
    this.#sleepers.push(sleeper);
    this.#alarm ??= setTimeout(() => this.end(), duration);
    return true;
  }

  /** The ear has heard so many bytes, and each voice is about to. */
  heard(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= NAP_MAX_BYTES) this.end();
  }

  /** All are read. */
  end(): void {
    clearTimeout(this.#alarm);
    this.#alarm = undefined;
    this.#bytes = 0;
    for (const sleeper of this.#sleepers.splice(0)) sleeper.readOn();
  }
}
