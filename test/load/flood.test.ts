/**
 * A tab stops reading while a terminal floods the room. All others receive everything, and the tab catches up later.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Entry } from '../../gateway/protocol.ts';
import { eventually } from '../helpers/eventually.ts';
import { openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const MEGABYTE = 1024 * 1024;
/** Several times the buffer that the system keeps for a connection that is not read. */
const FLOOD_BYTES = 40 * MEGABYTE;
const LINE = 'inundacion '.repeat(80);
const LINES = Math.ceil(FLOOD_BYTES / LINE.length);
const ALL_HEARD_WITHIN_MS = 300_000;

/** A terminal in a process of its own, because the flood must not wait for the test. */
const FLOODER = `
  const [port, lines, line] = process.argv.slice(1);
  const chunk = Buffer.from(line + '\\n');
  const socket = require('node:net').connect(Number(port), '127.0.0.1').resume();
  let left = Number(lines);
  const flood = () => {
    while (left-- > 0) if (!socket.write(chunk)) return;
    socket.end('se acabo\\n');
  };
  socket.on('connect', flood).on('drain', flood);
`;

async function flood(t: TestContext, port: number): Promise<void> {
  const flooder = await start(t, process.execPath, ['-e', FLOODER, `${port}`, `${LINES}`, LINE]);
  assert.equal((await flooder.exits(ALL_HEARD_WITHIN_MS)).code, 0);
}

/** Counts the bytes of the flood and keeps none of them. */
function countFlood(tab: Tab): { bytes: number; holes: number } {
  const seen = { bytes: 0, holes: 0 };
  let before: number | undefined;
  tab.onEntry = ({ seq, text }: Entry) => {
    if (before !== undefined && seq !== before + 1) seen.holes++;
    before = seq;
    seen.bytes += text.length;
    tab.entries.length = 0;
  };
  return seen;
}

async function nobodyWaits(t: TestContext, roomPort: number): Promise<void> {
  // The tab that does not read must stay until the flood is over.
  const gateway = await startGateway(t, roomPort, { STALL_TIMEOUT_MS: `${3 * ALL_HEARD_WITHIN_MS}` });
  const [stuck, honest] = [await openTab(t, gateway), await openTab(t, gateway)];
  const listener = await enter(t, roomPort);
  stuck.socket.pause();

  const seen = countFlood(honest);
  let heardByTerminal = 0;
  listener.socket.removeAllListeners('data').on('data', (chunk) => {
    heardByTerminal += chunk.length;
  });
  await flood(t, roomPort);
  for (const heard of [() => seen.bytes, () => heardByTerminal]) {
    await eventually(
      () => heard() >= LINES * LINE.length,
      () => `${heard()} of ${LINES * LINE.length} bytes were heard`,
      ALL_HEARD_WITHIN_MS,
    );
  }
  assert.equal(seen.holes, 0);
  honest.onEntry = () => {};
  await honest.receivesReceipt(honest.say('¿sigue ahí?'), 'heard', ALL_HEARD_WITHIN_MS);

  assert.equal(stuck.entries.length, 0);
  assert.equal(await gateway.metric('tertulia_sessions'), 2);
  stuck.socket.resume();
  await stuck.receives('¿sigue ahí?', ALL_HEARD_WITHIN_MS);
}

test('tab that does not read delays nobody: room server', async (t) => {
  // The room slows such a terminal down to 1 MB/s by default, and 10 MB/s make the test shorter. A busy machine may
  // then be a second behind, for which the room would drop the gateway.
  const { port } = await builtRoom(t, 'broadcast', {
    TCP_MAX_RATE_BYTES: `${10 * MEGABYTE}`,
    TCP_MAX_BACKLOG_BYTES: `${FLOOD_BYTES}`,
  });
  await nobodyWaits(t, port);
});

test("tab that does not read delays nobody: tutorial's server", {
  skip: withoutPython,
}, async (t) => {
  await nobodyWaits(t, (await pythonRoom(t)).port);
});
