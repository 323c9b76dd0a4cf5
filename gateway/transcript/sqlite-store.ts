/**
 * The transcript on disk: one SQLite file. Entries are kept as the JSON that browsers get, with an index of the
 * messages beside them. Written in batches, never on the path of a message.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'libsql';
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
  /** Opens the database file. */
  open?: (file: string) => Database.Database;
}

/** The oldest entries are evicted as long as one of the limits is exceeded. */
export interface Retention {
  /** Evicted by this number are only entries older than `recentMs`. */
  maxEntries: number;
  /** The number of entries alone evicts nothing younger than this, ms. */
  recentMs: number;
  maxAgeMs: number;
  /** Bytes of JSON. */
  maxBytes: number;
}

/** What a write saves beside the entries. */
export interface Progress {
  epoch: string;
  lastGap: number;
  /** Until when the room is known to have been heard, ms since 1970. */
  heardUntil: number;
  /** The last time that was trusted, ms since 1970; 0 for none. */
  trustedAt: number;
}

/** What was known when the process before this one ended. */
export interface PreviousRun {
  epoch: string;
  /** No seq above it was ever given out. */
  head: number;
  /** It ended in order: what is on disk is all there was. */
  clean: boolean;
  /** Until when it is known to have heard the room, ms since 1970; 0 if there was none. */
  heardUntil: number;
  lastGap: number;
  /** Of the newest entry, 0 if there is none. */
  lastAt: number;
  /** As in Progress. */
  trustedAt: number;
}

/**
 * Seqs promised to nobody else beyond the last one written. Those given out and not yet on disk when the process
 * is killed must not name other entries later, so the next process begins after them.
 */
export const SEQ_LEASE = 1_000;

/** Entries removed at a time: some ms of work. */
const PRUNE_BATCH = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Finds the continuations of a message. Only they have a `root`, so the index is small. */
const ADD_ROOT = `
  ALTER TABLE entry ADD COLUMN root INTEGER GENERATED ALWAYS AS (json ->> 'continues') VIRTUAL;
  CREATE INDEX piece ON entry (root) WHERE root IS NOT NULL;
`;

export class SqliteStore {
  readonly previousRun: PreviousRun;
  readonly index: SearchIndex;
  readonly #options: SqliteStoreOptions;
  readonly #db: Database.Database;
  readonly #insertEntry: Database.Statement;
  readonly #setState: Database.Statement;
  readonly #after: Database.Statement;
  readonly #before: Database.Statement;
  readonly #oldest: Database.Statement;
  readonly #pieces: Database.Statement;
  readonly #continued: Database.Statement;
  #tail: number;
  #kept: { entries: number; bytes: number };
  #epoch: string;
  #lease: number;

  /** Throws if the folder can't be written or another process has it open. */
  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    makeFolder(resolve(options.dir));
    const open = options.open ?? ((file) => new Database(file));
    this.#db = open(join(options.dir, 'transcript.db'));
    // One gateway a folder: the lock is taken at the first write and kept, a second process is refused at once.
    this.#db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
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
    this.index = new SearchIndex(this.#db, (run) => this.#transaction(run));
    this.previousRun = this.#readPast();
    this.#tail = this.#readTail();
    this.#kept = this.#readKept();
    this.#epoch = this.previousRun.epoch;
    this.#lease = this.previousRun.head + SEQ_LEASE;
    this.#transaction(() => this.#saveState({ epoch: this.#epoch, clean: 0, lease: this.#lease }));
  }

  /** The epoch on disk. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Up to this seq the next process gives no number of this epoch out again. */
  get lease(): number {
    return this.#lease;
  }

  /** Oldest seq kept, undefined while there is none. */
  get tail(): number | undefined {
    return this.#tail === 0 ? undefined : this.#tail;
  }

  /** All or nothing. Throws what the disk says. */
  write(rows: Row[], progress: Progress): void {
    const last = rows.at(-1)?.seq;
    const lease = last === undefined ? this.#lease : last + SEQ_LEASE;
    const kept = {
      entries: this.#kept.entries + rows.length,
      bytes: rows.reduce((sum, { json }) => sum + Buffer.byteLength(json), this.#kept.bytes),
    };
    this.#transaction(() => {
      for (const { seq, at, json } of rows) this.#insertEntry.run(seq, at, json);
      this.#saveState({ ...progress, ...kept, lease });
    });
    this.#kept = kept;
    this.#lease = lease;
    this.#epoch = progress.epoch;
    if (this.#tail === 0) this.#tail = rows[0]?.seq ?? 0;
  }

  /** Oldest first, after `seq` and before `before`. */
  after(seq: number, limit: number, before = Number.MAX_SAFE_INTEGER): Pick<Row, 'seq' | 'json'>[] {
    return this.#after.all(seq, before, limit) as Row[];
  }

  /** Newest first, before `seq`. */
  before(seq: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    return this.#before.all(seq, limit) as Row[];
  }

  /** The entries that continue that of seq `root`, oldest first. */
  piecesOf(root: number, after: number, before: number, limit: number): Pick<Row, 'seq' | 'json'>[] {
    return this.#pieces.all(root, after, before, limit) as Row[];
  }

  /** Seqs between `first` and `last` of entries that others continue. */
  continuedBetween(first: number, last: number): number[] {
    return (this.#continued.all(first, last) as { root: number }[]).map(({ root }) => root);
  }

  /**
   * Evicts some of the oldest entries; call it until it returns false. `now`: undefined if no clock tells how old they
   * are. Evicts only from the oldest on, so that one entry with a wrong time takes no others with it.
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
    this.index.forget(last + 1);
    return evicted === PRUNE_BATCH;
  }

  /** The last write: everything up to `head` is on disk. Throws what the disk says. */
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

  /** A full disk ends a transaction by itself, and the error of a second end would hide that of the disk. */
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

  #readPast(): PreviousRun {
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
      lastAt: this.#readLastAt(),
      trustedAt: Number(state.get('trustedAt') ?? state.get('heardUntil') ?? 0),
    };
  }

  #readTail(): number {
    const row = this.#db.prepare('SELECT min(seq) AS tail FROM entry').get() as { tail: number | null };
    return row.tail ?? 0;
  }

  #readLastAt(): number {
    const row = this.#db.prepare('SELECT at FROM entry ORDER BY seq DESC LIMIT 1').get() as
      | { at: number }
      | undefined;
    return row?.at ?? 0;
  }

  /** A log of an older version does not say how much it holds: it is counted once. */
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

/** Node's own recursive mkdir never returns below a folder that can hold no others, such as `/proc`. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}
