/**
 * Notices an ear that hears nothing although voices send, in a room that sends no broadcasts to voices.
 *
 *     a voice sends ---> the ear hears the room, or a voice gets an answer: fine
 *                   \--> silence, then the room answers a probe: the ear is deaf
 *
 * A room that hangs answers no probe, and another connection does not help there.
 */

/** Silence after a message before the room is probed, ms. It doubles with each probe, up to the maximum. */
export const DEAF_AFTER_MS = 5_000;
export const DEAF_MAX_MS = 10 * 60_000;

export interface DeafEarListener {
  /** When the ear opened, ms since 1970. */
  openedAt(): number;
  /** When the ear or a voice last received something, ms since 1970. */
  heardAt(): number;
  /** Connects and closes gracefully. Resolves to true when the room has answered; never rejects. */
  probe(): Promise<boolean>;
  onDeafEar(): void;
}

export class DeafEarWatch {
  readonly #listener: DeafEarListener;
  /** When the first message was sent that the ear may have missed, ms since 1970. */
  #sentAt = 0;
  #silenceMs = DEAF_AFTER_MS;
  #isProbing = false;

  constructor(listener: DeafEarListener) {
    this.#listener = listener;
  }

  onSend(): void {
    if (!this.#isUnheard) this.#sentAt = Date.now();
  }

  /** Called now and then while the ear is open. */
  check(): void {
    if (this.#sentAt <= this.#listener.heardAt()) this.#silenceMs = DEAF_AFTER_MS;
    else if (this.#isUnheard && Date.now() - this.#sentAt >= this.#silenceMs) void this.#probe();
  }

  get #isUnheard(): boolean {
    return this.#sentAt > Math.max(this.#listener.openedAt(), this.#listener.heardAt());
  }

  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#silenceMs = Math.min(2 * this.#silenceMs, DEAF_MAX_MS);
    const isAnswered = await this.#listener.probe();
    this.#isProbing = false;
    if (isAnswered && this.#isUnheard) this.#listener.onDeafEar();
  }
}
