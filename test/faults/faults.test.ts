/**
 * A few faults of each kind under load; `npm run faults` does many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/chromium.ts';
import { withoutPython } from '../helpers/python.ts';
import { KINDS } from './kinds.ts';
import { runKind } from './run.ts';

const FAULTS = Number(process.env.FAULTS ?? 2);
/** Reading a busy page back takes its time. */
const FAULTS_IN_BROWSER = Math.min(FAULTS, 1);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
const withoutChromium = findChromium() === undefined && HOW_TO_GET_CHROMIUM;

for (const kind of KINDS.filter(({ atMost }) => atMost === undefined)) {
  test(`no message is lost or doubled: ${kind.title}`, {
    skip: (kind.room === "Python's" && withoutPython) || (kind.inBrowser && withoutChromium),
  }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const { tally } = await runKind(t, kind, kind.inBrowser ? FAULTS_IN_BROWSER : FAULTS, SEED, () => {});
    t.diagnostic(`${tally.messages} messages, caught up within ${(tally.longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual(tally.findings, []);
  });
}
