/**
 * The numbered log of the room. Entries are added at the head and never change; `seq` has no holes.
 * Kept in memory, the oldest leave when a bound is passed.
 */
import { randomUUID } from 'node:crypto';
import type { Entry } from './protocol.ts';

export interface TranscriptOptions {
  /** Most entries kept. */
  maxEntries: number;
  /** Most text kept, UTF-16 code units: a flood of long messages must not grow the process. */
  maxText: number;
}

export class Transcript {
  /** Names this log: a `seq` means nothing in another. */
  readonly epoch = randomUUID();
  readonly #options: TranscriptOptions;
  #entries: Entry[] = [];
  /** Entries before this index have left; they are dropped for good in bulk. */
  #first = 0;
  #head = 0;
  #text = 0;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  /** Newest seq; 0 while the log is empty. */
  get head(): number {
    return this.#head;
  }

  /** Oldest seq kept; head + 1 while there is none. */
  get tail(): number {
    return this.#head - (this.#entries.length - this.#first) + 1;
  }

  append(entry: Omit<Entry, 'seq'>): Entry {
    const added = { seq: ++this.#head, ...entry };
    this.#entries.push(added);
    this.#text += added.text.length;
    this.#forget();
    return added;
  }

  /** Entries after `seq`, oldest first: at most `limit`, and not many more than `maxText` code units. */
  read(seq: number, limit: number, maxText = Number.POSITIVE_INFINITY): Entry[] {
    const start = Math.max(0, seq + 1 - this.tail) + this.#first;
    let end = start;
    for (let text = 0; end < this.#entries.length && end - start < limit && text < maxText; end++) {
      text += this.#entries[end]?.text.length ?? 0;
    }
    return this.#entries.slice(start, end);
  }

  #forget(): void {
    const { maxEntries, maxText } = this.#options;
    while (this.#entries.length - this.#first > 1 && (this.#size > maxEntries || this.#text > maxText)) {
      this.#text -= this.#entries[this.#first++]?.text.length ?? 0;
    }
    if (this.#first > this.#size) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  get #size(): number {
    return this.#entries.length - this.#first;
  }
}
