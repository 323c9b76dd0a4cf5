/** Days of a time zone. They are compared as text, so that changes of the clock need no care. */
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** No day begins further from its midnight in UTC. */
const FARTHEST_MS = 26 * 60 * MINUTE_MS;

export class Calendar {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  /** The last quarter of an hour and its day, because the clocks of all zones differ from UTC by whole quarters. */
  #quarter = Number.NaN;
  #day = '';

  /** Throws a RangeError for an unknown time zone. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  }

  /** Returns the day of a time, for example `2026-11-27`. */
  dayOf(at: number): string {
    const quarter = Math.floor(at / QUARTER_MS);
    if (quarter !== this.#quarter) {
      const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, value]));
      this.#day = ['year', 'month', 'day'].map((type) => parts.get(type as 'year')).join('-');
      this.#quarter = quarter;
    }
    return this.#day;
  }

  /** Returns the start of a day, and of the day after it. */
  periodOf(day: string): { start: number; end: number } {
    const next = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, day.length);
    return { start: this.#startOf(day), end: this.#startOf(next) };
  }

  /** Finds the first minute of a day by binary search. */
  #startOf(day: string): number {
    const midnight = Date.parse(day);
    let low = midnight - FARTHEST_MS;
    let high = midnight + FARTHEST_MS;
    while (high - low > MINUTE_MS) {
      const middle = low + MINUTE_MS * Math.floor((high - low) / (2 * MINUTE_MS));
      if (this.dayOf(middle) < day) low = middle;
      else high = middle;
    }
    return high;
  }
}
