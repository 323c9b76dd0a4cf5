import type { Cancel } from '../../connection/socket.ts';

/** More messages than this within BURST_WITHIN_MS are too many to be read aloud one by one. */
export const BURST = 5;
export const BURST_WITHIN_MS = 3_000;
/** During a burst only the number of messages is announced, at this interval. */
export const SUMMARY_EVERY_MS = 6_000;

export interface LiveAnnouncerEffects {
  startTimer(ms: number, then: () => void): Cancel;
  now(): number;
  changed(): void;
}

/**
 * Decides what a screen reader announces: each new message, or in a burst their number.
 *
 *     each --more than BURST within BURST_WITHIN_MS--> summed --a summary of no more than BURST--> each
 */
export class LiveAnnouncer {
  readonly #effects: LiveAnnouncerEffects;
  #times: number[] = [];
  /** Messages since the last summary; undefined while each message is read. */
  #unannounced: number | undefined;
  #summary = 0;
  #newest = 0;

  constructor(effects: LiveAnnouncerEffects) {
    this.#effects = effects;
  }

  get isBurst(): boolean {
    return this.#unannounced !== undefined;
  }

  /** The newest entry number that was shown. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of messages in the last summary. */
  get summary(): number {
    return this.#summary;
  }

  /** Takes the numbers of the shown entries. `isNews` is false for entries of the past. */
  show(seqs: readonly number[], isNews: boolean): void {
    const count = this.#newest === 0 || !isNews ? 0 : seqs.filter((seq) => seq > this.#newest).length;
    if (count > 0) this.add(count);
    for (const seq of seqs) this.#newest = Math.max(this.#newest, seq);
  }

  add(count: number): void {
    if (this.#unannounced !== undefined) {
      this.#unannounced += count;
      return;
    }
    const now = this.#effects.now();
    const recent = this.#times.filter((time) => now - time < BURST_WITHIN_MS);
    this.#times = [...recent, ...Array.from({ length: count }, () => now)].slice(-BURST - 1);
    if (this.#times.length > BURST) this.#startSummary(count);
  }

  #startSummary(count: number): void {
    this.#unannounced = count;
    this.#effects.startTimer(SUMMARY_EVERY_MS, () => this.#announce(this.#unannounced ?? 0));
  }

  #announce(count: number): void {
    this.#summary = count;
    if (count > BURST) {
      this.#startSummary(0);
    } else {
      this.#unannounced = undefined;
      this.#times = [];
    }
    this.#effects.changed();
  }
}
