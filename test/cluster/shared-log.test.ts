import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charactersOf, HeardText, textAfter } from '../../gateway/cluster/heard-text.ts';
import {
  type BatchRecord,
  decodeRecord,
  encodeRecord,
  type SharedRecord,
} from '../../gateway/cluster/records.ts';
import {
  BATCH_SPACING_MS,
  GAP_AFTER_MS,
  IMPORT_STALLED_MS,
  LATE_MS,
  SharedLog,
  SKIPPED_MAX,
} from '../../gateway/cluster/shared-log.ts';
import { Simulation } from './simulation.ts';

/** Schedules of some ms each. `npm run fuzz -- shared` runs a million. */
const SCHEDULES = 300;

/** A gateway is stopped between a batch and the text of its ear, while the other one dies. */
const STOPPED_BEHIND = 54_470;

/** A gateway is stopped for less than a second. When it wakes up, it may leave a gap before it reads that another is aligned. */
const STOPPED_BEFORE_A_SIGNAL = 458_236;

test('shared log has the text of the room, once and in order, through 300 schedules of faults', () => {
  for (const seed of [...Array(SCHEDULES).keys(), STOPPED_BEHIND, STOPPED_BEFORE_A_SIGNAL]) {
    try {
      new Simulation(seed).run();
    } catch (cause) {
      throw new Error(`schedule ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
});

test('record of the shared log is the same after encoding and decoding', () => {
  const base = { by: 'g1', epoch: 'e', at: 1_700_000_000_000 };
  const mark = { characters: 7, hash: '0123456789abcdef', tail: 'ñandú🙂 "dice:"' };
  const records: SharedRecord[] = [
    { kind: 'genesis', ...base, head: 1_012, kept: 12, isImport: false },
    { kind: 'genesis', ...base, head: 0, kept: 0, isImport: true },
    { kind: 'import', ...base, entries: ['{"seq":3}', '{"seq":7}'], head: 7, isLast: false },
    { kind: 'import', ...base, entries: [], head: 1_007, isLast: true },
    { kind: 'alive', ...base, previous: 'r12', head: 12 },
    {
      kind: 'batch',
      ...base,
      first: 13,
      entries: ['{"seq":13}', '{"text":"a\\nb"}'],
      mark,
      isAfterGap: true,
    },
    { kind: 'batch', ...base, first: 15, entries: [], mark, isAfterGap: false },
  ];
  for (const record of records) assert.deepEqual(decodeRecord({ body: encodeRecord(record) }), record);
});

/** A gateway's log, what it did with the records, and what it wants to append. */
function follower() {
  const calls: unknown[] = [];
  const appended: SharedRecord[] = [];
  const log = new SharedLog<string>('g1', {
    wall: () => 1,
    newId: () => 'new',
    compose: () => [],
    advanceAfter: (ms) => calls.push(`advance after ${ms}`),
    append: (_id, record) => appended.push(record),
    onEntries: ({ first }) => calls.push(`entries ${first}`),
    onImport: ({ head }) => calls.push(`import ${head}`),
    onAlive: () => calls.push('alive'),
    onGenesis: ({ epoch, head }) => calls.push(`genesis ${epoch} ${head}`),
    onTorn: () => calls.push('torn'),
    onTruncated: (step) => calls.push(`truncated to ${step?.head ?? 0}`),
  });
  const receive = (sequence: number, record: SharedRecord): void =>
    log.onRecord({ sequence, id: `r${sequence}`, body: encodeRecord(record) }, 0);
  return { log, calls, appended, receive };
}

const BASE = { by: 'g2', epoch: 'e', at: 1_000 };

test('shared log appends nothing during an import, and goes on without the rest after a minute', () => {
  const { log, calls, appended, receive } = follower();
  receive(1, { kind: 'genesis', ...BASE, head: 2, kept: 0, isImport: true });
  receive(2, { kind: 'import', ...BASE, entries: ['{"seq":3}'], head: 3, isLast: false });
  log.onCurrent(2, 0);
  for (let now = 0; now < IMPORT_STALLED_MS; now += 500) log.check(now);
  assert.deepEqual([log.isCurrent, appended, calls], [false, [], ['genesis e 2', 'import 3']]);
  log.check(IMPORT_STALLED_MS);
  const [genesis] = appended;
  assert.ok(genesis?.kind === 'genesis');
  assert.deepEqual([genesis.kept, genesis.head > 1_000, genesis.epoch], [3, true, 'new']);
});

test('shared log goes on when an import is complete', () => {
  const { log, receive } = follower();
  receive(1, { kind: 'genesis', ...BASE, head: 2, kept: 0, isImport: true });
  receive(2, { kind: 'import', ...BASE, entries: ['{"seq":3}'], head: 1_003, isLast: true });
  log.onCurrent(2, 0);
  assert.deepEqual([log.isCurrent, log.head, log.epoch], [true, 1_003, 'e']);
});

test('shared log begins with the oldest record that the engine still has', () => {
  const { log, calls, appended, receive } = follower();
  const mark = { characters: 1, hash: '', tail: '' };
  receive(50, { kind: 'batch', ...BASE, first: 101, entries: ['{}', '{}'], mark, isAfterGap: false });
  log.onCurrent(50, 0);
  assert.deepEqual([calls, log.head, appended], [['genesis e 100', 'entries 101'], 102, []]);
  const silent = follower();
  silent.receive(50, { kind: 'alive', ...BASE, head: 100 });
  assert.deepEqual([silent.log.head, silent.calls], [100, ['genesis e 100', 'alive']]);
  const forgotten = follower();
  forgotten.log.onCurrent(50, 0);
  assert.deepEqual([forgotten.log.isCurrent, forgotten.appended[0]?.kind], [true, 'genesis']);
});

/** A batch of one entry. */
const batchOf = (first: number, previous?: string): BatchRecord => ({
  kind: 'batch',
  ...BASE,
  first,
  entries: ['{}'],
  mark: { characters: 1, hash: '', tail: '' },
  isAfterGap: false,
  ...(previous !== undefined && { previous }),
});

/** A follower of a genesis and two batches, with the seqs 1 and 2. */
function followerOfTwo() {
  const shared = follower();
  shared.receive(1, { kind: 'genesis', ...BASE, head: 0, kept: 0, isImport: false });
  shared.receive(2, batchOf(1, 'r1'));
  shared.receive(3, batchOf(2, 'r2'));
  shared.log.onCurrent(3, 0);
  shared.calls.length = 0;
  return shared;
}

test('torn shared log neither applies nor appends anything, and is not current', () => {
  const { log, calls, appended, receive } = followerOfTwo();
  assert.deepEqual([log.isCurrent, log.isTorn], [true, false]);
  receive(4, batchOf(4));
  receive(5, batchOf(3));
  log.onEarOpen(0);
  for (let now = 0; now < 2 * GAP_AFTER_MS; now += 50) {
    log.hear('hola', 'hola', now);
    log.check(now);
  }
  log.onCurrent(5, 2 * GAP_AFTER_MS);
  assert.deepEqual([log.isCurrent, log.isTorn, log.head, appended], [false, true, 2, []]);
  assert.deepEqual(calls, ['torn']);
  log.onLost();
  assert.equal(log.isTorn, false);
});

test('torn shared log drops records that differ, and follows the log from there', () => {
  const { log, calls, receive } = followerOfTwo();
  receive(4, batchOf(3, 'another'));
  assert.deepEqual(
    log.trail.map(({ id }) => id),
    ['r1', 'r2', 'r3'],
  );
  log.onCompared(2);
  assert.deepEqual([log.isTorn, log.position, log.head], [false, { sequence: 2, id: 'r2' }, 1]);
  receive(3, batchOf(2, 'r2'));
  receive(4, batchOf(3, 'r3'));
  log.onCurrent(4, 0);
  assert.deepEqual([log.isCurrent, log.head], [true, 3]);
  assert.deepEqual(calls, ['torn', 'truncated to 1', 'entries 2', 'entries 3']);
});

test('shared log drops its last record if only this differs, and is lost if more do', () => {
  const { log, calls } = followerOfTwo();
  assert.equal(log.onReplaced(), true);
  log.onReplaced();
  assert.deepEqual([log.isCurrent, log.isTorn, calls], [false, true, ['torn']]);
  assert.equal(log.onCompared(1), false);
  assert.equal(log.onCompared(2), true);
  assert.deepEqual([log.isTorn, log.head, calls], [false, 1, ['torn', 'truncated to 1']]);
  // Nothing shows whether a log that was continued from a disk went back by one record or by many.
  const { log: restarted } = follower();
  restarted.restore({ sequence: 9, id: 'r9' }, 'e', 7, 0, false);
  restarted.onReplaced();
  assert.equal(restarted.onCompared(0), false);
});

test('torn shared log begins anew when it shares no record with the log', () => {
  const { log, calls, receive } = followerOfTwo();
  receive(4, batchOf(3, 'another'));
  log.onCompared(0);
  assert.deepEqual([log.position.sequence, log.head, log.epoch], [0, 0, undefined]);
  receive(9, batchOf(7, 'another'));
  assert.deepEqual(calls, ['torn', 'truncated to 0', 'genesis e 6', 'entries 7']);
});

test('torn shared log reads records that were left out, or begins anew if they are forgotten', () => {
  const { log, calls, receive } = followerOfTwo();
  receive(5, batchOf(4, 'r4'));
  log.onCompared(3);
  assert.deepEqual([log.isTorn, log.position.sequence], [false, 3]);
  receive(4, batchOf(3, 'r3'));
  receive(5, batchOf(4, 'r4'));
  assert.deepEqual(calls, ['torn', 'entries 3', 'entries 4']);
  for (const _ of [1, 2]) {
    receive(8, batchOf(7, 'r7'));
    log.onCompared(log.trail.length);
  }
  receive(8, batchOf(7, 'r7'));
  assert.deepEqual(calls.slice(3), ['torn', 'torn', 'truncated to 0', 'genesis e 6', 'entries 7']);
});

test('shared log skips a record whose gateway had another record before', () => {
  const { log, calls, appended, receive } = followerOfTwo();
  receive(4, batchOf(3, 'another'));
  log.onCompared(3);
  receive(5, batchOf(3, 'r3'));
  log.onCurrent(5, 0);
  assert.deepEqual([log.isCurrent, log.head, appended], [true, 3, []]);
  assert.deepEqual(calls, ['torn', 'entries 3']);
});

test('shared log begins again under a new epoch when it would skip too many records', () => {
  const { log, appended, receive } = followerOfTwo();
  for (let sequence = 4; sequence < 4 + SKIPPED_MAX; sequence++) {
    receive(sequence, batchOf(3, 'another'));
    log.onCompared(log.trail.length);
    log.onCurrent(sequence, 0);
  }
  assert.deepEqual([log.isCurrent, appended], [true, []]);
  receive(4 + SKIPPED_MAX, batchOf(3, 'another'));
  log.onCompared(log.trail.length);
  log.onCurrent(4 + SKIPPED_MAX, 0);
  assert.deepEqual([log.isCurrent, appended.map(({ kind }) => kind)], [true, ['genesis']]);
});

test('shared log is torn when the engine gave another record in place of the own', () => {
  const { log, calls, appended, receive } = follower();
  log.onCurrent(0, 0);
  assert.equal(appended.length, 1);
  receive(1, { kind: 'genesis', ...BASE, head: 0, kept: 0, isImport: false });
  log.onAppended('new', 1, 0);
  assert.deepEqual([log.isTorn, log.isCurrent, calls], [true, false, ['genesis e 0', 'torn']]);
});

test('shared log keeps its copy when the engine answers appends with an earlier place', () => {
  const { log, calls, appended } = follower();
  log.onCurrent(0, 0);
  log.onAppended('new', 1, 0);
  log.onEarOpen(0);
  log.hear('uno', 'uno', 0);
  for (let now = 0; appended.length < 2; now += 50) log.check(now);
  log.onAppended('new', 2, 10_000);
  for (const now of [20_000, 30_000, 40_000]) {
    log.hear('dos', 'dos', now);
    log.advance(now);
    log.onAppended('new', 1, now);
    log.onCompared(log.trail.length);
    log.onCurrent(2, now);
  }
  const steps = calls.filter((call) => !`${call}`.startsWith('advance'));
  assert.deepEqual(steps, ['genesis new 0', 'entries 1', 'torn', 'torn', 'torn']);
});

test('shared log appends text at once, and text soon after it in one batch some ms later', () => {
  const { log, calls, appended } = follower();
  let sequence = 0;
  const isAppended = (now: number): void => log.onAppended('new', ++sequence, now);
  const hear = (text: string, now: number): void => {
    log.hear(text, text, now);
    log.advance(now);
  };
  log.onCurrent(0, 0);
  isAppended(0);
  log.onEarOpen(0);
  for (let now = 0; appended.length < 2; now += 50) {
    hear('no gateway is aligned', now);
    log.check(now);
  }
  isAppended(10_000);
  hear('uno', 10_000);
  isAppended(10_001);
  hear('dos', 10_003);
  hear('tres', 10_004);
  assert.deepEqual([appended.length, calls.at(-1)], [3, `advance after ${BATCH_SPACING_MS - 4}`]);
  log.advance(10_000 + BATCH_SPACING_MS);
  const marks = appended.slice(2).map((record) => (record.kind === 'batch' ? record.mark.characters : 0));
  assert.deepEqual(marks, [3, 7]);
});

test('gateway that is late leaves no gap until it had time to read the signals of others', () => {
  const step = 50;
  const beginAfter = (delay: number) => {
    const { log, appended } = follower();
    log.onCurrent(0, 0);
    log.onAppended('new', 1, 0);
    log.onEarOpen(0);
    log.hear('hola', 'hola', 0);
    for (let now = 0; now < GAP_AFTER_MS; now += step) log.check(now);
    const late = GAP_AFTER_MS - step + delay;
    log.check(late);
    return { log, late, isBegun: () => appended.length > 1 };
  };
  assert.ok(beginAfter(LATE_MS - 1).isBegun());
  const { log, late, isBegun } = beginAfter(LATE_MS);
  for (let now = late; now < late + LATE_MS; now += step) log.check(now);
  log.check(late + LATE_MS - 1);
  assert.ok(!isBegun());
  log.check(late + LATE_MS);
  assert.ok(isBegun());
});

test('record of an unknown format is not decoded', () => {
  for (const text of ['{"format":99,"kind":"alive"}', '', 'a line of another program'])
    assert.equal(decodeRecord({ body: Buffer.from(text) }), undefined);
});

test('heard text is cut at characters, wherever the lines end', () => {
  const heard = new HeardText<string>();
  heard.push('uno', 'uno', 0);
  heard.push('dos', 'dos', 0);
  heard.drop(4);
  assert.equal(heard.characters, 'os');
  assert.equal(heard.first(1), 'o');
  assert.deepEqual(
    heard.pieces.map(({ line, logged }) => [line, logged]),
    [['dos', 1]],
  );
});

test('rest of a text begins behind its characters, with its white space', () => {
  assert.equal(charactersOf(' hola\r\n mundo '), 'holamundo');
  assert.equal(textAfter('hola\nmundo', 4), '\nmundo');
  assert.equal(textAfter(' a b', 1), ' b');
  assert.equal(textAfter('hola', 0), 'hola');
  assert.equal(textAfter('hola', 9), '');
});
