/**
 * Indexes the messages in the transcript's database. SQLite's FTS5 keeps the tokens that search-terms.ts defines.
 *
 *     'hola 東京都'  ->  hola 東京 京都 都         a run of signs is a phrase, and one sign is a prefix
 *
 * A document is a message: an entry and its continuations. The index has parts of some thousand entries each, so that
 * a search of one part takes a fraction of a ms. It follows the log, some entries at a time.
 */
import type Database from 'libsql';
import type { Entry } from '../protocol.ts';
import { type Term, termsOf, type Unit, unitsOf } from '../search-terms.ts';

/** Number of entries in one part of the index. */
const PART_ENTRIES = 5_000;

/** Most entries and characters indexed in one slice of work, which takes about 1 ms. A longer message is a slice of its own. */
const SLICE_ENTRIES = 50;
const SLICE_CHARACTERS = 4 * 1024;

/** Matches text between blanks with a character that must be folded. SQLite's tokenizer folds ASCII by the same rules. */
const NOT_ASCII = /(?<![^\0-\x20])[!-\x7f]*[^\0-\x7f][^\0-\x20]*/g;

/** Most continuations in the document of a message: twice the longest text of a session. */
export const MESSAGE_PIECES = 64;

/** Keeps the places of all words that begin with a character. To join them in each search of one letter would take 2 ms. */
const TABLE_OPTIONS = "content='', contentless_delete=1, tokenize='ascii', prefix='1'";

/** A change of this number rebuilds the index. */
const VERSION = 3;

interface Row {
  seq: number;
  json: string;
}

export class SearchIndex {
  readonly #db: Database.Database;
  readonly #transaction: (run: () => void) => void;
  readonly #next: Database.Statement;
  readonly #pieces: Database.Statement;
  readonly #continued: Database.Statement;
  readonly #setState: Database.Statement;
  #parts: Set<number>;
  /** The statement for the last written part. */
  #insert: { part: number; statement: Database.Statement } | undefined;
  #indexed: number;
  /** The last entry in the document of a message, by the first. A document holds entries that the index comes to later. */
  readonly #covered = new Map<number, number>();

  constructor(db: Database.Database, transaction: (run: () => void) => void) {
    this.#db = db;
    this.#transaction = transaction;
    this.#next = db.prepare('SELECT seq, json FROM entry WHERE seq > ? ORDER BY seq LIMIT ?');
    this.#pieces = db.prepare('SELECT seq, json FROM entry WHERE root = ? AND seq > ? ORDER BY seq LIMIT ?');
    this.#continued = db.prepare('SELECT DISTINCT root FROM entry WHERE root BETWEEN ? AND ?');
    this.#setState = db.prepare('INSERT OR REPLACE INTO state VALUES (?, ?)');
    this.#parts = this.#partsOnDisk();
    if (this.#state('indexVersion') !== VERSION) this.#transaction(() => this.#clear());
    this.#indexed = this.#state('indexed');
  }

  /** Begins an empty index, because the entries are others now. The caller has a transaction. */
  restart(): void {
    this.#insert = undefined;
    this.#clear();
    this.#indexed = 0;
  }

  /** True if the index holds every written entry. */
  get isComplete(): boolean {
    return this.#next.all(this.#indexed, 1).length === 0;
  }

  /** Indexes the next entries, in some ms of work. */
  advance(): void {
    const rows = this.#next.all(this.#indexed, SLICE_ENTRIES) as Row[];
    try {
      let indexed = this.#indexed;
      this.#transaction(() => {
        indexed = this.#index(rows);
      });
      this.#indexed = indexed;
    } catch (error) {
      this.#parts = this.#partsOnDisk();
      this.#insert = undefined;
      this.#covered.clear();
      throw error;
    }
  }

  /** Returns the seq of the last indexed entry. */
  #index(rows: Row[]): number {
    let indexed = this.#indexed;
    let characters = 0;
    const entries = rows.map(({ json }) => JSON.parse(json) as Entry);
    const continued = this.#continuedBetween(entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0);
    for (const entry of entries) {
      const root = rootOf(entry);
      const isAlone = root === entry.seq && !continued.has(root);
      if (entry.seq > (this.#covered.get(root) ?? 0)) {
        if (characters > SLICE_CHARACTERS) break;
        characters += isAlone ? this.#put(root, entry.text) : this.#indexMessage(root, entries);
      }
      indexed = entry.seq;
    }
    for (const [root, last] of this.#covered) if (last <= indexed) this.#covered.delete(root);
    this.#setState.run('indexed', indexed);
    return indexed;
  }

  /** Returns the parts that may hold entries between `after` and `before`, newest first. */
  partsBetween(after: number, before: number): number[] {
    const isBetween = (part: number) => part >= partOf(after) && part <= partOf(before);
    return [...this.#parts].filter(isBetween).sort((a, b) => b - a);
  }

  /** Returns the seqs of matching messages in that part, newest first. */
  find(part: number, query: string, after: number, before: number, limit: number): number[] {
    const match = matchOf(query);
    if (match === '' || !this.#parts.has(part)) return [];
    const table = tableOf(part);
    const rows = this.#db
      .prepare(
        `SELECT rowid AS seq FROM ${table} WHERE ${table} MATCH ? AND rowid > ? AND rowid < ?
         ORDER BY rowid DESC LIMIT ?`,
      )
      .all(match, after, before, limit) as { seq: number }[];
    return rows.map(({ seq }) => seq);
  }

  /** Removes the parts with no entry from `tail` on. */
  prune(tail: number): void {
    for (const part of this.#parts) {
      if ((part + 1) * PART_ENTRIES > tail) continue;
      if (this.#insert?.part === part) this.#insert = undefined;
      this.#db.exec(`DROP TABLE ${tableOf(part)}`);
      this.#parts.delete(part);
    }
  }

  /** Indexes a message with some of its pieces in `entries`. Returns the number of characters. */
  #indexMessage(root: number, entries: Entry[]): number {
    const { text, last } = this.#document(root);
    const start = entries[0]?.seq ?? 0;
    let characters = last >= start ? this.#put(root, text) : 0;
    // Each stretch of an endless message is a separate document, because indexing the whole again and again is costly.
    const stretch = entries.filter((entry) => entry.seq > last && rootOf(entry) === root);
    const [first] = stretch;
    if (first) characters += this.#put(first.seq, stretch.map((piece) => piece.text).join(''));
    this.#covered.set(root, stretch.at(-1)?.seq ?? last);
    return characters;
  }

  #continuedBetween(first: number, last: number): Set<number> {
    return new Set((this.#continued.all(first, last) as { root: number }[]).map(({ root }) => root));
  }

  /** Returns the text of a message's document and the seq of its last piece, 0 if the root is not kept. */
  #document(root: number): { text: string; last: number } {
    const [first] = this.#next.all(root - 1, 1) as Row[];
    if (first?.seq !== root) return { text: '', last: 0 };
    const pieces = [first, ...(this.#pieces.all(root, root, MESSAGE_PIECES) as Row[])];
    const entries = pieces.map(({ json }) => JSON.parse(json) as Entry);
    const text = entries.filter(({ seq, forged }) => seq === root || !forged).map((entry) => entry.text);
    return { text: text.join(''), last: pieces.at(-1)?.seq ?? root };
  }

  /** Returns the number of characters. */
  #put(seq: number, text: string): number {
    if (!text) return 0;
    const part = partOf(seq);
    if (!this.#parts.has(part)) {
      this.#db.exec(`CREATE VIRTUAL TABLE ${tableOf(part)} USING fts5 (text, ${TABLE_OPTIONS})`);
      this.#parts.add(part);
    }
    if (this.#insert?.part !== part) {
      const statement = this.#db.prepare(
        `INSERT OR REPLACE INTO ${tableOf(part)} (rowid, text) VALUES (?, ?)`,
      );
      this.#insert = { part, statement };
    }
    this.#insert.statement.run(seq, tokenize(text));
    return text.length;
  }

  #clear(): void {
    this.#db.exec('DROP TABLE IF EXISTS word');
    for (const part of this.#parts) this.#db.exec(`DROP TABLE ${tableOf(part)}`);
    this.#parts.clear();
    this.#setState.run('indexed', 0);
    this.#setState.run('indexVersion', VERSION);
  }

  #partsOnDisk(): Set<number> {
    const tables = this.#db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'text_[0-9]*'")
      .all() as { name: string }[];
    const parts = tables.map(({ name }) => /^text_(\d+)$/.exec(name)?.[1]);
    return new Set(parts.filter((part) => part !== undefined).map(Number));
  }

  #state(name: string): number {
    const row = this.#db.prepare('SELECT value FROM state WHERE name = ?').get(name) as
      | { value: number }
      | undefined;
    return row?.value ?? 0;
  }
}

/** Returns the seq of the entry that begins the message. Forged text is never joined with other text. */
function rootOf({ seq, continues, forged }: Entry): number {
  return forged ? seq : (continues ?? seq);
}

function partOf(seq: number): number {
  return Math.floor(seq / PART_ENTRIES);
}

function tableOf(part: number): string {
  return `text_${part}`;
}

/** Returns text whose ASCII words are the tokens. ASCII stays as it is, because folding each word costs ten times as much. */
export function tokenize(text: string): string {
  return text.replace(NOT_ASCII, (run) => tokensOf(unitsOf(run)).join(' '));
}

/** Joins each sign with the next sign into one token. */
export function tokensOf(units: Unit[]): string[] {
  return units.map(({ text, isSign }, index) => {
    const next = units[index + 1];
    return isSign && next?.isSign && next.isJoined ? text + next.text : text;
  });
}

/** Returns the query in FTS5's syntax, '' if it holds no term. Tokens hold no quotes. FTS5 would look up a repeated term again. */
function matchOf(query: string): string {
  return [...new Set(termsOf(query).map(expressionOf))].join(' AND ');
}

function expressionOf(term: Term): string {
  if (term.kind === 'word') return `"${term.text}"${term.isBeginning ? ' *' : ''}`;
  const [first = '', ...rest] = term.signs;
  if (rest.length === 0) return `"${first}" *`;
  return `"${rest.map((sign, index) => (term.signs[index] ?? '') + sign).join(' ')}"`;
}
