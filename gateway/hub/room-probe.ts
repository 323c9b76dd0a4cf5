/**
 * Decides whether the room is responsive, for `/readyz`. A connection proves little, because the system accepts
 * connections for a server that hangs. So the room must have sent something lately, or answer a probe.
 *
 *     responsive --- silent for quietMs ---> probed --- answers ---> responsive
 *                                               \------ does not --> not responsive, probed again after RETRY_MS
 */

/** A room that hangs gets one more connection with each probe, so probes are rare, ms. */
const RETRY_MS = 10_000;

export interface ProbedRoom {
  /** When the room last sent something, ms since 1970. */
  lastHeardAt(): number;
  /** Connects to the room. Resolves to true if it answers. */
  probe(): Promise<boolean>;
}

export class RoomProbe {
  readonly #room: ProbedRoom;
  readonly #quietMs: number;
  #answeredAt = 0;
  #failedAt = 0;
  #probing: Promise<void> | undefined;

  /** With `quietMs` 0 there is no probe. */
  constructor(quietMs: number, room: ProbedRoom) {
    this.#quietMs = quietMs;
    this.#room = room;
  }

  /** The room has answered another probe. */
  onAnswer(): void {
    this.#answeredAt = Date.now();
  }

  async isResponsive(): Promise<boolean> {
    if (!this.#isRecent && Date.now() - this.#failedAt >= RETRY_MS) {
      this.#probing ??= this.#probe();
      await this.#probing;
    }
    return this.#isRecent;
  }

  get #isRecent(): boolean {
    const lastAt = Math.max(this.#room.lastHeardAt(), this.#answeredAt);
    return this.#quietMs === 0 || Date.now() - lastAt < this.#quietMs;
  }

  async #probe(): Promise<void> {
    if (await this.#room.probe()) this.#answeredAt = Date.now();
    else this.#failedAt = Date.now();
    this.#probing = undefined;
  }
}
