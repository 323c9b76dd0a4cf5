/**
 * Gateways whose shared log is deleted while they run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteLog, startNats } from '../cluster/nats-servers.ts';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

test('deleted log begins under a new epoch, with a visible gap, the same at all gateways', {
  skip: without('nats-server'),
}, async (t) => {
  const nats = await startNats(t, 1);
  const room = await builtRoom(t);
  const CLUSTER = nats.map(({ url }) => url).join(',');
  const env = { CLUSTER, CLUSTER_NAME: 'tests', CLUSTER_ALLOW_OLD: 'true' };
  const gateways = await Promise.all([1, 2].map(() => startGateway(t, room.port, env)));
  for (const gateway of gateways) await gateway.metricReaches('tertulia_cluster_aligned', 1);
  const terminal = await enter(t, room.port);
  const before = await Promise.all(gateways.map((gateway) => openTab(t, gateway)));
  terminal.send('antes\n');
  for (const tab of before) await tab.receives('antes');
  await deleteLog(nats);
  await Promise.all(gateways.map(({ program }) => program.prints('lost the shared log: deleted')));
  for (const tab of before) await tab.isClosed();
  const after = await Promise.all(
    gateways.map((gateway, index) => openTab(t, gateway, before[index]?.resumePoint)),
  );
  terminal.send('después\n');
  for (const tab of after) await tab.receives('después');
  const [ana, eva] = after;
  assert.deepEqual(ana?.entries, eva?.entries);
  assert.ok(ana?.entries.some(({ gap }) => gap !== undefined));
  assert.equal(ana?.welcome?.recovered, false);
  assert.notEqual(ana?.welcome?.epoch, before[0]?.welcome?.epoch);
});
