/**
 * The numbered log of the room. Entries are added at the head and never change.
 *
 *     append ---> ring (memory) ------------------------> batch: who reads near the head
 *             `-> waiting --- within 100 ms ---> archive (disk) ---> batch: who reads further back
 *
 * `seq` counts without holes, but for two cases: a process that was killed may have given out numbers that it had
 * not written. The next begins after them, with a gap entry. And while the disk refuses, entries wait in memory; those
 * that leave the ring meanwhile are lost to the disk.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, ClockTrust, systemClock } from '../lib/clock.ts';
import type { Entry } from '../protocol.ts';
import { type Batch, batchOf, RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
import { MESSAGE_PIECES } from './search-index.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';

/** A kill may cost 100 ms, on a busy machine too, where timers are late. */
const FLUSH_EVERY_MS = 50;

/** Written earlier if so much waits: less than the lease of seqs, and some ms of work. */
const FLUSH_AT_ENTRIES = 500;

/** How often what is too old is removed, ms. */
const PRUNE_EVERY_MS = 60_000;

/** How exactly it is known until when a killed process heard a silent room, ms. */
const ALIVE_EVERY_MS = 10_000;

/** How soon a write that failed is tried again, ms. */
const RETRY_AFTER_MS = 1_000;

/** Entries of one batch from the archive. */
const STORE_BATCH = 200;

export interface TranscriptListener {
  /** A write failed, and is retried. */
  onWriteError(error: Error): void;
  /** The disk begins to refuse (`error`), or writes again what waited. */
  onDiskChanged(error: Error | undefined): void;
  /** The log goes on under another epoch, which browsers that are connected do not know. */
  onNewEpoch(): void;
}

/** How long the index rests after each slice of work, ms: a third of a core at most is spent on it. */
const INDEX_PAUSE_MS = 10;

/** How long a search waits at most for messages that are not in the index yet, ms. */
const INDEX_WAIT_MS = 100;

/** Text that one answer of a search holds, characters: a message may be long. */
const ANSWER_CHARACTERS = 1024 * 1024;

/** Which entries: after and before these seqs. */
export interface TranscriptQuery {
  after?: number;
  before?: number;
  limit: number;
}

export interface Found {
  /** JSON of messages, each joined with what continues it, oldest first. */
  messages: string[];
  /** There are older ones. */
  more: boolean;
  /** Were all messages in the index? */
  isComplete: boolean;
}

export class Transcript {
  readonly #store: SqliteStore;
  readonly #listener: TranscriptListener;
  readonly #ring: RingBuffer;
  readonly #clock: Clock;
  readonly #trust: ClockTrust;
  readonly #chores: NodeJS.Timeout[];
  /** `at` of the newest entry. */
  #lastAt: number;
  #epoch: string;
  #waiting: Row[] = [];
  #afterFlush: ((kept: boolean) => void)[] = [];
  #flushTimer: NodeJS.Timeout | undefined;
  #indexTimer: NodeJS.Timeout | undefined;
  /** The error of the last write; undefined while the disk works. */
  #diskError: Error | undefined;
  /** Seq of the newest entry that is a gap, or that was lost to the disk; 0 for none. */
  #lastGap: number;
  /** Since when the room may have spoken unheard, ms since 1970; undefined while it is heard. */
  #unheardSince: number | undefined;

  constructor(
    archive: SqliteStore,
    ring: RingBufferOptions,
    events: TranscriptListener,
    clock: Clock = systemClock,
  ) {
    this.#store = archive;
    this.#clock = clock;
    this.#trust = new ClockTrust(clock, archive.previousRun.trustedAt);
    this.#lastAt = archive.previousRun.lastAt;
    this.#listener = events;
    this.#epoch = archive.previousRun.epoch;
    this.#ring = new RingBuffer(ring, archive.previousRun.head);
    this.#lastGap = archive.previousRun.lastGap;
    if (this.head > 0) this.#unheardSince = archive.previousRun.heardUntil || undefined;
    this.#chores = [
      setInterval(() => this.#prune(), PRUNE_EVERY_MS),
      setInterval(() => this.#write(), ALIVE_EVERY_MS),
    ];
    setImmediate(() => this.#prune());
    this.#indexSoon();
  }

  /** Names this log: a `seq` means nothing in another. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Newest seq; 0 while the log is empty. */
  get head(): number {
    return this.#ring.head;
  }

  /** Oldest seq kept; head + 1 while there is none. */
  get tail(): number {
    return this.#store.tail ?? this.#ring.tail;
  }

  /** The time of an entry that is appended now, ms since 1970: it never goes back, whatever the clock does. */
  get now(): number {
    return Math.max(this.#clock.wall(), this.#lastAt);
  }

  /** Does the disk take what is appended? */
  get keeps(): boolean {
    return this.#diskError === undefined;
  }

  /** Entries that are only in memory so far. */
  get unwritten(): number {
    return this.#waiting.length;
  }

  /** The room is not heard any more since `time`, ms since 1970. */
  beginGap(time: number): void {
    this.#unheardSince ??= time;
  }

  /** The room is heard again: what may have passed meanwhile is marked. */
  endGap(): void {
    const since = this.#unheardSince;
    if (since === undefined) return;
    this.#unheardSince = undefined;
    const until = this.now;
    this.append({ at: until, from: '', text: '', gap: { since: Math.min(since, until), until } });
  }

  /** Returns the entry's seq. */
  append(words: Omit<Entry, 'seq'>): number {
    const entry: Entry = { seq: this.head + 1, ...words, at: Math.max(words.at, this.#lastAt) };
    this.#lastAt = entry.at;
    if (entry.seq > this.#store.lease && this.#epoch === this.#store.epoch) this.#beginEpoch();
    const json = JSON.stringify(entry);
    this.#ring.append(json);
    this.#waiting.push({ seq: entry.seq, at: entry.at, json });
    if (entry.gap) this.#lastGap = entry.seq;
    if (!this.keeps) {
      if (entry.seq % FLUSH_AT_ENTRIES === 0) this.#loseOverwritten();
    } else if (this.#waiting.length >= FLUSH_AT_ENTRIES) this.flush();
    else this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_EVERY_MS);
    return entry.seq;
  }

  /** Is every message between `seq` and the head kept, and was the room heard all the time until now? */
  isCompleteSince(seq: number): boolean {
    return (
      this.#unheardSince === undefined && seq >= this.tail - 1 && seq <= this.head && seq >= this.#lastGap
    );
  }

  /** The seq after which the newest `count` entries begin. */
  beforeNewest(count: number): number {
    const seq = Math.max(0, this.head - count);
    if (count === 0 || seq + 1 >= this.#ring.tail) return seq;
    const [oldest] = this.#before(this.head + 1, count);
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
    const rows = this.#store.after(after, Math.min(maxEntries, STORE_BATCH));
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
  find({ after, before = this.head + 1, limit }: TranscriptQuery): string[] {
    const rows = after === undefined ? this.#before(before, limit) : this.#after(after, before, limit);
    return rows.map(jsonOf);
  }

  /** The newest messages with these words. It works for some ms at a time, each time that `slice` resolves. */
  async search(
    words: string,
    { after = 0, before = this.head + 1, limit }: TranscriptQuery,
    slice: () => Promise<void>,
  ): Promise<Found> {
    this.flush();
    const { index } = this.#store;
    const indexBy = performance.now() + INDEX_WAIT_MS;
    while (!index.isComplete && performance.now() < indexBy) {
      await slice();
      if (!this.#advanceIndex()) break;
    }
    const isComplete = this.#waiting.length === 0 && index.isComplete;
    const messages: string[] = [];
    let characters = 0;
    for (const part of index.partsBetween(after, before)) {
      await slice();
      const oldest = Math.max(after, this.tail - 1);
      for (const seq of index.find(part, words, oldest, before, limit + 1 - messages.length)) {
        if (messages.length === limit || characters > ANSWER_CHARACTERS)
          return { messages: messages.reverse(), more: true, isComplete };
        const message = this.#messageFrom(seq);
        if (message === undefined) continue;
        characters += message.length;
        messages.push(message);
      }
    }
    return { messages: messages.reverse(), more: false, isComplete };
  }

  /** The entry as JSON, joined with what continues it. */
  #messageFrom(seq: number): string | undefined {
    const [json] = this.#store.after(seq - 1, 1, seq + 1).map(jsonOf);
    if (json === undefined) return undefined;
    const entry = JSON.parse(json) as Entry;
    const root = entry.forged ? seq : (entry.continues ?? seq);
    const pieces = this.piecesOf(root, seq, this.head + 1, MESSAGE_PIECES);
    if (pieces.length === 0) return json;
    const texts = pieces.map((piece) => JSON.parse(piece) as Entry).filter(({ forged }) => !forged);
    return JSON.stringify({ ...entry, text: [entry, ...texts].map(({ text }) => text).join('') });
  }

  /** Newest seq on disk. */
  get written(): number {
    return (this.#waiting[0]?.seq ?? this.head + 1) - 1;
  }

  /** The JSON of entries that continue that of seq `root`, oldest first. */
  piecesOf(root: number, after: number, before: number, limit: number): string[] {
    return this.#store.piecesOf(root, after, before, limit).map(jsonOf);
  }

  /** Seqs between `first` and `last` of entries that others continue. */
  continuedBetween(first: number, last: number): Set<number> {
    return new Set(this.#store.continuedBetween(first, last));
  }

  /** The newest entries before a seq, oldest first. */
  #before(seq: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    this.flush();
    const waiting = this.#waiting.filter((row) => row.seq < seq).slice(-limit);
    const missing = limit - waiting.length;
    if (missing === 0) return waiting;
    return [...this.#store.before(waiting[0]?.seq ?? seq, missing).reverse(), ...waiting];
  }

  /** The oldest entries between two seqs. */
  #after(seq: number, before: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    this.flush();
    const rows = this.#store.after(seq, limit, before);
    const waiting = this.#waiting.filter((row) => row.seq > seq && row.seq < before);
    return [...rows, ...waiting.slice(0, limit - rows.length)];
  }

  /** Calls back with true once everything appended so far is on disk, or with false if the disk refuses. */
  afterFlush(then: (kept: boolean) => void): void {
    if (this.#waiting.length === 0) then(true);
    else if (!this.keeps) then(false);
    else this.#afterFlush.push(then);
  }

  /** Writes what waits, unless the disk refuses: then only the next retry does. */
  flush(): void {
    while (this.keeps && this.#waiting.length > 0) this.#write();
  }

  /** Writes in steps, because very much may wait after a time without disk. */
  #write(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const rows = this.#waiting.slice(0, FLUSH_AT_ENTRIES);
    try {
      this.#trust.look();
      this.#store.write(rows, {
        epoch: this.#epoch,
        lastGap: this.#lastGap,
        heardUntil: this.#heardUntil,
        trustedAt: this.#trust.trustedAt,
      });
      this.#waiting = this.#waiting.slice(rows.length);
      this.#setDisk(undefined);
      if (this.#waiting.length > 0) this.#flushTimer = setTimeout(() => this.#write());
      else this.#settleKept(true);
      this.#indexSoon();
    } catch (error) {
      this.#onDiskError(error as Error);
    }
  }

  #onDiskError(error: Error): void {
    this.#loseOverwritten();
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => this.#write(), RETRY_AFTER_MS);
    this.#listener.onWriteError(error);
    this.#setDisk(error);
    this.#settleKept(false);
  }

  #setDisk(error: Error | undefined): void {
    const changed = this.keeps !== (error === undefined);
    this.#diskError = error;
    if (changed) this.#listener.onDiskChanged(error);
  }

  #settleKept(kept: boolean): void {
    for (const then of this.#afterFlush.splice(0)) then(kept);
  }

  /** What the ring has overwritten before the disk took it is lost, so that memory stays bounded. */
  #loseOverwritten(): void {
    const lost = this.#waiting.filter(({ seq }) => seq < this.#ring.tail);
    this.#waiting = this.#waiting.slice(lost.length);
    this.#lastGap = Math.max(this.#lastGap, lost.at(-1)?.seq ?? 0);
  }

  /** Numbers beyond the lease could be given out again after a kill. In another epoch they name other entries. */
  #beginEpoch(): void {
    this.#epoch = randomUUID();
    this.#listener.onNewEpoch();
  }

  /** The index follows the log, some ms of work at a time. */
  #indexSoon(pauseMs = INDEX_PAUSE_MS): void {
    this.#indexTimer ??= setTimeout(() => {
      this.#indexTimer = undefined;
      if (this.#store.index.isComplete) return;
      this.#indexSoon(this.#advanceIndex() ? INDEX_PAUSE_MS : RETRY_AFTER_MS);
    }, pauseMs);
  }

  /** Returns false if the disk refuses. That loses nothing, because the index is built from what is written. */
  #advanceIndex(): boolean {
    try {
      this.#store.index.advance();
      return true;
    } catch (error) {
      this.#listener.onWriteError(error as Error);
      return false;
    }
  }

  close(): void {
    for (const chore of this.#chores) clearInterval(chore);
    this.#diskError = undefined;
    this.flush();
    // What could not be written is missing: the next process must know that this one did not end in order.
    if (this.keeps) this.#onDisk(() => this.#store.finish(this.head, this.#heardUntil));
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#indexTimer);
    this.#store.close();
  }

  get #heardUntil(): number {
    return this.#unheardSince ?? this.#clock.wall();
  }

  #prune(): void {
    const more = this.#onDisk(() => this.#store.prune(this.#trust.look()));
    if (more) setImmediate(() => this.#prune());
  }

  #onDisk<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#onDiskError(error as Error);
      return undefined;
    }
  }
}

function jsonOf({ json }: { json: string }): string {
  return json;
}
