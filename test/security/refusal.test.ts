/**
 * Refused connections leave nothing behind.
 */
import { test } from 'node:test';
import { startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const UPGRADE = 'GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

test('refused WebSocket is closed for good, also when more data follows', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const before = await gateway.metric('process_open_fds');
  for (let i = 0; i < 20; i++) {
    const socket = await enter(t, gateway.port);
    socket.send(UPGRADE + 'x'.repeat(500_000));
    await socket.leave();
  }
  // Where the system does not report them, both are NaN.
  await gateway.metricReaches('process_open_fds', before);
});
