/**
 * fill.ts FOLDER COUNT: a transcript with so many messages.
 */
import { Archive } from '../../gateway/archive.ts';
import { talk } from './talk.ts';

/** Written at a time, as a busy gateway does. */
const WRITE_BATCH = 500;

const [, , dir = '', count = ''] = process.argv;
const archive = new Archive({ dir, maxEntries: Number(count), maxAgeMs: Number.MAX_SAFE_INTEGER });
let batch = [];
for (const row of talk(Number(count), Date.now())) {
  if (batch.push(row) < WRITE_BATCH) continue;
  archive.write(batch, 0, Date.now());
  batch = [];
}
archive.write(batch, 0, Date.now());
archive.close(Number(count), Date.now());
