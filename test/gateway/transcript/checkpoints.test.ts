import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type * as Module from '../../../gateway/transcript/checkpoints.ts';
import { CAN_SHARE_WITH_THREADS, locationOf, MAX_LOG_PAGES } from '../../../gateway/transcript/database.ts';
import { FILE_NAME, SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { inProject } from '../../../scripts/lib/project.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { dataDir } from '../../helpers/gateway.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

const skip = CAN_SHARE_WITH_THREADS ? false : 'SQLite can not share a file with threads here';
/** A thread can only run what was built. */
const built = pathToFileURL(inProject('dist/gateway/transcript/checkpoints.js')).href;
const builtStore = pathToFileURL(inProject('dist/gateway/transcript/sqlite-store.js')).href;
const { Checkpoints } = (await import(built)) as typeof Module;
const run = promisify(execFile);
const EVERY_MS = 20;
/** Entries of a page each, far fewer than the pages after which the writer makes a checkpoint itself. */
const ROWS = 100;
/** Their checkpoint takes 10 ms and more. */
const MANY_ROWS = 1_500;
const PAGE_BYTES = 4096;

class Writer {
  readonly store: SqliteStore;
  readonly #dir: string;
  #last = 0;

  constructor(dir: string) {
    this.#dir = dir;
    this.store = new SqliteStore({ dir, retention: KEEP_ALL });
  }

  get databaseBytes(): number {
    return statSync(join(this.#dir, FILE_NAME)).size;
  }

  get logBytes(): number {
    return statSync(join(this.#dir, `${FILE_NAME}-wal`)).size;
  }

  /** The header of the log of changes, which each beginning changes. */
  get logHead(): Buffer {
    return readFileSync(join(this.#dir, `${FILE_NAME}-wal`)).subarray(0, 32);
  }

  write(count = ROWS): void {
    const rows = Array.from({ length: count }, () => {
      const seq = ++this.#last;
      return { seq, at: seq, json: JSON.stringify({ seq, text: 'x'.repeat(PAGE_BYTES - 200) }) };
    });
    this.store.write(rows, { epoch: 'test', lastGap: 0, heardUntil: 0, trustedAt: 0 });
  }

  /** Waits until the database has everything that was written. */
  async isMoved(): Promise<void> {
    await eventually(
      () => this.databaseBytes > this.#last * (PAGE_BYTES - 200),
      () => `the database has ${this.databaseBytes} bytes after ${this.#last} entries`,
    );
  }
}

function openCheckpoints(t: Cleanup, location: string): Module.Checkpoints {
  const checkpoints = new Checkpoints(location, assert.fail, EVERY_MS);
  t.after(() => checkpoints.close());
  return checkpoints;
}

test('log of changes is moved into the database by a thread, and begins anew', { skip }, async (t) => {
  const writer = new Writer(dataDir(t));
  openCheckpoints(t, writer.store.location);
  writer.write();
  await writer.isMoved();
  const before = writer.logHead;
  await eventually(
    () => {
      writer.write(1);
      return !writer.logHead.equals(before);
    },
    () => `the log of changes has ${writer.logBytes} bytes and goes on`,
  );
  assert.ok(writer.logBytes < MAX_LOG_PAGES * PAGE_BYTES, 'the writer has made a checkpoint itself');
  writer.store.close();
});

test('without a thread the writer bounds the log of changes itself', (t) => {
  const writer = new Writer(dataDir(t));
  const mostPages = MAX_LOG_PAGES + 2 * MANY_ROWS;
  for (let written = 0; written < 2 * mostPages; written += MANY_ROWS) writer.write(MANY_ROWS);
  const pages = writer.logBytes / PAGE_BYTES;
  assert.ok(pages >= MAX_LOG_PAGES && pages < mostPages, `${pages} pages`);
  writer.store.close();
});

test('folder with characters of a URL in its name is opened by the writer and the thread', {
  skip,
}, async (t) => {
  const dir = join(dataDir(t), 'a b?c#d%41ñ');
  mkdirSync(dir);
  const writer = new Writer(dir);
  openCheckpoints(t, writer.store.location);
  writer.write();
  await writer.isMoved();
  writer.store.close();
});

test('process that closes the writer and the thread, and ends at once, keeps everything', {
  skip,
}, async (t) => {
  const dir = dataDir(t);
  const program = `
    import { Checkpoints } from ${JSON.stringify(built)};
    import { SqliteStore } from ${JSON.stringify(builtStore)};
    const store = new SqliteStore({ dir: process.argv[1], retention: ${JSON.stringify(KEEP_ALL)} });
    const checkpoints = new Checkpoints(store.location, (error) => { throw error; }, 1);
    const text = 'x'.repeat(${PAGE_BYTES});
    const rows = Array.from({ length: ${MANY_ROWS} }, (_, at) => ({ seq: at + 1, at, json: JSON.stringify(text) }));
    store.write(rows, { epoch: 'test', lastGap: 0, heardUntil: 0, trustedAt: 0 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    store.close();
    await checkpoints.close();
    await checkpoints.close();
    process.exit();
  `;
  const ended = await run(process.execPath, ['--input-type=module', '-e', program, dir]);
  assert.deepEqual(ended, { stdout: '', stderr: '' });
  const store = new SqliteStore({ dir, retention: KEEP_ALL });
  assert.equal(store.after(0, MANY_ROWS).length, MANY_ROWS);
  store.close();
});

test('thread that can not open the database is reported, and closes', { skip }, async (t) => {
  const errors: Error[] = [];
  const location = locationOf(join(dataDir(t), 'missing', FILE_NAME));
  const checkpoints = new Checkpoints(location, (error) => errors.push(error), EVERY_MS);
  await eventually(
    () => errors.length > 0,
    () => 'no error was reported',
  );
  await checkpoints.close();
});
