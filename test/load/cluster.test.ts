/**
 * One fault of some kinds against three gateways, three NATS servers and HAProxy. `npm run faults -- cluster` makes many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTER_KINDS } from '../cluster/kinds.ts';
import { clusterTable, runClusterKind } from '../cluster/run.ts';
import { without } from '../helpers/process.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
/** A takeover, a process that wakes up, an election, and a log that is lost. */
const TRIED = ['c1', 'c3', 'c10', 'c15'];

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
