/**
 * Does the room really answer? A connection proves little: a server that hangs keeps those it has, and the system
 * accepts more on its behalf. So it has to have shown life lately; if it was just silent, it is asked.
 *
 *     alive --- silent for longer than quietMs ---> asked --- answers ---> alive
 *                                                     \------ does not --> not alive, asked again after RETRY_MS
 */

/** A room that hangs gets one more connection for each time it is asked, ms. */
const RETRY_MS = 10_000;

export interface RoomProbeEffects {
  /** When the room was last heard, ms since 1970. */
  heardAt(): number;
  /** Asks a room that has been silent. */
  probe(): Promise<boolean>;
}

export class RoomProbe {
  readonly #effects: RoomProbeEffects;
  readonly #quietMs: number;
  #answeredAt = 0;
  #silentAt = 0;
  #probing: Promise<void> | undefined;

  /** `quietMs` 0: a connection is taken for an answer. */
  constructor(quietMs: number, effects: RoomProbeEffects) {
    this.#quietMs = quietMs;
    this.#effects = effects;
  }

  /** The room has answered a connection that others made. */
  noteAnswer(): void {
    this.#answeredAt = Date.now();
  }

  async isResponsive(): Promise<boolean> {
    if (!this.#isRecent && Date.now() - this.#silentAt >= RETRY_MS) {
      this.#probing ??= this.#probe();
      await this.#probing;
    }
    return this.#isRecent;
  }

  get #isRecent(): boolean {
    const seenAt = Math.max(this.#effects.heardAt(), this.#answeredAt);
    return this.#quietMs === 0 || Date.now() - seenAt < this.#quietMs;
  }

  async #probe(): Promise<void> {
    if (await this.#effects.probe()) this.#answeredAt = Date.now();
    else this.#silentAt = Date.now();
    this.#probing = undefined;
  }
}
