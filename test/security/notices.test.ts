/**
 * A room with endless private text: the share that reaches a browser, its page and the gateway.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { comeIn } from './connect.ts';

const FLOOD_BYTES = 8 * 1024 * 1024;
const LINE = `${'x'.repeat(1023)}\n`;
/** Bytes of one read of the gateway. */
const READ_BYTES = 64 * 1024;

/** Answers the first message of each client with a flood. */
async function floodingRoom(t: TestContext): Promise<number> {
  const flood = async (client: Socket): Promise<void> => {
    await once(client, 'data');
    for (let bytes = 0; bytes < FLOOD_BYTES && !client.destroyed; bytes += LINE.length) {
      if (!client.write(LINE)) await once(client, 'drain');
    }
  };
  const server = createServer((client) => {
    client.on('error', () => {}).on('end', () => client.end());
    flood(client).catch(() => {});
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('flood of private text reaches a browser with one burst, and the rest is reported', async (t) => {
  const gateway = await startGateway(t, await floodingRoom(t), {
    NOTICE_BURST_BYTES: '20000',
    NOTICE_RATE_BYTES: '0.001',
  });
  const [tab, other] = [await comeIn(t, gateway), await comeIn(t, gateway)];
  tab.say('hola');
  const shown = () => tab.notices.reduce((sum, text) => sum + text.length, 0);
  // Line ends between two reads are in neither.
  const told = () => shown() + tab.droppedBytes;
  await eventually(
    () => told() > FLOOD_BYTES - FLOOD_BYTES / LINE.length,
    () => `${told()} bytes of ${FLOOD_BYTES}`,
    30_000,
  );
  assert.ok(told() <= FLOOD_BYTES);
  assert.ok(shown() > 0 && shown() <= 20_000 + READ_BYTES, `${shown()} bytes were shown`);
  assert.deepEqual([other.notices, other.droppedBytes], [[], 0]);
});
