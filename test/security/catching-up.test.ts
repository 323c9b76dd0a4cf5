/**
 * A hello that requests all of a long log: its cost, and that nothing is lost by it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill } from '../../bench/lib/long-log.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, startGateway, type Tab } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { comeIn, knock } from './connect.ts';

const MESSAGES = 3_000;
const BURST_BYTES = 100_000;
/** About 16 KiB are read at a time. */
const BATCH_BYTES = 20_000;

/** A gateway that has just started has no entries in memory. */
async function restarted(t: Cleanup, rateBytes: number): Promise<Gateway> {
  const dir = dataDir(t);
  await fill(dir, MESSAGES);
  const room = await builtRoom(t);
  return await startGateway(t, room.port, {
    DATA_DIR: dir,
    TRUSTED_PROXIES: '127.0.0.1',
    CATCH_UP_BURST_BYTES_PER_ADDRESS: `${BURST_BYTES}`,
    CATCH_UP_RATE_BYTES_PER_ADDRESS: `${rateBytes}`,
  });
}

/** Returns a tab that reads from the beginning. */
async function readAll(t: Cleanup, gateway: Gateway, ip: string): Promise<Tab> {
  const headers = { 'x-forwarded-for': ip };
  const { welcome } = await comeIn(t, gateway, { headers });
  const { tab } = await knock(t, gateway, { headers });
  tab.send({ type: 'hello', epoch: welcome?.epoch, after: 0 });
  return tab;
}

async function reads(tab: Tab, messages: number): Promise<void> {
  await eventually(
    () => tab.entries.length >= messages,
    () => `${tab.entries.length} entries, not ${messages}`,
    30_000,
  );
}

function bytesOf(tab: Tab): number {
  return JSON.stringify(tab.entries).length;
}

test('address that requests the whole log gets a burst from disk, then waits', async (t) => {
  const gateway = await restarted(t, 0.001);
  const first = await readAll(t, gateway, '203.0.113.1');
  await eventually(
    () => bytesOf(first) >= BURST_BYTES - 2 * BATCH_BYTES,
    () => `${bytesOf(first)} bytes`,
  );
  const second = await readAll(t, gateway, '203.0.113.1');
  await reads(second, 1);
  await reads(await readAll(t, gateway, '127.0.0.1'), MESSAGES);
  const other = await readAll(t, gateway, '203.0.113.2');
  await eventually(
    () => bytesOf(other) >= BURST_BYTES - 2 * BATCH_BYTES,
    () => `${bytesOf(other)} bytes`,
  );
  assert.ok(bytesOf(first) <= BURST_BYTES + BATCH_BYTES, `${bytesOf(first)} bytes`);
  assert.ok(bytesOf(second) <= BATCH_BYTES, `${bytesOf(second)} bytes`);
  const live = await comeIn(t, gateway, { headers: { 'x-forwarded-for': '203.0.113.1' } });
  await live.receivesReceipt(live.say('nadie espera'), 'heard');
});

test('address that waits reads the whole log, each entry once and in order', async (t) => {
  const gateway = await restarted(t, 500_000);
  const tabs = await Promise.all(['1', '1', '2'].map((host) => readAll(t, gateway, `203.0.113.${host}`)));
  for (const tab of tabs) {
    await reads(tab, MESSAGES);
    assert.deepEqual(
      tab.entries.map(({ seq }) => seq),
      tab.entries.map((_, index) => index + 1),
    );
  }
});
