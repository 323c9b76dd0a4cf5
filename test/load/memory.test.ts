/**
 * The memory that slow browsers cost. It depends neither on their number nor on their speed.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const MEGABYTE = 1024 * 1024;
const TABS = 200;
/** Text that is sent in the room, bytes. With 200 readers the gateway sends it 200 times. */
const SAID_BYTES = Number(process.env.SAID_MB ?? 4) * MEGABYTE;
/** Deadline, ms. Readers receive some tens of megabytes a second, all together. */
const ALL_SAID_WITHIN_MS = 240_000 + (SAID_BYTES / MEGABYTE) * 15_000;
/** A tenth of the memory that a buffer for each slow tab would take, bytes. */
const MOST_DIFFERENCE_BYTES = (SAID_BYTES * TABS) / 10;

/** A tab that counts the bytes it receives, if it reads at all. */
async function rawTab(t: TestContext, gateway: Gateway): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL);
  t.after(() => socket.terminate());
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.send('{"type":"hello"}');
  await once(socket, 'message');
  return socket;
}

/** The gateway's peak of memory while the room talks to 200 tabs, bytes. */
async function peakWith(t: TestContext, reading: boolean): Promise<number> {
  const room = await builtRoom(t, 'broadcast', { TCP_MAX_RATE_BYTES: `${2 * MEGABYTE}` });
  const gateway = await startGateway(t, room.port);
  const observer = await openTab(t, gateway);
  const tabs = await Promise.all(Array.from({ length: TABS }, () => rawTab(t, gateway)));
  if (!reading) for (const tab of tabs) tab.pause();

  let peak = 0;
  const sampling = setInterval(async () => {
    const now = await gateway.metric('process_resident_memory_bytes').catch(() => 0);
    if (now > peak) peak = now;
  }, 100);
  t.after(() => clearInterval(sampling));
  const terminal = await enter(t, room.port);
  const line = `${'palabras '.repeat(100)}\n`;
  terminal.send(line.repeat(SAID_BYTES / line.length));
  terminal.send('se acabo\n');
  await eventually(
    // Lines of a flood are gathered, so the last entry may hold more than the last line.
    () => observer.entries.at(-1)?.text.endsWith('se acabo'),
    () => `at ${observer.entries.length}`,
    ALL_SAID_WITHIN_MS,
  );
  clearInterval(sampling);
  await gateway.program.stop();
  await room.program.stop();
  return peak;
}

test(`${TABS} tabs that never read cost no more memory than ${TABS} that read`, async (t) => {
  const [stuck, reading] = [await peakWith(t, false), await peakWith(t, true)];
  const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed()} MB`;
  t.diagnostic(`peak with readers ${megabytes(reading)}, with tabs that never read ${megabytes(stuck)}`);
  assert.ok(stuck < reading + MOST_DIFFERENCE_BYTES);
});
