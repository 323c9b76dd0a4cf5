/**
 * Which messages stay on disk: by number, age and size, to the edge.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Retention, type Row, SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import type { Cleanup } from '../../helpers/eventually.ts';
import { dataDir } from '../../helpers/gateway.ts';
import { copyOf, KEEP_ALL } from '../../helpers/transcript.ts';

const NOW = Date.UTC(2026, 4, 4, 12);
const HOUR_MS = 60 * 60_000;
const LIMITS: Retention = { maxEntries: 3, recentMs: HOUR_MS, maxAgeMs: 24 * HOUR_MS, maxBytes: 1024 * 1024 };

/** A log whose entries are so old, the oldest first. */
function open(t: Cleanup, retention: Partial<Retention>, ages: number[], dir = dataDir(t)): SqliteStore {
  const store = new SqliteStore({ dir, retention: { ...LIMITS, ...retention } });
  t.after(() => store.close());
  const rows = ages.map((age, index): Row => {
    const entry = { seq: index + 1, at: NOW - age, from: '10.0.0.7:4000', text: 'ñ' };
    return { seq: entry.seq, at: entry.at, json: JSON.stringify(entry) };
  });
  if (rows.length > 0) {
    store.write(rows, { epoch: store.epoch, lastGap: 0, heardUntil: NOW, trustedAt: NOW });
  }
  return store;
}

function pruneAll(store: SqliteStore, now: number | undefined): number {
  while (store.prune(now)) {}
  return store.after(0, 10_000).length;
}

test('entry limit evicts entries that are not recent, down to the limit', (t) => {
  const { recentMs } = LIMITS;
  assert.equal(
    pruneAll(
      open(
        t,
        {},
        [4, 3, 2, 1, 1].map((age) => age * recentMs),
      ),
      NOW,
    ),
    3,
  );
  assert.equal(pruneAll(open(t, {}, [recentMs, recentMs - 1, 2, 1]), NOW), 3);
});

test('entry limit evicts no recent entry, however many there are', (t) => {
  assert.equal(pruneAll(open(t, {}, Array(2_500).fill(LIMITS.recentMs - 1)), NOW), 2_500);
});

test('entry limit takes every entry for recent without a trusted clock', (t) => {
  const ages = Array(10).fill(100 * LIMITS.maxAgeMs);
  assert.equal(pruneAll(open(t, {}, ages), undefined), 10);
  assert.equal(pruneAll(open(t, { recentMs: 0 }, ages), undefined), 3);
});

test('size limit evicts the oldest entries, however recent, until the rest fits to the byte', (t) => {
  const bytes = Buffer.byteLength(JSON.stringify({ seq: 1, at: NOW, from: '10.0.0.7:4000', text: 'ñ' }));
  assert.equal(pruneAll(open(t, { maxBytes: 5 * bytes }, Array(9).fill(0)), NOW), 5);
  assert.equal(pruneAll(open(t, { maxBytes: 5 * bytes - 1 }, Array(9).fill(0)), undefined), 4);
});

test('maximum age evicts older entries, to the ms', (t) => {
  const { maxAgeMs } = LIMITS;
  assert.equal(pruneAll(open(t, {}, [maxAgeMs + 1, maxAgeMs, 0]), NOW), 2);
});

test('store counts its entries across processes', (t) => {
  const dir = dataDir(t);
  const first = open(t, {}, Array(2_500).fill(2 * LIMITS.recentMs), dir);
  first.close();
  assert.equal(pruneAll(open(t, KEEP_ALL, [], copyOf(t, dir)), NOW), 2_500);
  const second = open(t, { maxEntries: 2_000 }, [], copyOf(t, dir));
  assert.equal(pruneAll(second, NOW), 2_000);
  assert.equal(second.tail, 501);
});
