import type { Entry } from '../gateway/protocol.ts';

/** Counts what arrives while nobody looks at the end of the log. */
export class Unread {
  #count = 0;
  /** Up to this number it is history, not news. */
  #newsAfter: number;
  #atNewest = true;
  #visible = true;

  constructor(newsAfter: number, count = 0) {
    this.#newsAfter = newsAfter;
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  get newsAfter(): number {
    return this.#newsAfter;
  }

  get isAtNewest(): boolean {
    return this.#atNewest;
  }

  /** Another log begins, of which all up to `head` is history. */
  restart(head: number): void {
    this.#newsAfter = head;
    this.#count = 0;
  }

  /** True when that changes the count. */
  look({ atNewest = this.#atNewest, visible = this.#visible }): boolean {
    this.#atNewest = atNewest;
    this.#visible = visible;
    if (!this.#isReading || this.#count === 0) return false;
    this.#count = 0;
    return true;
  }

  hear({ seq, continues, gap }: Entry): void {
    const isMessage = gap === undefined && continues === undefined;
    if (isMessage && seq > this.#newsAfter && !this.#isReading) this.#count++;
  }

  get #isReading(): boolean {
    return this.#atNewest && this.#visible;
  }
}
