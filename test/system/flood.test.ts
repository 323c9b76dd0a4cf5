/**
 * A tab that stops reading while a terminal floods the room: nobody waits for it, and it costs no memory.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const MEGABYTE = 1024 * 1024;
const FLOOD_BYTES = 40 * MEGABYTE;
const LONGEST_GAP_MS = 300;
const MOST_GROWTH_BYTES = 16 * MEGABYTE;
const RESIDENT = 'process_resident_memory_bytes';

/** The longest time in which `listen`'s callback was not called, ms. */
class Gap {
  longest = 0;
  #last = performance.now();

  readonly mark = (): void => {
    const now = performance.now();
    this.longest = Math.max(this.longest, now - this.#last);
    this.#last = now;
  };
}

/** A terminal in a process of its own: what we measure here must not wait for it. */
const FLOODER = `
  const [port, bytes] = process.argv.slice(1).map(Number);
  const chunk = Buffer.from(('inundacion '.repeat(80) + '\\n').repeat(64));
  const socket = require('node:net').connect(port, '127.0.0.1').resume();
  let left = Math.ceil(bytes / chunk.length);
  const flood = () => {
    while (left-- > 0) if (!socket.write(chunk)) return;
    socket.end('se acabo\\n');
  };
  socket.on('connect', flood).on('drain', flood);
`;

async function flood(t: TestContext, port: number, bytes: number): Promise<void> {
  const flooder = await start(t, process.execPath, ['-e', FLOODER, `${port}`, `${bytes}`]);
  assert.equal((await flooder.exits(60_000)).code, 0);
}

/** Samples until the test is over: the peak is what counts. */
function watchMemory(t: TestContext, gateway: Gateway): { peak: number } {
  const seen = { peak: 0 };
  const timer = setInterval(async () => {
    seen.peak = Math.max(seen.peak, await gateway.metric(RESIDENT).catch(() => 0));
  }, 50);
  t.after(() => clearInterval(timer));
  return seen;
}

function stopReading(tab: Tab): void {
  tab.socket.pause();
}

async function nobodyWaits(t: TestContext, roomPort: number): Promise<void> {
  const gateway = await startGateway(t, roomPort);
  const [stuck, honest] = [await openTab(t, gateway), await openTab(t, gateway)];
  const listener = await enter(t, roomPort);
  await flood(t, roomPort, 2 * MEGABYTE);
  stopReading(stuck);

  const before = await gateway.metric(RESIDENT);
  const memory = watchMemory(t, gateway);
  const [tabGap, terminalGap] = [new Gap(), new Gap()];
  honest.onEntry = () => {
    honest.entries.length = 0;
    tabGap.mark();
  };
  listener.socket.removeAllListeners('data').on('data', terminalGap.mark);
  await flood(t, roomPort, FLOOD_BYTES);
  honest.onEntry = () => {};
  const id = honest.say('¿sigue ahí?');
  await honest.receives(id, 'heard', 60_000);

  const growth = memory.peak - before;
  t.diagnostic(
    `longest gap: tab ${tabGap.longest.toFixed()} ms, terminal ${terminalGap.longest.toFixed()} ms`,
  );
  t.diagnostic(
    `the gateway grew by ${(growth / MEGABYTE).toFixed(1)} MB from ${(before / MEGABYTE).toFixed()} MB`,
  );
  assert.ok(tabGap.longest < LONGEST_GAP_MS, `the honest tab waited ${tabGap.longest} ms`);
  assert.ok(terminalGap.longest < LONGEST_GAP_MS, `the terminal waited ${terminalGap.longest} ms`);
  assert.ok(growth < MOST_GROWTH_BYTES, `the gateway grew by ${growth} bytes`);
}

test('nobody waits for a tab that does not read: room server', async (t) => {
  // By default the room slows such a terminal down to one megabyte a second; ten make the test shorter. A busy machine
  // may then be a second behind, for which the room would drop the gateway.
  const { port } = await builtRoom(t, 'broadcast', {
    TCP_MAX_RATE: `${10 * MEGABYTE}`,
    TCP_MAX_BACKLOG: `${FLOOD_BYTES}`,
  });
  await nobodyWaits(t, port);
});

test("nobody waits for a tab that does not read: the tutorial's server", {
  skip: withoutPython,
}, async (t) => {
  await nobodyWaits(t, (await pythonRoom(t)).port);
});
