import type { Cancel } from '../client/effects.ts';

/** More messages than this, within so long, nobody can listen to one by one. */
export const BURST = 5;
export const BURST_WITHIN = 3_000;
/** In a burst only their number is told, this often, ms. */
export const SUMMARY_EVERY = 6_000;

export interface LiveAnnouncerEffects {
  startTimer(ms: number, then: () => void): Cancel;
  now(): number;
  changed(): void;
}

/**
 * What is read aloud of the messages that come: each, or in a burst how many.
 *
 *     each --more than BURST within BURST_WITHIN--> summed --a summary of no more than BURST--> each
 */
export class LiveAnnouncer {
  readonly #effects: LiveAnnouncerEffects;
  #times: number[] = [];
  /** Heard since the last summary; undefined while each is read. */
  #heard: number | undefined;
  #summary = 0;
  #newest = 0;

  constructor(effects: LiveAnnouncerEffects) {
    this.#effects = effects;
  }

  get isBurst(): boolean {
    return this.#heard !== undefined;
  }

  /** The newest number that was shown. */
  get newest(): number {
    return this.#newest;
  }

  /** How many messages the last summary told of. */
  get summary(): number {
    return this.#summary;
  }

  /** The numbers of what is shown, or of what is newer in it; whether what is new was said just now. */
  show(seqs: readonly number[], isNews: boolean): void {
    const count = this.#newest === 0 || !isNews ? 0 : seqs.filter((seq) => seq > this.#newest).length;
    if (count > 0) this.add(count);
    for (const seq of seqs) this.#newest = Math.max(this.#newest, seq);
  }

  add(count: number): void {
    if (this.#heard !== undefined) {
      this.#heard += count;
      return;
    }
    const now = this.#effects.now();
    const recent = this.#times.filter((time) => now - time < BURST_WITHIN);
    this.#times = [...recent, ...Array.from({ length: count }, () => now)].slice(-BURST - 1);
    if (this.#times.length > BURST) this.#sum(count);
  }

  #sum(heard: number): void {
    this.#heard = heard;
    this.#effects.startTimer(SUMMARY_EVERY, () => this.#announce(this.#heard ?? 0));
  }

  #announce(heard: number): void {
    this.#summary = heard;
    if (heard > BURST) {
      this.#sum(0);
    } else {
      this.#heard = undefined;
      this.#times = [];
    }
    this.#effects.changed();
  }
}
