import type { Entry } from '../../gateway/protocol.ts';

/** Counts the messages that arrive while the end of the log is not visible, and holds the first of them. */
export class Unread {
  #count = 0;
  #first: number | undefined;
  /** The last message was unread, so the next one is no first one. */
  #isUnreadRun = false;
  /** Entries up to this number are history and never unread. */
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

  /** Number of the first unread message. It stays after the messages were read. */
  get first(): number | undefined {
    return this.#first;
  }

  get newsAfter(): number {
    return this.#newsAfter;
  }

  get isAtNewest(): boolean {
    return this.#atNewest;
  }

  /** Another log begins. Its entries up to `head` are history. */
  restart(head: number): void {
    this.#newsAfter = head;
    this.#count = 0;
    this.forgetFirst();
  }

  /** Returns true if the count changed. */
  update({ atNewest = this.#atNewest, visible = this.#visible }): boolean {
    this.#atNewest = atNewest;
    this.#visible = visible;
    if (!this.#isReading) return false;
    this.#isUnreadRun = false;
    if (this.#count === 0) return false;
    this.#count = 0;
    return true;
  }

  /** `late`: sent while the page was disconnected, so it was not seen on arrival. */
  append({ seq, continues, gap }: Entry, late = false): void {
    if (gap !== undefined || continues !== undefined || seq <= this.#newsAfter) return;
    const isSeen = this.#isReading && !late;
    if (!isSeen && !this.#isUnreadRun) this.#first = seq;
    this.#isUnreadRun = !isSeen;
    if (!this.#isReading) this.#count++;
  }

  forgetFirst(): void {
    this.#first = undefined;
    this.#isUnreadRun = false;
  }

  get #isReading(): boolean {
    return this.#atNewest && this.#visible;
  }
}
