/**
 * Does the room really answer? A connection proves little: a server that hangs keeps those it has, and the system
 * accepts more on its behalf. So it has to have shown life lately; if it was just silent, it is asked.
 *
 *     alive --- silent for longer than quietMs ---> asked --- answers ---> alive
 *                                                     \------ does not --> not alive, asked again after RETRY_MS
 */

/** A room that hangs gets one more connection for each time it is asked, ms. */
const RETRY_MS = 10_000;

export interface LivenessEffects {
  /** When the room was last heard, ms since 1970. */
  heardAt(): number;
  /** Asks a room that has been silent. */
  ask(): Promise<boolean>;
}

export class Liveness {
  readonly #effects: LivenessEffects;
  readonly #quietMs: number;
  #answeredAt = 0;
  #silentAt = 0;
  #asking: Promise<void> | undefined;

  /** `quietMs` 0: a connection is taken for an answer. */
  constructor(quietMs: number, effects: LivenessEffects) {
    this.#quietMs = quietMs;
    this.#effects = effects;
  }

  /** The room has answered a connection that others made. */
  noteAnswer(): void {
    this.#answeredAt = Date.now();
  }

  async alive(): Promise<boolean> {
    if (!this.#isRecent && Date.now() - this.#silentAt >= RETRY_MS) {
      this.#asking ??= this.#ask();
      await this.#asking;
    }
    return this.#isRecent;
  }

  get #isRecent(): boolean {
    const seenAt = Math.max(this.#effects.heardAt(), this.#answeredAt);
    return this.#quietMs === 0 || Date.now() - seenAt < this.#quietMs;
  }

  async #ask(): Promise<void> {
    if (await this.#effects.ask()) this.#answeredAt = Date.now();
    else this.#silentAt = Date.now();
    this.#asking = undefined;
  }
}
