import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNCONFIRMED_MS, whyNotInCluster } from '../../gateway/cluster/readiness.ts';
import type { ClusterStatus } from '../../gateway/cluster/status.ts';

const ready: ClusterStatus = {
  appends: false,
  isAligned: true,
  isCurrent: true,
  isRepairing: false,
  repairs: 0,
  unlogged: 0,
  unacknowledgedMs: 0,
  peers: 2,
  isAccepting: true,
};

test('gateway of a cluster is ready when it knows the log and appends are confirmed', () => {
  const reasons = [
    ready,
    { ...ready, isAligned: false, unlogged: 100, peers: 0 },
    { ...ready, unacknowledgedMs: UNCONFIRMED_MS - 1 },
    { ...ready, unacknowledgedMs: 7_900 },
    { ...ready, isCurrent: false, unacknowledgedMs: 7_900 },
    { ...ready, isCurrent: false, isRepairing: true },
  ].map(whyNotInCluster);
  const silent = 'the cluster has not confirmed anything for 7 s';
  const repairing = 'repairing its copy of the transcript';
  assert.deepEqual(reasons, [
    undefined,
    undefined,
    undefined,
    silent,
    'catching up with the cluster',
    repairing,
  ]);
});
