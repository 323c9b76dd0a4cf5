import type { Entry } from '../../gateway/protocol.ts';

/** Counts what arrives while nobody looks at the end of the log, and knows where that began. */
export class Unread {
  #count = 0;
  #first: number | undefined;
  /** What comes now is unread like the last. */
  #isUnreadRun = false;
  /** Up to this number it is history, not news. */
  #newsAfter: number;
  #atNewest = true;
  #visible = true;

  constructor(newsAfter: number, count = 0, first?: number) {
    this.#newsAfter = newsAfter;
    this.#count = count;
    this.#first = first;
    this.#isUnreadRun = count > 0;
  }

  get count(): number {
    return this.#count;
  }

  /** The number of the message before which reading stopped; stays after it was read on. */
  get first(): number | undefined {
    return this.#first;
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
    this.forgetFirst();
  }

  /** True when that changes the count. */
  update({ atNewest = this.#atNewest, visible = this.#visible }): boolean {
    this.#atNewest = atNewest;
    this.#visible = visible;
    if (!this.#isReading) return false;
    this.#isUnreadRun = false;
    if (this.#count === 0) return false;
    this.#count = 0;
    return true;
  }

  /** `late`: said while the page was away, so that nobody saw it come. */
  append({ seq, continues, gap }: Entry, late = false): void {
    if (gap !== undefined || continues !== undefined || seq <= this.#newsAfter) return;
    const isSeen = this.#isReading && !late;
    if (!isSeen && !this.#isUnreadRun) this.#first = seq;
    this.#isUnreadRun = !isSeen;
    if (!this.#isReading) this.#count++;
  }

  /** Who writes has read. */
  forgetFirst(): void {
    this.#first = undefined;
    this.#isUnreadRun = false;
  }

  get #isReading(): boolean {
    return this.#atNewest && this.#visible;
  }
}
