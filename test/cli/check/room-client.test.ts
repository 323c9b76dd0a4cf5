import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget } from '../../../cli/check/budget.ts';
import { UNKNOWN_MANNER } from '../../../cli/check/client-manner.ts';
import { dial, RoomClient } from '../../../cli/check/room-client.ts';
import { bareServer } from '../../helpers/tcp.ts';

const WAIT_MS = 1_000;

/** Stops this whole process, as a machine without a free core does. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('client of a check does not blame a server for a stall of the machine', async (t) => {
  const { port, accepts } = await bareServer(t);
  const accepting = accepts();
  const { socket, opened } = dial('127.0.0.1', port);
  t.after(() => socket.destroy());
  const server = await accepting;
  assert.ok(await opened);
  const client = new RoomClient('Ana', socket, new Budget(), UNKNOWN_MANNER);
  const hearing = client.hears('hola', WAIT_MS);
  stall(WAIT_MS + 100);
  // The server wakes up with the client, and answers later.
  setTimeout(() => server.write('hola'), 50);
  assert.ok(await hearing);
  const ending = client.hears('adiós', 50);
  stall(100);
  // It has arrived when the client looks.
  server.write('adiós');
  assert.ok(await ending);
  assert.equal(await client.hears('nada', 50), false);
});
