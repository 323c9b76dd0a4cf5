/**
 * The numbered log of the room. Entries are added at the head and never change.
 *
 *     append ---> ring (memory) ------------------------> batch: who reads near the head
 *             `-> waiting --- within 100 ms ---> archive (disk) ---> batch: who reads further back
 *
 * `seq` counts without holes, but for one case: a process that was killed may have given out numbers that it had
 * not written. The next begins after them, with a gap entry.
 */
import type { Archive, Row } from './archive.ts';
import type { Entry } from './protocol.ts';
import { type Batch, batchOf, Ring, type RingOptions } from './ring.ts';

/** A kill may cost 100 ms, on a busy machine too, where timers are late. */
const FLUSH_EVERY_MS = 50;

/** Written earlier if so much waits: less than the lease of seqs, and some ms of work. */
const FLUSH_AT_ENTRIES = 500;

/** How often what is too old is removed, ms. */
const FORGET_EVERY_MS = 60_000;

/** How exactly it is known until when a killed process heard a silent room, ms. */
const ALIVE_EVERY_MS = 10_000;

/** How soon a write that failed is tried again, ms. */
const RETRY_AFTER_MS = 1_000;

/** Entries of one batch from the archive. */
const ARCHIVE_BATCH = 200;

export interface TranscriptEvents {
  /** The disk refused; the entries wait, and it is tried again. */
  onWriteError(error: Error): void;
}

/** Which entries: after and before these seqs, with these words. */
export interface Query {
  after?: number;
  before?: number;
  words?: string;
  limit: number;
}

export class Transcript {
  readonly #archive: Archive;
  readonly #events: TranscriptEvents;
  readonly #ring: Ring;
  readonly #chores: NodeJS.Timeout[];
  #waiting: Row[] = [];
  #whenKept: (() => void)[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  /** Seq of the newest gap entry, 0 for none. */
  #lastGap: number;
  /** Since when the room may have spoken unheard, ms since 1970; undefined while it is heard. */
  #unheardSince: number | undefined;

  constructor(archive: Archive, ring: RingOptions, events: TranscriptEvents) {
    this.#archive = archive;
    this.#events = events;
    this.#ring = new Ring(ring, archive.past.head);
    this.#lastGap = archive.past.lastGap;
    if (this.head > 0) this.#unheardSince = archive.past.heardUntil || undefined;
    this.#chores = [
      setInterval(() => this.#forget(), FORGET_EVERY_MS),
      setInterval(() => this.#write(), ALIVE_EVERY_MS),
    ];
    this.#forget();
  }

  /** Names this log: a `seq` means nothing in another. */
  get epoch(): string {
    return this.#archive.past.epoch;
  }

  /** Newest seq; 0 while the log is empty. */
  get head(): number {
    return this.#ring.head;
  }

  /** Oldest seq kept; head + 1 while there is none. */
  get tail(): number {
    return this.#archive.tail ?? this.#ring.tail;
  }

  /** The room is not heard any more since `time`, ms since 1970. */
  loseRoom(time: number): void {
    this.#unheardSince ??= time;
  }

  /** The room is heard again: what may have passed meanwhile is marked. */
  hearRoom(): void {
    const since = this.#unheardSince;
    if (since === undefined) return;
    this.#unheardSince = undefined;
    const until = Date.now();
    this.append({ at: until, from: '', text: '', gap: { since, until } });
  }

  /** Returns the entry's seq. */
  append(words: Omit<Entry, 'seq'>): number {
    const entry: Entry = { seq: this.head + 1, ...words };
    const json = JSON.stringify(entry);
    this.#ring.append(json);
    this.#waiting.push({ seq: entry.seq, at: entry.at, json, text: entry.text });
    if (entry.gap) this.#lastGap = entry.seq;
    if (this.#waiting.length >= FLUSH_AT_ENTRIES) this.flush();
    else this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_EVERY_MS);
    return entry.seq;
  }

  /** Is every message between `seq` and the head kept, and was the room heard all the time until now? */
  isWholeAfter(seq: number): boolean {
    return (
      this.#unheardSince === undefined && seq >= this.tail - 1 && seq <= this.head && seq >= this.#lastGap
    );
  }

  /** The seq after which the newest `count` entries begin. */
  beforeNewest(count: number): number {
    const seq = Math.max(0, this.head - count);
    if (count === 0 || seq + 1 >= this.#ring.tail) return seq;
    this.flush();
    const oldest = this.#archive.before(this.head + 1, count).at(-1);
    return oldest ? oldest.seq - 1 : this.head;
  }

  /**
   * What follows `after`: at most `maxEntries`, and about `maxBytes` of JSON, but at least one entry. Undefined
   * if there is nothing.
   */
  batch(
    after: number,
    maxEntries = Number.POSITIVE_INFINITY,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Batch | undefined {
    if (after + 1 >= this.#ring.tail) return this.#ring.batch(after, maxEntries, maxBytes);
    // Large entries may have left the ring before they were written.
    if ((this.#waiting[0]?.seq ?? Number.POSITIVE_INFINITY) < this.#ring.tail) this.flush();
    const rows = this.#archive.after(after, Math.min(maxEntries, ARCHIVE_BATCH));
    let characters = 0;
    const fitting = rows.filter(({ json }, index) => {
      characters += json.length;
      return index === 0 || characters <= maxBytes;
    });
    const last = fitting.at(-1)?.seq;
    if (last === undefined) return this.#ring.batch(after, maxEntries, maxBytes);
    return batchOf(after, last, fitting.map(jsonOf));
  }

  /** The JSON of entries that fit the query, oldest first: the nearest to `after` if given, else to `before`. */
  find({ after, before = this.head + 1, words, limit }: Query): string[] {
    this.flush();
    if (words !== undefined)
      return this.#archive
        .search(words, after ?? 0, before, limit)
        .reverse()
        .map(jsonOf);
    if (after === undefined) return this.#archive.before(before, limit).reverse().map(jsonOf);
    return this.#archive.after(after, limit, before).map(jsonOf);
  }

  /** The JSON of entries that continue that of seq `root`, oldest first. */
  piecesOf(root: number, after: number, before: number, limit: number): string[] {
    return this.#archive.piecesOf(root, after, before, limit).map(jsonOf);
  }

  /** Seqs between `first` and `last` of entries that others continue. */
  continuedBetween(first: number, last: number): Set<number> {
    return new Set(this.#archive.continuedBetween(first, last));
  }

  /** Calls back once all that was appended until now is on disk. */
  whenKept(then: () => void): void {
    if (this.#waiting.length === 0) then();
    else this.#whenKept.push(then);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#waiting.length > 0) this.#write();
  }

  #write(): void {
    try {
      this.#archive.write(this.#waiting, this.#lastGap, this.#heardUntil);
      this.#waiting = [];
      for (const then of this.#whenKept.splice(0)) then();
    } catch (error) {
      this.#events.onWriteError(error as Error);
      // The ring still has them; what it has overwritten meanwhile is lost to the disk, and memory stays bounded.
      this.#waiting = this.#waiting.filter(({ seq }) => seq >= this.#ring.tail);
      this.#flushTimer ??= setTimeout(() => this.flush(), RETRY_AFTER_MS);
    }
  }

  close(): void {
    for (const chore of this.#chores) clearInterval(chore);
    this.flush();
    clearTimeout(this.#flushTimer);
    this.#archive.close(this.head, this.#heardUntil);
  }

  get #heardUntil(): number {
    return this.#unheardSince ?? Date.now();
  }

  #forget(): void {
    if (this.#archive.forget(this.head, Date.now())) setImmediate(() => this.#forget());
  }
}

function jsonOf({ json }: { json: string }): string {
  return json;
}
