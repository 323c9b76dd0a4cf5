/**
 * Many browsers at once in front of a room whose queue holds five.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { enter } from '../helpers/tcp.ts';

const BROWSERS = 200;

test(`${BROWSERS} browsers join at once and are truly in the room`, { skip: withoutPython }, async (t) => {
  const { port, program } = await pythonRoom(t);
  const gateway = await startGateway(t, port, { ROOM_QUIET_MS: '0' }); // no connection but those counted below
  const terminal = await enter(t, port);

  const begin = performance.now();
  const tabs = await Promise.all(
    Array.from({ length: BROWSERS }, () => openTab(t, gateway, undefined, 30_000)),
  );
  t.diagnostic(`all welcomed after ${(performance.now() - begin).toFixed()} ms`);

  const addresses = new Set(tabs.map(({ you }) => you));
  assert.equal(addresses.size, BROWSERS);
  const ids = tabs.map((tab, i) => tab.say(`primera palabra ${i}.`));
  for (const [i, tab] of tabs.entries()) {
    await tab.receives(ids[i] ?? '', 'heard');
    await terminal.hears(`${tab.you} dice: primera palabra ${i}.\n`);
    assert.equal((await tabs[0]?.hears(`primera palabra ${i}.`))?.from, tab.you);
  }
  // The server's own log: the ear, the terminal and every browser were accepted.
  assert.equal(program.output.match(/Conexión establecida/g)?.length, BROWSERS + 2);
});
