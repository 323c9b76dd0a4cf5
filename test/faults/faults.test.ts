/**
 * A few faults of each kind under load; `npm run faults` does many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPython } from '../helpers/python.ts';
import { KINDS } from './kinds.ts';
import { runKind } from './run.ts';

const FAULTS = Number(process.env.FAULTS ?? 2);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));

for (const kind of KINDS.filter(({ atMost }) => atMost === undefined)) {
  test(`no message is lost or doubled: ${kind.title}`, {
    skip: kind.room === "Python's" && withoutPython,
  }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const { tally } = await runKind(t, kind, FAULTS, SEED, () => {});
    t.diagnostic(`${tally.messages} messages, caught up within ${(tally.longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual(tally.findings, []);
  });
}
