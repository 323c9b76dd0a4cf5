/**
 * fill.ts FOLDER COUNT: writes a transcript with that many messages.
 */
import { type Row, SqliteStore } from '../../gateway/transcript/sqlite-store.ts';
import { talk } from './talk.ts';

/** Messages per write, as a busy gateway writes them. */
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
