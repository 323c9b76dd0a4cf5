/**
 * fill.ts FOLDER COUNT: a transcript with so many messages.
 */
import { type Row, SqliteStore } from '../../gateway/transcript/sqlite-store.ts';
import { talk } from './talk.ts';

/** Written at a time, as a busy gateway does. */
const WRITE_BATCH = 500;

const [, , dir = '', count = ''] = process.argv;
const retention = {
  maxEntries: Number(count),
  recentMs: 0,
  maxAgeMs: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
};
const archive = new SqliteStore({ dir, retention });
let batch: Row[] = [];
for (const row of talk(Number(count), Date.now())) {
  if (batch.push(row) < WRITE_BATCH) continue;
  write(batch);
  batch = [];
}
write(batch);
archive.finish(Number(count), Date.now());
archive.close();

function write(rows: Row[]): void {
  archive.write(rows, { epoch: archive.epoch, lastGap: 0, heardUntil: Date.now(), trustedAt: Date.now() });
}
