/**
 * Holds new entries until they are on disk, because a write takes as long for one entry as for many.
 *
 *     append ---> unwritten ---> written, within 100 ms
 *                     `--- the disk fails: retried each second. Entries that leave the ring meanwhile are dropped.
 */
import type { Entry } from '../protocol.ts';
import type { Indexer, WriteErrorListener } from './indexer.ts';
import type { Progress, Row, SqliteStore } from './sqlite-store.ts';

/** A kill may lose 100 ms, also on a busy machine, where timers are late. */
const FLUSH_EVERY_MS = 50;

/** This many unwritten entries are written at once. They are fewer than the reserved seqs, and take some ms. */
const FLUSH_AT_ENTRIES = 500;

/** How precisely the disk shows when a killed process last heard a silent room, ms. */
const HEARD_UNTIL_EVERY_MS = 10_000;

/** How soon a failed write is retried, ms. */
const RETRY_AFTER_MS = 1_000;

/** Selects entries after and before these seqs. */
export interface EntryRange {
  after?: number;
  before?: number;
  limit: number;
}

export interface DiskListener extends WriteErrorListener {
  /** The disk begins to fail with `error`, or works again. */
  onDiskChanged(error: Error | undefined): void;
}

/** The transcript as a write needs it. */
export interface WriteContext {
  /** Returns the state that is written with entries. `isLast`: no entry is left unwritten. */
  progress(isLast: boolean): Progress;
  /** Returns the oldest seq in the ring. */
  ringTail(): number;
}

export class WriteBuffer {
  readonly #store: SqliteStore;
  readonly #indexer: Indexer;
  readonly #context: WriteContext;
  readonly #listener: DiskListener;
  readonly #progressTimer: NodeJS.Timeout;
  #rows: Row[] = [];
  #afterFlush: ((kept: boolean) => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The error of the last write, undefined while the disk works. */
  #error: Error | undefined;
  #lastDropped = 0;
  /** The entries on disk after this one are still to be removed. */
  #kept: number | undefined;

  constructor(store: SqliteStore, indexer: Indexer, context: WriteContext, listener: DiskListener) {
    this.#store = store;
    this.#indexer = indexer;
    this.#context = context;
    this.#listener = listener;
    this.#progressTimer = setInterval(() => this.write(), HEARD_UNTIL_EVERY_MS);
  }

  /** Number of entries that are only in memory. */
  get length(): number {
    return this.#rows.length;
  }

  /** The oldest seq that is only in memory, undefined if there is none. */
  get tail(): number | undefined {
    return this.#rows[0]?.seq;
  }

  /** True while the disk works. */
  get keeps(): boolean {
    return this.#error === undefined;
  }

  /** Seq of the newest entry that never reached the disk, 0 if there is none. */
  get lastDropped(): number {
    return this.#lastDropped;
  }

  append(row: Row): void {
    this.#rows.push(row);
    if (!this.keeps) {
      if (row.seq % FLUSH_AT_ENTRIES === 0) this.#dropOverwritten();
    } else if (this.#rows.length >= FLUSH_AT_ENTRIES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_EVERY_MS);
  }

  /** Appends entries, and writes them at once. */
  appendAll(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row);
    this.flush();
  }

  /** Removes the entries after `kept`, at the latest before others are written. */
  truncate(kept: number): void {
    this.#rows = this.#rows.filter(({ seq }) => seq <= kept);
    this.#kept = kept;
    this.write();
  }

  /** Returns written and unwritten entries, oldest first: the nearest to `after` if that is given, else to `before`. */
  find({ after, before = Number.MAX_SAFE_INTEGER, limit }: EntryRange): Pick<Row, 'seq' | 'json'>[] {
    return after === undefined ? this.#before(before, limit) : this.#after(after, before, limit);
  }

  /** Returns the seqs of the unwritten continuations of the entry `root`. */
  seqsOf(root: number): number[] {
    const pieces = this.#rows.filter(({ json }) => (JSON.parse(json) as Entry).continues === root);
    return pieces.map(({ seq }) => seq);
  }

  /** Calls back with true when everything appended so far is on disk, or with false if the disk fails. */
  afterFlush(callback: (kept: boolean) => void): void {
    if (this.#rows.length === 0) callback(true);
    else if (!this.keeps) callback(false);
    else this.#afterFlush.push(callback);
  }

  /** Writes the unwritten entries, unless the disk fails: then only the next retry writes. */
  flush(): void {
    while (this.keeps && this.#rows.length > 0) this.write();
  }

  /** Writes the progress and some entries, because many entries may wait after a failure of the disk. */
  write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#rows.slice(0, FLUSH_AT_ENTRIES);
    try {
      if (this.#kept !== undefined) this.#store.truncate(this.#kept);
      this.#kept = undefined;
      this.#store.write(rows, this.#context.progress(rows.length === this.#rows.length));
      this.#rows = this.#rows.slice(rows.length);
      this.#setError(undefined);
      if (this.#rows.length > 0) this.#timer = setTimeout(() => this.write());
      else this.#callAfterFlush(true);
      this.#indexer.schedule();
    } catch (error) {
      this.#onError(error as Error);
    }
  }

  /** Runs other work on the disk. Returns undefined if the disk fails. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#onError(error as Error);
      return undefined;
    }
  }

  /** Writes a last time, also if the disk has failed before. Calls `finish` if everything is on disk. */
  close(finish: () => void): void {
    clearInterval(this.#progressTimer);
    this.#error = undefined;
    this.flush();
    if (this.keeps) this.attempt(finish);
    clearTimeout(this.#timer);
  }

  /** Returns the newest entries before a seq, oldest first. */
  #before(seq: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    const unwritten = this.#rows.filter((row) => row.seq < seq).slice(-limit);
    const missing = limit - unwritten.length;
    if (missing === 0) return unwritten;
    return [...this.#store.before(unwritten[0]?.seq ?? seq, missing).reverse(), ...unwritten];
  }

  /** Returns the oldest entries between two seqs. */
  #after(seq: number, before: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    const written = this.#store.after(seq, limit, before);
    const unwritten = this.#rows.filter((row) => row.seq > seq && row.seq < before);
    return [...written, ...unwritten.slice(0, limit - written.length)];
  }

  #onError(error: Error): void {
    this.#dropOverwritten();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.write(), RETRY_AFTER_MS);
    this.#listener.onWriteError(error);
    this.#setError(error);
    this.#callAfterFlush(false);
  }

  #setError(error: Error | undefined): void {
    const changed = this.keeps !== (error === undefined);
    this.#error = error;
    if (changed) this.#listener.onDiskChanged(error);
  }

  #callAfterFlush(kept: boolean): void {
    for (const callback of this.#afterFlush.splice(0)) callback(kept);
  }

  /** Drops unwritten entries that the ring has overwritten, so that memory stays bounded. */
  #dropOverwritten(): void {
    const ringTail = this.#context.ringTail();
    const dropped = this.#rows.filter(({ seq }) => seq < ringTail);
    this.#rows = this.#rows.slice(dropped.length);
    this.#lastDropped = Math.max(this.#lastDropped, dropped.at(-1)?.seq ?? 0);
  }
}
