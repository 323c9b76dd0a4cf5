/**
 * Keeps the transcript on disk, in one SQLite file: the JSON of the entries, and an index of the messages.
 * Writes happen in batches, never on the path of a message.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type Database from 'libsql';
import { configure, locationOf, open } from './database.ts';
import { ModerationStore } from './moderation-store.ts';
import { SearchIndex } from './search-index.ts';

export interface Row {
  seq: number;
  /** ms since 1970 */
  at: number;
  /** The entry as JSON. */
  json: string;
}

export interface SqliteStoreOptions {
  dir: string;
  retention: Retention;
  /** Opens the database. */
  open?: (location: string) => Database.Database;
}

/** While a limit is exceeded, the oldest entries are evicted. */
export interface Retention {
  /** Evicts only entries older than `recentMs`. */
  maxEntries: number;
  /** Age from which `maxEntries` may evict an entry, ms. */
  recentMs: number;
  maxAgeMs: number;
  /** Limit of all JSON together. */
  maxBytes: number;
}

/** State that is written with the entries. */
export interface Progress {
  epoch: string;
  lastGap: number;
  /** When the room was last known to be heard, ms since 1970. */
  heardUntil: number;
  /** The last trusted time, ms since 1970; 0 if there is none. */
  trustedAt: number;
  /** The record of a shared log with which these entries end. */
  shared?: SharedProgress;
}

/** How far this store has followed a log that several gateways share. */
export interface SharedProgress {
  sequence: number;
  id: string;
  epoch: string;
  /** Seq of the last entry up to that record. */
  head: number;
  /** Set while the log begins with an older transcript, of which more is to come. */
  isImporting?: boolean;
}

/** State that the previous process left. */
export interface PreviousRun {
  epoch: string;
  /** No higher seq was ever assigned. */
  head: number;
  /** The process closed the store, so the disk holds every entry. */
  clean: boolean;
  /** When the process was last known to hear the room, ms since 1970; 0 if there was no process. */
  heardUntil: number;
  lastGap: number;
  /** Time of the newest entry, 0 if there is none. */
  lastAt: number;
  /** Seq of the newest entry, 0 if there is none. */
  lastSeq: number;
  shared: SharedProgress | undefined;
  /** The last trusted time, ms since 1970; 0 if there is none. */
  trustedAt: number;
}

/**
 * Number of seqs reserved beyond the last written one. A killed process may have assigned them to entries that are
 * not on disk. They must not name other entries later, so the next process begins after them.
 */
export const SEQ_LEASE = 1_000;

/** The file in the folder of a transcript. */
export const FILE_NAME = 'transcript.db';

/** Entries removed at once, in some ms of work. */
const PRUNE_BATCH = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Finds the continuations of a message. Only continuations have a `root`, so the index is small. */
const ADD_ROOT = `
  ALTER TABLE entry ADD COLUMN root INTEGER GENERATED ALWAYS AS (json ->> 'continues') VIRTUAL;
  CREATE INDEX piece ON entry (root) WHERE root IS NOT NULL;
`;

export class SqliteStore {
  /** For SQLite. */
  readonly location: string;
  readonly previousRun: PreviousRun;
  readonly index: SearchIndex;
  readonly moderation: ModerationStore;
  readonly #options: SqliteStoreOptions;
  readonly #db: Database.Database;
  readonly #insertEntry: Database.Statement;
  readonly #setState: Database.Statement;
  readonly #after: Database.Statement;
  readonly #before: Database.Statement;
  readonly #oldest: Database.Statement;
  readonly #pieces: Database.Statement;
  readonly #continued: Database.Statement;
  readonly #seqs: Database.Statement;
  #tail: number;
  #kept: { entries: number; bytes: number };
  #epoch: string;
  #lease: number;

  /** Throws if the folder can't be written or another process has it open. */
  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    makeFolder(resolve(options.dir));
    this.location = locationOf(resolve(options.dir, FILE_NAME));
    this.#db = (options.open ?? open)(this.location);
    configure(this.#db);
    this.#db.exec(SCHEMA);
    if (!this.#hasRoots()) this.#transaction(() => this.#db.exec(ADD_ROOT));
    this.#insertEntry = this.#db.prepare('INSERT INTO entry VALUES (?, ?, ?)');
    this.#setState = this.#db.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)');
    this.#after = this.#db.prepare(
      'SELECT seq, json FROM entry WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?',
    );
    this.#before = this.#db.prepare('SELECT seq, json FROM entry WHERE seq < ? ORDER BY seq DESC LIMIT ?');
    this.#oldest = this.#db.prepare(
      'SELECT seq, at, octet_length(json) AS bytes FROM entry ORDER BY seq LIMIT ?',
    );
    this.#pieces = this.#db.prepare(
      'SELECT seq, json FROM entry WHERE root = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?',
    );
    this.#continued = this.#db.prepare('SELECT DISTINCT root FROM entry WHERE root BETWEEN ? AND ?');
    this.#seqs = this.#db.prepare('SELECT seq FROM entry WHERE root = ?');
    this.index = new SearchIndex(this.#db, (run) => this.#transaction(run));
    this.moderation = new ModerationStore(this.#db, (run) => this.#transaction(run));
    this.previousRun = this.#readPreviousRun();
    this.#tail = this.#readTail();
    this.#kept = this.#readKept();
    this.#epoch = this.previousRun.epoch;
    this.#lease = this.previousRun.head + SEQ_LEASE;
    this.#transaction(() => this.#saveState({ epoch: this.#epoch, clean: 0, lease: this.#lease }));
  }

  /** The last written epoch. */
  get epoch(): string {
    return this.#epoch;
  }

  /** The last reserved seq: the next process begins after it. */
  get lease(): number {
    return this.#lease;
  }

  /** The oldest seq on disk, undefined if there is none. */
  get tail(): number | undefined {
    return this.#tail === 0 ? undefined : this.#tail;
  }

  /** Average size of an entry's JSON, at least 1 byte. */
  get averageBytes(): number {
    const { entries, bytes } = this.#kept;
    return entries > 0 && bytes > entries ? bytes / entries : 1;
  }

  /** Writes everything or nothing. Throws the error of the disk. */
  write(rows: Row[], progress: Progress): void {
    const last = rows.at(-1)?.seq;
    const lease = last === undefined ? this.#lease : last + SEQ_LEASE;
    const kept = {
      entries: this.#kept.entries + rows.length,
      bytes: rows.reduce((sum, { json }) => sum + Buffer.byteLength(json), this.#kept.bytes),
    };
    this.#transaction(() => {
      for (const { seq, at, json } of rows) this.#insertEntry.run(seq, at, json);
      const { shared, ...state } = progress;
      this.#saveState({ ...state, ...kept, lease, ...(shared && { shared: JSON.stringify(shared) }) });
    });
    this.#kept = kept;
    this.#lease = lease;
    this.#epoch = progress.epoch;
    if (this.#tail === 0) this.#tail = rows[0]?.seq ?? 0;
  }

  /** Returns entries after `seq` and before `before`, oldest first. */
  after(seq: number, limit: number, before = Number.MAX_SAFE_INTEGER): Pick<Row, 'seq' | 'json'>[] {
    return this.#after.all(seq, before, limit) as Row[];
  }

  /** Returns entries before `seq`, newest first. */
  before(seq: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    return this.#before.all(seq, limit) as Row[];
  }

  /** Returns the continuations of the entry `root`, oldest first. */
  piecesOf(root: number, after: number, before: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    return this.#pieces.all(root, after, before, limit) as Row[];
  }

  /** Returns the seqs of the continuations of the entry `root`. */
  seqsOf(root: number): number[] {
    return (this.#seqs.all(root) as { seq: number }[]).map(({ seq }) => seq);
  }

  /** Returns the seqs from `first` to `last` of entries with continuations. */
  continuedBetween(first: number, last: number): number[] {
    return (this.#continued.all(first, last) as { root: number }[]).map(({ root }) => root);
  }

  /**
   * Evicts some of the oldest entries. Call it until it returns false. `now` is undefined if no clock is trusted.
   * Eviction stops at the first entry that stays, so that an entry with a wrong time evicts no other entry.
   */
  prune(now: number | undefined): boolean {
    const { maxEntries, recentMs, maxAgeMs, maxBytes } = this.#options.retention;
    const kept = { ...this.#kept };
    let last: number | undefined;
    let evicted = 0;
    for (const { seq, at, bytes } of this.#oldest.all(PRUNE_BATCH) as {
      seq: number;
      at: number;
      bytes: number;
    }[]) {
      const ageMs = now === undefined ? 0 : now - at;
      const isExcess = kept.entries > maxEntries && ageMs >= recentMs;
      if (!isExcess && ageMs <= maxAgeMs && kept.bytes <= maxBytes) break;
      kept.entries--;
      kept.bytes -= bytes;
      last = seq;
      evicted++;
    }
    if (last === undefined) return false;
    this.#transaction(() => {
      this.#db.prepare('DELETE FROM entry WHERE seq <= ?').run(last);
      this.#saveState(kept);
    });
    this.#kept = kept;
    this.#tail = this.#readTail();
    this.index.prune(last + 1);
    return evicted === PRUNE_BATCH;
  }

  /** Removes the entries after `kept`, because the shared log does not have them. Throws the error of the disk. */
  truncate(kept: number): void {
    this.#transaction(() => {
      this.#db.prepare('DELETE FROM entry WHERE seq > ?').run(kept);
      this.#db.prepare("DELETE FROM state WHERE name IN ('entries', 'bytes', 'shared')").run();
      this.index.restart();
    });
    this.#kept = this.#readKept();
    this.#tail = this.#readTail();
  }

  /** Records that everything up to `head` is on disk. Throws the error of the disk. */
  finish(head: number, heardUntil: number): void {
    this.#transaction(() => this.#saveState({ clean: 1, lease: head, heardUntil }));
  }

  close(): void {
    this.#db.close();
  }

  #hasRoots(): boolean {
    const columns = this.#db.prepare("SELECT name FROM pragma_table_xinfo('entry')").all() as {
      name: string;
    }[];
    return columns.some(({ name }) => name === 'root');
  }

  /** A full disk ends the transaction by itself. A ROLLBACK would then fail, and hide the error of the disk. */
  #transaction(run: () => void): void {
    this.#db.exec('BEGIN');
    try {
      run();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #readPreviousRun(): PreviousRun {
    const rows = this.#db.prepare('SELECT name, value FROM state').all() as {
      name: string;
      value: unknown;
    }[];
    const state = new Map(rows.map(({ name, value }) => [name, value]));
    return {
      epoch: String(state.get('epoch') ?? randomUUID()),
      head: Number(state.get('lease') ?? 0),
      clean: state.get('clean') !== 0,
      heardUntil: Number(state.get('heardUntil') ?? 0),
      lastGap: Number(state.get('lastGap') ?? 0),
      ...this.#readLast(),
      shared: parseShared(state.get('shared')),
      trustedAt: Number(state.get('trustedAt') ?? state.get('heardUntil') ?? 0),
    };
  }

  #readTail(): number {
    const row = this.#db.prepare('SELECT min(seq) AS tail FROM entry').get() as { tail: number | null };
    return row.tail ?? 0;
  }

  #readLast(): { lastAt: number; lastSeq: number } {
    const row = this.#db.prepare('SELECT seq, at FROM entry ORDER BY seq DESC LIMIT 1').get() as
      | { seq: number; at: number }
      | undefined;
    return { lastAt: row?.at ?? 0, lastSeq: row?.seq ?? 0 };
  }

  /** Counts the entries of an older version's log once, because it has no saved count. */
  #readKept(): { entries: number; bytes: number } {
    const saved = this.#db
      .prepare("SELECT name, value FROM state WHERE name IN ('entries', 'bytes') ORDER BY name DESC")
      .all() as { name: string; value: number }[];
    const [entries, bytes] = saved;
    if (entries && bytes) return { entries: entries.value, bytes: bytes.value };
    return this.#db
      .prepare('SELECT count(*) AS entries, coalesce(sum(octet_length(json)), 0) AS bytes FROM entry')
      .get() as { entries: number; bytes: number };
  }

  #saveState(state: Record<string, string | number>): void {
    for (const [name, value] of Object.entries(state)) this.#setState.run(name, value);
  }
}

function parseShared(json: unknown): SharedProgress | undefined {
  return typeof json === 'string' ? (JSON.parse(json) as SharedProgress) : undefined;
}

/** Node's own recursive mkdir never returns below a folder that can hold no folders, such as `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}
