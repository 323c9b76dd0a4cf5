/**
 * The time of a whole run. It shortens each wait, so that a run is bounded whatever a server does.
 */

/** Longest run, ms. The last kill and the report fit into the rest of a minute. */
export const RUN_MS = 55_000;

export class Budget {
  readonly #endsAt: number;

  constructor(ms = RUN_MS) {
    this.#endsAt = performance.now() + ms;
  }

  get isOver(): boolean {
    return this.#endsAt <= performance.now();
  }

  /** Returns the part of a wait that is left, ms. */
  shorten(ms: number): number {
    return Math.max(0, Math.min(ms, this.#endsAt - performance.now()));
  }
}
