/**
 * One fault of some kinds against three gateways, three NATS servers and HAProxy. `npm run faults -- cluster` makes many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTER_KINDS, SINGLE_FAULTS } from '../cluster/kinds.ts';
import { runClusterFor } from '../cluster/long-run.ts';
import { clusterTable, runClusterKind } from '../cluster/run.ts';
import { without } from '../helpers/process.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
/** A takeover, a process that wakes up, an election, and a log that is lost. */
const TRIED = ['c1', 'c3', 'c10', 'c15'];
/** Kinds that are over within a few seconds. */
const QUICK = ['c1', 'c2', 'c5', 'c6', 'c7', 'c9'];
const MINUTES = 0.3;

for (const kind of CLUSTER_KINDS.filter(({ id }) => TRIED.includes(id))) {
  test(`cluster loses and doubles no message: ${kind.title}`, {
    skip: without('nats-server', 'haproxy'),
  }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const result = await runClusterKind(t, kind, 1, SEED, () => {});
    t.diagnostic(clusterTable([result]));
    assert.deepEqual(result.tally.findings, []);
  });
}

test('cluster loses and doubles no message, and no person is left over: one fault after another', {
  skip: without('nats-server', 'haproxy'),
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const kinds = SINGLE_FAULTS.filter(({ id }) => QUICK.includes(id));
  const { tally } = await runClusterFor(t, MINUTES, kinds, SEED, (line) => t.diagnostic(line));
  assert.deepEqual(tally.findings, []);
});
