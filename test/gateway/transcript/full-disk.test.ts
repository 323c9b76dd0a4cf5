/**
 * A disk that takes no more: the log goes on in memory, says so, and is written when there is room again.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Database from 'libsql';
import { CLOSE, type Entry } from '../../../gateway/protocol.ts';
import { entriesOf } from '../../../gateway/transcript/ring-buffer.ts';
import { SEQ_LEASE, SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { dataDir, launchGateway, openTab, startGateway } from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { enter } from '../../helpers/tcp.ts';
import { copyOf, KEEP_ALL } from '../../helpers/transcript.ts';

const RING = { maxEntries: 5_000, maxBytes: 1024 * 1024 };

/** A transcript on a disk that can be filled: SQLite itself answers as if there was no room. */
class Bench {
  readonly transcript: Transcript;
  readonly errors: string[] = [];
  readonly changes: (string | undefined)[] = [];
  epochs = 0;
  #db: Database.Database | undefined;

  constructor(t: Cleanup, dir: string, ring = RING) {
    const open = (file: string) => {
      this.#db = new Database(file);
      return this.#db;
    };
    const archive = new SqliteStore({ dir, retention: KEEP_ALL, open });
    this.transcript = new Transcript(archive, ring, {
      onWriteError: ({ message }) => this.errors.push(message),
      onDiskChanged: (error) => this.changes.push(error?.message),
      onNewEpoch: () => this.epochs++,
    });
    let closed = false;
    this.close = () => {
      if (!closed) this.transcript.close();
      closed = true;
    };
    t.after(this.close);
  }

  close: () => void;

  /** Fills what is left: the last page that the file had is taken, and some more that were free in it. */
  fillDisk(): void {
    this.#db?.exec('PRAGMA max_page_count = 1');
    for (let i = 0; this.transcript.keeps; i++) {
      this.say(`relleno ${i} `.padEnd(500, 'x'));
      this.transcript.flush();
    }
  }

  makeRoom(): void {
    this.#db?.exec('PRAGMA max_page_count = 1000000');
  }

  say(text: string): number {
    return this.transcript.append({ at: Date.now(), from: '10.0.0.7:4000', text });
  }

  find(query: Parameters<Transcript['find']>[0]): Entry[] {
    return this.transcript.find(query).map((json) => JSON.parse(json) as Entry);
  }
}

test('full disk causes one error, not that of the transaction it ended', (t) => {
  const bench = new Bench(t, dataDir(t));
  bench.fillDisk();
  assert.deepEqual(bench.changes, ['database or disk is full']);
  assert.deepEqual([...new Set(bench.errors)], ['database or disk is full']);
});

test('messages that wait for a full disk are reported as not kept at once', (t) => {
  const bench = new Bench(t, dataDir(t));
  const told: boolean[] = [];
  bench.say('antes');
  bench.transcript.afterFlush((kept) => told.push(kept));
  bench.fillDisk();
  bench.say('con el disco lleno');
  bench.transcript.afterFlush((kept) => told.push(kept));
  assert.deepEqual(told, [true, false]);
});

test('transcript reads entries from memory while the disk is full, and writes them later', async (t) => {
  const dir = dataDir(t);
  const bench = new Bench(t, dir);
  bench.fillDisk();
  const first = bench.transcript.head + 1;
  for (let i = 0; i < 1_500; i++) bench.say(`sin sitio ${i}`);
  const { head } = bench.transcript;
  assert.equal(bench.find({ limit: 10 }).at(-1)?.seq, head);
  assert.deepEqual(
    bench.find({ after: first - 1, limit: 3 }).map(({ text }) => text),
    ['sin sitio 0', 'sin sitio 1', 'sin sitio 2'],
  );
  assert.deepEqual(
    bench.find({ before: first + 1, limit: 2 }).map(({ seq }) => seq),
    [first - 1, first],
  );
  assert.equal(bench.transcript.beforeNewest(5), head - 5);
  assert.ok(bench.transcript.isCompleteSince(first));

  bench.makeRoom();
  await eventually(
    () => bench.transcript.keeps && bench.transcript.unwritten === 0,
    () => `${bench.transcript.unwritten} entries are not written`,
  );
  assert.deepEqual(bench.changes, ['database or disk is full', undefined]);
  bench.close();

  const second = new Bench(t, copyOf(t, dir));
  const all = second.find({ after: 0, limit: 10_000 });
  assert.deepEqual(
    all.map(({ seq }) => seq),
    Array.from({ length: head }, (_, i) => i + 1),
  );
});

test('memory stays bounded on a full disk, and a loss is not called complete', (t) => {
  const bench = new Bench(t, dataDir(t), { maxEntries: 600, maxBytes: 1024 * 1024 });
  bench.fillDisk();
  const before = bench.transcript.head;
  for (let i = 0; i < 3_000; i++) bench.say(`sin sitio ${i}`);
  assert.ok(bench.transcript.unwritten <= 600 + 500, `${bench.transcript.unwritten} wait`);
  assert.equal(bench.transcript.isCompleteSince(before), false);
  assert.ok(bench.transcript.isCompleteSince(bench.transcript.head));
  const seqs: number[] = [];
  for (let batch = bench.transcript.batch(0); batch; batch = bench.transcript.batch(batch.last))
    seqs.push(...entriesOf(batch).map(({ seq }) => seq));
  assert.deepEqual(seqs.slice(-600), range(bench.transcript.head - 599, bench.transcript.head));
  assert.deepEqual(seqs.toSorted(byNumber), seqs);
});

test('transcript never assigns a seq twice in an epoch after a kill with a full disk', (t) => {
  const dir = dataDir(t);
  const bench = new Bench(t, dir);
  bench.fillDisk();
  const { epoch } = bench.transcript;
  const written = bench.transcript.head - bench.transcript.unwritten;
  const given = new Set<string>();
  for (let i = 0; i < 2 * SEQ_LEASE; i++) {
    const seq = bench.say('¿dónde queda esto?');
    given.add(`${bench.transcript.epoch} ${seq}`);
  }
  assert.equal(bench.epochs, 1);
  assert.notEqual(bench.transcript.epoch, epoch);
  assert.ok(given.has(`${epoch} ${written + SEQ_LEASE}`), 'the lease is used up first');

  const next = new Bench(t, copyOf(t, dir));
  assert.equal(next.transcript.epoch, epoch);
  for (let i = 0; i < 2 * SEQ_LEASE; i++) {
    const seq = next.say('después');
    assert.ok(!given.has(`${next.transcript.epoch} ${seq}`), `${seq} was given out before`);
  }
});

test('epoch that began with a full disk is written once there is room', async (t) => {
  const dir = dataDir(t);
  const bench = new Bench(t, dir);
  bench.fillDisk();
  for (let i = 0; i < 2 * SEQ_LEASE; i++) bench.say('más');
  const { epoch, head } = bench.transcript;
  bench.makeRoom();
  await eventually(
    () => bench.transcript.unwritten === 0,
    () => 'not written',
  );
  bench.close();
  const second = new Bench(t, copyOf(t, dir));
  assert.deepEqual([second.transcript.epoch, second.transcript.head], [epoch, head]);
});

test('transcript that closed with a full disk is incomplete for the next process', (t) => {
  const dir = dataDir(t);
  const bench = new Bench(t, dir);
  bench.fillDisk();
  bench.say('se pierde');
  const { head } = bench.transcript;
  bench.close();
  const next = new Bench(t, copyOf(t, dir));
  assert.ok(next.transcript.head > head);
  next.transcript.endGap();
  assert.ok(next.find({ limit: 1 })[0]?.gap);
});

/** A file system of this size, filled by a file. */
function smallDisk(t: TestContext): { dir: string; fill(): void; makeRoom(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'tertulia-small-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir]);
  assert.equal(mounted.status, 0, String(mounted.stderr));
  t.after(() => {
    spawnSync('umount', ['-l', dir]);
    rmdirSync(dir);
  });
  const file = join(dir, 'filler');
  return {
    dir,
    fill() {
      const { bsize } = statfsSync(dir);
      const write = () => appendFileSync(file, Buffer.alloc(bsize));
      // The gateway writes meanwhile, so how much fits is known when no more does.
      const isFull = () => {
        try {
          write();
          return false;
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
          return true;
        }
      };
      while (!isFull());
    },
    makeRoom: () => rmSync(file),
  };
}

/** Only root may mount, and in many containers not even root. */
function withoutMount(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk';
  const dir = dataDir({ after: (clear) => process.on('exit', clear) });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]).status === 0;
  if (mounted) spawnSync('umount', [dir]);
  return !mounted && 'no file system can be mounted here';
}

test('talk goes on with a full disk, and all is kept when there is room again', {
  skip: withoutMount(),
}, async (t) => {
  const disk = smallDisk(t);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: disk.dir });
  const terminal = await enter(t, room.port);
  const tab = await openTab(t, gateway);
  const first = await tab.receivesReceipt(tab.say('con sitio'), 'heard');
  assert.equal(first.kept, undefined);

  disk.fill();
  const unkept = [];
  // SQLite still has some room in its own files.
  for (let i = 0; unkept.length < 100; i++) {
    const receipt = await tab.receivesReceipt(tab.say(`lleno ${i} ${'x'.repeat(900)}`), 'heard');
    if (receipt.kept === false) unkept.push(receipt);
  }
  terminal.send('también los terminales\n');
  await tab.receives('también los terminales');
  assert.deepEqual(tab.disk, ['failing']);
  assert.equal((await openTab(t, gateway)).welcome?.disk, 'failing');
  assert.equal(await gateway.metric('tertulia_transcript_writable'), 0);
  assert.ok((await gateway.metric('tertulia_transcript_unwritten')) >= 100);
  await gateway.program.prints(/disk is full/);
  assert.doesNotMatch(gateway.program.output, /no transaction is active/);
  assert.equal(gateway.program.output.match(/disk is full.*cannot be written/g)?.length, 1);

  disk.makeRoom();
  await gateway.metricReaches('tertulia_transcript_writable', 1);
  await gateway.metricReaches('tertulia_transcript_unwritten', 0);
  await eventually(
    () => tab.disk.at(-1) === 'working',
    () => `the disk is told to be ${tab.disk}`,
  );
  await gateway.program.stop('SIGKILL');
  const second = await launchGateway(t, room.port, { DATA_DIR: disk.dir });
  const { messages } = (await (await second.get('/api/messages?after=0&limit=500')).json()) as {
    messages: Entry[];
  };
  const kept = messages.filter(({ gap }) => !gap);
  assert.deepEqual(
    kept.map(({ seq }) => seq),
    range(1, tab.entries.at(-1)?.seq ?? 0).slice(-kept.length),
  );
  assert.ok(kept.some(({ text }) => text === 'también los terminales'));
});

test('page reconnects to a log with a new epoch when a full disk has used up the reserved seqs', {
  skip: withoutMount(),
}, async (t) => {
  const disk = smallDisk(t);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: disk.dir });
  const terminal = await enter(t, room.port);
  const tab = await openTab(t, gateway);
  disk.fill();
  for (let i = 0; tab.disk.length === 0; i++)
    await tab.receivesReceipt(tab.say(`lleno ${i} ${'x'.repeat(900)}`), 'heard');
  // Each line of a terminal is an entry.
  terminal.send('otra\n'.repeat(SEQ_LEASE));
  assert.equal((await tab.isClosed()).code, CLOSE.restart);

  const again = await openTab(t, gateway, tab.resumePoint);
  assert.notEqual(again.welcome?.epoch, tab.welcome?.epoch);
  assert.equal(again.welcome?.recovered, false);
  const receipt = await again.receivesReceipt(again.say('seguimos'), 'heard');
  assert.equal(receipt.kept, false);
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function byNumber(a: number, b: number): number {
  return a - b;
}
