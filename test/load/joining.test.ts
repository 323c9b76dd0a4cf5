/**
 * Many browsers at once in front of a room whose accept queue holds five.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const BROWSERS = 200;

/** More connections than wait in Node's accept queue by default (511). */
const KNOCKING = 1_000;

test(`${BROWSERS} browsers that join at once are all accepted by the room`, {
  skip: withoutPython,
}, async (t) => {
  const { port, program } = await pythonRoom(t);
  const gateway = await startGateway(t, port, { ROOM_QUIET_MS: '0' }); // no connection but those counted below
  const terminal = await enter(t, port);

  const begin = performance.now();
  const tabs = await Promise.all(Array.from({ length: BROWSERS }, () => openTab(t, gateway)));
  t.diagnostic(`all welcomed after ${(performance.now() - begin).toFixed()} ms`);

  const addresses = new Set(tabs.map(({ you }) => you));
  assert.equal(addresses.size, BROWSERS);
  const ids = tabs.map((tab, i) => tab.say(`primera palabra ${i}.`));
  for (const [i, tab] of tabs.entries()) {
    await tab.receivesReceipt(ids[i] ?? '', 'heard');
    await terminal.receives(`${tab.you} dice: primera palabra ${i}.\n`);
    assert.equal((await tabs[0]?.receives(`primera palabra ${i}.`))?.from, tab.you);
  }
  // The log of the server shows that it accepted the ear, the terminal and every browser.
  assert.equal(program.output.match(/Conexión establecida/g)?.length, BROWSERS + 2);
});

/** The system limits the accept queue, whatever a program asks for. */
function withoutQueue(): string | false {
  if (process.platform !== 'linux') return 'only Linux tells how long a queue may be';
  const longest = Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
  return longest < KNOCKING && `only ${longest} may wait here`;
}

test(`${KNOCKING} browsers that reconnect to a busy gateway all get in`, {
  skip: withoutQueue(),
}, async (t) => {
  const room = await builtRoom(t);
  const { program, port } = await startGateway(t, room.port);
  await program.freeze();
  t.after(() => program.wake());
  let waiting = 0;
  for (let count = 0; count < KNOCKING; count++) {
    const socket = connect(port, '127.0.0.1', () => waiting++);
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  }
  await eventually(
    () => waiting === KNOCKING,
    () => `${waiting} wait at the door`,
  );
});
