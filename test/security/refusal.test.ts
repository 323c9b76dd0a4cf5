/**
 * Refused connections leave nothing behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const UPGRADE = 'GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** Far more than the gateway opens of its own. */
const REFUSED = 20;
/** The thread that makes checkpoints may open the transcript meanwhile. */
const OWN_FILES = 5;

test('refused WebSocket is closed for good, also when more data follows', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const before = await gateway.metric('process_open_fds');
  for (let i = 0; i < REFUSED; i++) {
    const socket = await enter(t, gateway.port);
    socket.send(UPGRADE + 'x'.repeat(500_000));
    await socket.leave();
  }
  // Where the system does not report them, both are NaN.
  if (Number.isNaN(before)) return;
  let after = 0;
  await eventually(
    async () => {
      after = await gateway.metric('process_open_fds');
      return after <= before + OWN_FILES;
    },
    () => `${after} files are open, and ${before} were before`,
  );
});

test('client that closes within a request gets no answer, which nobody would read', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const socket = await enter(t, gateway.port);
  socket.send('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
  await socket.leave();
  assert.equal(socket.received, '');
});

test('client whose request is no HTTP is told so', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const socket = await enter(t, gateway.port);
  socket.send('hola\n\n');
  await socket.leave();
  assert.match(socket.received, /^HTTP\/1\.1 400 /);
});
