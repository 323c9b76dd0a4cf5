/**
 * Keeps the acts of the hosts on disk, in the transcript's database.
 */
import type Database from 'libsql';

/** Settings of the hosts, without the hidden messages. */
export interface HostSettings {
  /** Counts the acts. */
  revision: number;
  /** Empty: ROOM_TITLE. */
  title: string;
  pinned: string;
  paused: boolean;
}

/** The last act on a message, by its first entry. */
export interface HiddenMark {
  root: number;
  isHidden: boolean;
  revision: number;
}

/** Messages that were shown again and are still remembered, for pages that reconnect. */
export const SHOWN_REMEMBERED = 100;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS moderation (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hidden (
    root INTEGER PRIMARY KEY, hidden INTEGER NOT NULL, revision INTEGER NOT NULL
  ) STRICT;
`;

export class ModerationStore {
  readonly #db: Database.Database;
  readonly #transaction: (run: () => void) => void;

  constructor(db: Database.Database, transaction: (run: () => void) => void) {
    this.#db = db;
    this.#transaction = transaction;
    db.exec(SCHEMA);
  }

  get settings(): HostSettings {
    const rows = this.#db.prepare('SELECT name, value FROM moderation').all() as {
      name: string;
      value: unknown;
    }[];
    const saved = new Map(rows.map(({ name, value }) => [name, value]));
    return {
      revision: Number(saved.get('revision') ?? 0),
      title: String(saved.get('title') ?? ''),
      pinned: String(saved.get('pinned') ?? ''),
      paused: saved.get('paused') === 1,
    };
  }

  /** Oldest act first. */
  get marks(): HiddenMark[] {
    const rows = this.#db.prepare('SELECT root, hidden, revision FROM hidden ORDER BY revision').all() as {
      root: number;
      hidden: number;
      revision: number;
    }[];
    return rows.map(({ root, hidden, revision }) => ({ root, isHidden: hidden === 1, revision }));
  }

  /** Writes everything or nothing. Throws the error of the disk. */
  write({ revision, title, pinned, paused }: HostSettings, marks: Iterable<HiddenMark>, tail: number): void {
    const set = this.#db.prepare('INSERT OR REPLACE INTO moderation VALUES (?, ?)');
    const mark = this.#db.prepare('INSERT OR REPLACE INTO hidden VALUES (?, ?, ?)');
    const values = { revision, title, pinned, paused: Number(paused) };
    this.#transaction(() => {
      for (const [name, value] of Object.entries(values)) set.run(name, value);
      for (const { root, isHidden, revision: at } of marks) mark.run(root, Number(isHidden), at);
      this.#db.prepare('DELETE FROM hidden WHERE root < ?').run(tail);
      this.#db
        .prepare(
          `DELETE FROM hidden WHERE hidden = 0 AND root NOT IN
           (SELECT root FROM hidden WHERE hidden = 0 ORDER BY revision DESC LIMIT ?)`,
        )
        .run(SHOWN_REMEMBERED);
    });
  }
}
