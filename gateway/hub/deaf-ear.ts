/**
 * Reconnects an ear that the room has never accepted.
 *
 *     a voice receives a broadcast, and the ear nothing ---> the ear is deaf
 *     a voice sends, and nothing comes back ---> probe: the room answers ---> the ear is deaf
 *
 * The second way serves rooms that send no broadcasts to voices. A room that hangs answers no probe, and another
 * connection does not help there.
 */
import type { Ear } from '../upstream/ear.ts';

/** Silence before an ear counts as deaf or the room is probed, ms. It doubles each time, up to the maximum. */
export const DEAF_AFTER_MS = 5_000;
export const DEAF_MAX_MS = 10 * 60_000;

export class DeafEarWatch {
  readonly #ear: Pick<Ear, 'openedAt' | 'heardAt' | 'reconnect'>;
  readonly #probe: () => Promise<boolean>;
  /** How long a deaf ear may miss broadcasts. */
  #deafMs = DEAF_AFTER_MS;
  /** When the first message was sent that the ear may have missed, ms since 1970. */
  #sentAt = 0;
  #privateTextAt = 0;
  /** Silence after a message before the room is probed. */
  #silenceMs = DEAF_AFTER_MS;
  #isProbing = false;

  /** `probe` resolves to true when the room answers a connection, and never rejects. */
  constructor(ear: Pick<Ear, 'openedAt' | 'heardAt' | 'reconnect'>, probe: () => Promise<boolean>) {
    this.#ear = ear;
    this.#probe = probe;
  }

  onVoiceSend(): void {
    if (!this.#isUnheard) this.#sentAt = Date.now();
  }

  onPrivateText(): void {
    this.#privateTextAt = Date.now();
  }

  /** Called every few seconds. `broadcastAt`: when a voice received one that the ear should have, ms since 1970; or 0. */
  checkBroadcasts(broadcastAt: number): void {
    const { heardAt, openedAt } = this.#ear;
    if (heardAt > openedAt) this.#deafMs = DEAF_AFTER_MS;
    if (broadcastAt <= Math.max(heardAt + DEAF_AFTER_MS, openedAt + this.#deafMs)) return;
    this.#deafMs = Math.min(2 * this.#deafMs, DEAF_MAX_MS);
    this.#ear.reconnect();
  }

  /** Called every few seconds while the ear is open, where voices may receive no broadcasts. */
  async checkSent(): Promise<void> {
    if (this.#sentAt <= this.#heardAt) this.#silenceMs = DEAF_AFTER_MS;
    if (!this.#isUnheard || Date.now() - this.#sentAt < this.#silenceMs || this.#isProbing) return;
    this.#silenceMs = Math.min(2 * this.#silenceMs, DEAF_MAX_MS);
    this.#isProbing = true;
    const isAnswered = await this.#probe();
    this.#isProbing = false;
    if (isAnswered && this.#isUnheard) this.#ear.reconnect();
  }

  /** When the ear or a voice last received something, ms since 1970. */
  get #heardAt(): number {
    return Math.max(this.#ear.heardAt, this.#privateTextAt);
  }

  get #isUnheard(): boolean {
    return this.#sentAt > Math.max(this.#ear.openedAt, this.#heardAt);
  }
}
