/**
 * The metrics of an operator, and the dashboard that queries them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import type { ClusterStatus } from '../../../../gateway/cluster/status.ts';
import { Counters } from '../../../../gateway/ops/counters.ts';
import { SUBPROTOCOL } from '../../../../gateway/protocol.ts';
import { addClusterMetrics } from '../../../../gateway/server/routes/metrics.ts';
import { inProject } from '../../../../scripts/lib/project.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type Gateway, openTab, startGateway } from '../../../helpers/gateway.ts';
import { builtRoom } from '../../../helpers/room.ts';
import { bareServer, enter } from '../../../helpers/tcp.ts';

async function roomAndGateway(t: TestContext, env: Record<string, string> = {}) {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, env) };
}

function knock(t: TestContext, gateway: Gateway, path: string, origin?: string): void {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, SUBPROTOCOL, {
    ...(origin && { origin }),
  });
  socket.on('error', () => {});
  socket.on('open', () => socket.send('{"type":"hello"}'));
  t.after(() => socket.terminate());
}

async function isAbove(gateway: Gateway, name: string, value: number): Promise<void> {
  await eventually(
    async () => (await gateway.metric(name)) > value,
    () => `${name} did not rise above ${value}`,
  );
}

test('members, voices, messages, bytes, and how long a say took', async (t) => {
  const { room, gateway } = await roomAndGateway(t);
  const tab = await openTab(t, gateway);
  const terminal = await enter(t, room.port);
  await tab.receivesReceipt(tab.say('hola'), 'heard');
  terminal.send('buenas\n');
  await tab.receives('buenas');
  assert.equal(await gateway.metric('tertulia_sessions'), 1);
  assert.equal(await gateway.metric('tertulia_voices'), 1);
  assert.equal(await gateway.metric('tertulia_entries_total'), 2);
  assert.equal(await gateway.metric('tertulia_receipts_total{state="heard"}'), 1);
  assert.equal(await gateway.metric('tertulia_receipt_delay_seconds_count'), 1);
  const delay = await gateway.metric('tertulia_receipt_delay_seconds_sum');
  assert.ok(delay > 0 && delay < 5, `${delay} s`);
  const heard = `${tab.you} dice: hola\n${terminal.address} dice: buenas\n`;
  assert.equal(await gateway.metric('tertulia_room_bytes_total'), heard.length);
  const sent = await gateway.metric('tertulia_sent_bytes_total');
  assert.ok(sent > JSON.stringify(tab.entries).length, `${sent} bytes sent`);
  tab.socket.close();
  await isAbove(gateway, 'tertulia_received_bytes_total', 'hola'.length);
  assert.ok((await gateway.metric('tertulia_sent_bytes_total')) >= sent, 'who has gone still counts');
});

test('metrics count a message that is sent again once, and count one that fails', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const tab = await openTab(t, gateway);
  const id = tab.say('hola');
  await tab.receivesReceipt(id, 'heard');
  tab.say('hola', id);
  await tab.receivesReceipt(tab.say(' '), 'failed');
  assert.equal(await gateway.metric('tertulia_receipts_total{state="heard"}'), 1);
  assert.equal(await gateway.metric('tertulia_receipts_total{state="failed"}'), 1);
  assert.equal(await gateway.metric('tertulia_receipt_delay_seconds_count'), 1);
});

test('metrics count unconfirmed and waiting messages when a room repeats nothing', async (t) => {
  const { room, gateway } = await roomAndGateway(t, { RECEIPT_TIMEOUT_MS: '50' });
  const tab = await openTab(t, gateway);
  await room.program.freeze();
  t.after(() => room.program.wake());
  const long = 'x'.repeat(1000);
  const id = tab.say(long);
  tab.say(long);
  await tab.receivesReceipt(id, 'unconfirmed');
  assert.equal(await gateway.metric('tertulia_receipts_total{state="unconfirmed"}'), 1);
  assert.equal(await gateway.metric('tertulia_queued_messages'), 1);
});

test('metrics show a room that goes away: gap, failed attempts, waiting sessions', async (t) => {
  const { room, gateway } = await roomAndGateway(t);
  const tab = await openTab(t, gateway);
  await room.program.stop();
  await gateway.metricReaches('tertulia_room_up', 0);
  await isAbove(gateway, 'tertulia_dial_failures_total', 0);
  await gateway.metricReaches('tertulia_voices', 0);
  await gateway.metricReaches('tertulia_dial_queue', 2); // the ear and the voice
  await builtRoom(t, 'broadcast', { TCP_PORT: `${room.port}` });
  await gateway.metricReaches('tertulia_gaps_total', 1);
  await tab.receivesReceipt(tab.say('de vuelta'), 'heard');
  assert.equal(await gateway.metric('tertulia_room_up'), 1);
});

test('returns, by whether anything was missing', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const tab = await openTab(t, gateway);
  tab.vanish();
  await openTab(t, gateway, tab.resumePoint);
  await openTab(t, gateway, { ...tab.resumePoint, epoch: 'another log' });
  assert.equal(await gateway.metric('tertulia_resumes_total{recovered="true"}'), 1);
  assert.equal(await gateway.metric('tertulia_resumes_total{recovered="false"}'), 1);
});

test('refused, by reason', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_SESSIONS: '1' });
  await openTab(t, gateway);
  knock(t, gateway, '/other');
  knock(t, gateway, '/ws', 'http://evil.example');
  knock(t, gateway, '/ws');
  for (const reason of ['path', 'origin', 'full']) {
    await gateway.metricReaches(`tertulia_refused_total{reason="${reason}"}`, 1);
  }
});

test('lines that a browser is made to say', async (t) => {
  const server = await bareServer(t);
  const ear = server.accepts();
  const gateway = await startGateway(t, server.port, { ROOM_QUIET_MS: '0' });
  const tab = await openTab(t, gateway);
  (await ear).write(`${tab.you} dice: os debo una cena\n`);
  assert.equal((await tab.receives('os debo una cena')).forged, true);
  assert.equal(await gateway.metric('tertulia_forged_total'), 1);
});

test('metrics count a browser that does not read as behind, until it reads', async (t) => {
  const { room, gateway } = await roomAndGateway(t);
  const tab = await openTab(t, gateway);
  const terminal = await enter(t, room.port);
  tab.socket.pause();
  const text = `${'x'.repeat(1000)}\n`;
  // One answer has both values: the browser may be behind for a moment before its buffers are full.
  await eventually(
    async () => {
      terminal.send(text.repeat(500));
      const metrics = await (await gateway.get('/metrics')).text();
      return (
        /^tertulia_browsers_behind 1$/m.test(metrics) && /^tertulia_browser_lag_entries [1-9]/m.test(metrics)
      );
    },
    () => 'it is not behind',
  );
  tab.socket.resume();
  await gateway.metricReaches('tertulia_browsers_behind', 0);
  await gateway.metricReaches('tertulia_browser_lag_entries', 0);
});

const LONELY: ClusterStatus = {
  appends: true,
  isAligned: true,
  isCurrent: true,
  isRepairing: false,
  repairs: 2,
  unlogged: 3,
  unacknowledgedMs: 1_500,
  peers: 0,
  isAccepting: true,
};

test('metrics of a cluster show the appending gateway, and the age of the oldest request', async () => {
  const registry = new Registry();
  addClusterMetrics(registry, LONELY);
  const text = await registry.metrics();
  assert.match(text, /^tertulia_cluster_appends 1$/m);
  assert.match(text, /^tertulia_cluster_unlogged_characters 3$/m);
  assert.match(text, /^tertulia_cluster_repairs_total 2$/m);
  assert.match(text, /^tertulia_cluster_unacknowledged_seconds 1\.5$/m);
});

test('metrics count failed writes of the transcript', async () => {
  const counters = new Counters();
  counters.writeError();
  assert.match(await counters.registry.metrics(), /^tertulia_transcript_write_errors_total 1$/m);
});

test('dashboard queries existing metrics only, those of the process and of a cluster included', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const cluster = new Registry();
  addClusterMetrics(cluster, LONELY);
  const text = (await (await gateway.get('/metrics')).text()) + (await cluster.metrics());
  const known = new Set(text.match(/^\w+(?=[{ ])/gm));
  const dashboard = readFileSync(inProject('docs', 'grafana-dashboard.json'), 'utf8');
  const asked = [...dashboard.matchAll(/\b(?:tertulia|nodejs|process)_\w+/g)].map(([name]) => name);
  assert.deepEqual(
    asked.filter((name) => !known.has(name)),
    [],
  );
  const drawn = [...known].filter(
    (name) => name.startsWith('tertulia_') && !/_(sum|count)$|_head$/.test(name),
  );
  assert.deepEqual(
    drawn.filter((name) => !asked.includes(name)),
    [],
  );
});
