import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import Database from 'libsql';
import type { Entry } from '../../../gateway/protocol.ts';
import { unitsOf } from '../../../gateway/search-terms.ts';
import { SearchIndex, tokenize, tokensOf } from '../../../gateway/transcript/search-index.ts';
import { SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

const ANA = '10.0.0.7:4000';
const LUIS = '10.0.0.8:4000';

function newDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'search-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function open(t: TestContext, dir = newDir(t)): Transcript {
  const archive = new SqliteStore({ dir, retention: KEEP_ALL });
  const ring = { maxEntries: 5, maxBytes: 64 * 1024 };
  const events = { onWriteError: assert.fail, onDiskChanged: () => {}, onNewEpoch: () => {} };
  return new Transcript(archive, ring, events);
}

function append(transcript: Transcript, from: string, text: string, more: Partial<Entry> = {}): number {
  return transcript.append({ at: Date.now(), from, text, ...more });
}

/** The texts that are found, once everything is in the index. */
async function find(transcript: Transcript, words: string, limit = 100): Promise<string[]> {
  for (;;) {
    const { messages, isComplete } = await transcript.search.find(words, { limit }, async () => {});
    if (isComplete) return messages.map((json) => (JSON.parse(json) as Entry).text);
  }
}

function writeRows(archive: SqliteStore, count: number): void {
  const rows = Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    return { seq, at: 0, json: JSON.stringify({ seq, at: 0, from: ANA, text: 'paja' }) };
  });
  archive.write(rows, { epoch: 'una', lastGap: 0, heardUntil: 0, trustedAt: 0 });
}

/** Notes the queries of full-text searches. */
function noteMatches(db: Database.Database, queries: unknown[]): Database.Database {
  const prepare = db.prepare.bind(db);
  return Object.assign(db, {
    prepare: (sql: string) => {
      const statement = prepare(sql);
      const all = statement.all.bind(statement);
      if (!sql.includes('MATCH')) return statement;
      return Object.assign(statement, {
        all: (query: unknown, ...rest: unknown[]) => {
          queries.push(query);
          return all(query, ...rest);
        },
      });
    },
  });
}

const CASES: [text: string, found: string[], not: string[]][] = [
  ['今天天气很好，我们去公园', ['天气', '公园', '气', '我们去', '今天 公园'], ['天公', '气天', '们园']],
  ['東京都に行きました。ﾊﾟｿｺﾝ', ['京都', 'きました', 'に', 'パソコン', 'ｿｺ'], ['都京', 'ハソ']],
  ['우리학교에서 만나요', ['학교', '학교에서', '만나', '요', '학교'.normalize('NFD')], ['교학']],
  ['สวัสดีครับทุกคน', ['ครับ', 'สวัสดี', 'ทุกคน', 'ดี'], ['รคับ']],
  ['ຂ້ອຍຮັກເຈົ້າ ខ្ញុំស្រលាញ់អ្នក', ['ຮັກ', 'ស្រលាញ់'], ['ກຮ']],
  ['¡qué risa 😂😂 👩🏽‍💻 🇪🇸 ❤️!', ['😂', '👩‍💻', '💻', '👩', '🇪🇸', '❤', 'risa 😂'], ['😎', '🇫🇷']],
  ['Καλημέρα, τι κάνεις; ΟΔΥΣΣΕΥΣ', ['καλημερα', 'ΚΑΛΗΜΈΡΑ', 'κανεισ', 'οδυσσευς'], ['καλησπερα']],
  ['Всё ещё зелёный Йод', ['все', 'ЕЩЕ', 'зелены', 'йод', 'ИОД', 'з'], ['зеленее', 'ж']],
  ['Tiếng Việt: đường phố', ['tieng viet', 'DUONG', 'đường', 'phố'], ['duong pha']],
  [
    'Straße, Łódź, İstanbul ılık, Ærø',
    ['strasse', 's', 'æ', 'STRASSE', 'lodz', 'istanbul', 'ilik', 'aero'],
    ['stras lodx'],
  ],
  ['שָׁלוֹם مُحَمَّد कहानी', ['שלום', 'محمد', 'कहानी', 'कहा'], ['שלוט', 'कही']],
  ['Ｈｅｌｌｏ ﬁn ① H₂O', ['hello', 'fin', '1', 'h2o'], ['helo']],
  ['10 € + 5 £ = C++', ['€', '10 €', 'c'], ['¥']],
  ['co\u00adope\u200brar adio\u0301s', ['cooperar', 'adiós'], ['ope']],
];

describe('a search', () => {
  for (const [text, found, not] of CASES) {
    test(`search finds its words in ${text.slice(0, 40)}`, async (t) => {
      const transcript = open(t);
      append(transcript, LUIS, 'algo distinto');
      append(transcript, ANA, text);
      for (const words of found) assert.deepEqual(await find(transcript, words), [text], words);
      for (const words of not) assert.deepEqual(await find(transcript, words), [], words);
      transcript.close();
    });
  }

  test('finds words across chunks, once and whole', async (t) => {
    const transcript = open(t);
    const root = append(transcript, ANA, 'principio mur');
    append(transcript, LUIS, 'otra cosa');
    append(transcript, ANA, 'ciélago y otro mur', { continues: root });
    append(transcript, ANA, 'o final', { continues: root });
    const whole = 'principio murciélago y otro muro final';
    for (const words of ['murcielago', 'principio final', 'muro', 'final principio mur'])
      assert.deepEqual(await find(transcript, words), [whole], words);
    assert.deepEqual(await find(transcript, 'principio cosa'), []);
    transcript.close();
  });

  test('finds a message that continues after it was indexed', async (t) => {
    const transcript = open(t);
    const root = append(transcript, ANA, 'mur');
    assert.deepEqual(await find(transcript, 'murcielago'), []);
    append(transcript, ANA, 'ciélago', { continues: root });
    assert.deepEqual(await find(transcript, 'murcielago'), ['murciélago']);
    assert.deepEqual(await find(transcript, 'mur'), ['murciélago']);
    transcript.close();
  });

  test('finds the text of an endless message, in parts', async (t) => {
    const transcript = open(t);
    const root = append(transcript, ANA, 'comienzo ');
    for (let piece = 1; piece < 500; piece++) append(transcript, ANA, `trozo${piece} `, { continues: root });
    for (const piece of [1, 63, 64, 65, 200, 499])
      assert.equal((await find(transcript, `trozo${piece}`, 1)).length, 1, `${piece}`);
    transcript.close();
  });

  test('joins no forged text to a message', async (t) => {
    const transcript = open(t);
    const root = append(transcript, ANA, 'lo mío');
    append(transcript, ANA, 'lo falso', { forged: true, continues: root });
    assert.deepEqual(await find(transcript, 'mio falso'), []);
    assert.deepEqual(await find(transcript, 'mio'), ['lo mío']);
    assert.deepEqual(await find(transcript, 'falso'), ['lo falso']);
    transcript.close();
  });

  test('searches the parts of the index, newest first, page by page', async (t) => {
    const transcript = open(t);
    for (let i = 1; i <= 10_100; i++) append(transcript, ANA, i % 5_000 === 7 ? `aguja ${i}` : 'paja');
    assert.deepEqual(await find(transcript, 'aguja'), ['aguja 7', 'aguja 5007', 'aguja 10007']);
    assert.deepEqual(await find(transcript, 'aguja', 1), ['aguja 10007']);
    const search = (before: number) => transcript.search.find('aguja', { before, limit: 1 }, async () => {});
    const second = await search(10_007);
    assert.deepEqual([second.messages.length, second.more], [1, true]);
    const last = await search(5_007);
    assert.deepEqual([last.messages.length, last.more], [1, false]);
    transcript.close();
  });

  test('reads 10 messages in a slice of its work, after the slice that finds them', async (t) => {
    const transcript = open(t);
    for (let i = 0; i < 100; i++) append(transcript, ANA, 'paja');
    await find(transcript, 'paja');
    let slices = 0;
    await transcript.search.find('paja', { limit: 100 }, async () => void slices++);
    assert.equal(slices, 1 + 100 / 10);
    transcript.close();
  });

  test('looks a repeated term up once', async (t) => {
    const lookedUp: unknown[] = [];
    const archive = new SqliteStore({
      dir: newDir(t),
      retention: KEEP_ALL,
      open: (file) => noteMatches(new Database(file), lookedUp),
    });
    writeRows(archive, 1);
    while (!archive.index.isComplete) archive.index.advance();
    assert.deepEqual(archive.index.find(0, `${'paja '.repeat(40)}京 京 都 京`, 0, 10, 10), []);
    assert.deepEqual(lookedUp, ['"paja" AND "京" * AND "都" *']);
    archive.close();
  });

  test('finds messages in the log of an older gateway, whose index it rebuilds', async (t) => {
    const dir = newDir(t);
    const older = new Database(join(dir, 'transcript.db'));
    older.exec(`
      CREATE TABLE entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
      CREATE TABLE state (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
      CREATE VIRTUAL TABLE word USING fts5 (
        text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
      );
    `);
    older.exec('BEGIN');
    const insert = older.prepare('INSERT INTO entry VALUES (?, ?, ?)');
    for (let seq = 1; seq <= 1_000; seq++) {
      const text = seq === 3 ? '去公园' : `mensaje ${seq}`;
      insert.run(seq, Date.now(), JSON.stringify({ seq, at: Date.now(), from: ANA, text }));
    }
    for (const [name, value] of Object.entries({ epoch: 'una', lease: 1_000, clean: 1 }))
      older.prepare('INSERT INTO state VALUES (?, ?)').run(name, value);
    older.exec('COMMIT');
    older.close();
    const transcript = open(t, dir);
    assert.equal(transcript.epoch, 'una');
    assert.deepEqual(await find(transcript, '公园'), ['去公园']);
    assert.equal((await find(transcript, 'mensaje', 1_000)).length, 999);
    transcript.close();
  });

  test('index continues after its last entry, and reports whether it is complete', (t) => {
    const db = new Database(join(newDir(t), 'transcript.db'));
    const transaction = (run: () => void) => db.transaction(run)();
    db.exec(`
      CREATE TABLE entry (
        seq INTEGER PRIMARY KEY, json TEXT NOT NULL,
        root INTEGER GENERATED ALWAYS AS (json ->> 'continues') VIRTUAL
      );
      CREATE TABLE state (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
    `);
    db.exec('BEGIN');
    const insert = db.prepare('INSERT INTO entry (seq, json) VALUES (?, ?)');
    for (let seq = 1; seq <= 500; seq++)
      insert.run(seq, JSON.stringify({ seq, at: 0, from: ANA, text: `n${seq}` }));
    db.exec('COMMIT');
    const index = new SearchIndex(db, transaction);
    index.advance();
    assert.equal(index.isComplete, false);
    const again = new SearchIndex(db, transaction);
    assert.deepEqual([again.find(0, 'n1', 0, 2, 1), again.find(0, 'n500', 0, 501, 1)], [[1], []]);
    while (!again.isComplete) again.advance();
    assert.deepEqual(again.find(0, 'n500', 0, 501, 1), [500]);
    db.close();
  });

  test('index takes each long message once, also where several continue in turn', (t) => {
    const archive = new SqliteStore({ dir: newDir(t), retention: KEEP_ALL });
    const rows = Array.from({ length: 4 * 12 }, (_, index) => {
      const [seq, root] = [index + 1, (index % 4) + 1];
      const text = `largo${root} `.repeat(100);
      const entry = { seq, at: 0, from: ANA, text, ...(seq > root && { continues: root }) };
      return { seq, at: 0, json: JSON.stringify(entry) };
    });
    archive.write(rows, { epoch: 'una', lastGap: 0, heardUntil: 0, trustedAt: 0 });
    let slices = 0;
    for (; !archive.index.isComplete; slices++) archive.index.advance();
    assert.equal(slices, 4);
    assert.deepEqual(archive.index.find(0, 'largo3', 0, 200, 10), [3]);
    archive.close();
  });

  test('index takes 50 short entries in a slice of its work', (t) => {
    const archive = new SqliteStore({ dir: newDir(t), retention: KEEP_ALL });
    writeRows(archive, 200);
    let slices = 0;
    for (; !archive.index.isComplete; slices++) archive.index.advance();
    assert.equal(slices, 200 / 50);
    archive.close();
  });

  test('index prunes the parts without a kept entry', (t) => {
    const archive = new SqliteStore({
      dir: newDir(t),
      retention: { ...KEEP_ALL, maxEntries: 10, recentMs: 0 },
    });
    writeRows(archive, 10_010);
    while (!archive.index.isComplete) archive.index.advance();
    assert.deepEqual(archive.index.partsBetween(0, 50_000), [2, 1, 0]);
    while (archive.prune(Date.now()));
    assert.deepEqual(archive.index.partsBetween(0, 50_000), [2]);
    archive.close();
  });
});

test('tokens of a text are those of its units, though only text beyond ASCII is split into units', () => {
  const asSqlite = (text: string) =>
    text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).match(/[a-z0-9\u0080-\uffff]+/g) ?? [];
  const sign = fc.oneof(
    fc.constantFrom(
      'a',
      'Z',
      '9',
      ' ',
      '\t',
      '\n',
      "'",
      '_',
      '$',
      '\x7f',
      'ñ',
      'É',
      'e\u0301',
      '日',
      '本',
      '👩🏽‍💻',
    ),
    fc.constantFrom('\u00a0', '\u3000', '\ufeff', '\u200b', '\u0301', 'ß', 'ﬁ', '각', 'ｶﾞ', 'क्षि', 'ส', '€'),
    fc.string({ unit: 'binary', maxLength: 2 }),
  );
  const texts = fc.array(sign, { maxLength: 40 }).map((signs) => signs.join(''));
  fc.assert(
    fc.property(texts, (text) => {
      assert.deepEqual(asSqlite(tokenize(text)), asSqlite(tokensOf(unitsOf(text)).join(' ')));
    }),
    { numRuns: 300 },
  );
});
