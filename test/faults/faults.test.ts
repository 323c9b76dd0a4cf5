/**
 * A few faults of each kind under load. `npm run faults` makes many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findHeadlessChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import { withoutPython } from '../helpers/python.ts';
import { KINDS } from './kinds.ts';
import { runKind } from './run.ts';

const FAULTS = Number(process.env.FAULTS ?? 2);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
const withoutChromium = findHeadlessChromium() === undefined && HOW_TO_GET_CHROMIUM;

/** Faults of the browser per run. Reading a busy page from the beginning is slow, so each run takes another one. */
const IN_BROWSER = KINDS.filter(({ inBrowser }) => inBrowser);
const TRIED = KINDS.filter(
  (kind) => kind.atMost === undefined && (!kind.inBrowser || kind === IN_BROWSER[SEED % IN_BROWSER.length]),
);

for (const kind of TRIED) {
  test(`tabs lose and double no message: ${kind.title}`, {
    skip: (kind.room === "Python's" && withoutPython) || (kind.inBrowser && withoutChromium),
  }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const { tally } = await runKind(t, kind, kind.inBrowser ? 1 : FAULTS, SEED, () => {});
    t.diagnostic(`${tally.messages} messages, caught up within ${(tally.longestMs / 1000).toFixed(1)} s`);
    assert.deepEqual(tally.findings, []);
  });
}
