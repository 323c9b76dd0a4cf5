/**
 * A connection may look open although the room never accepted it, for example because its accept queue was full.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRoomProxy } from '../../faults/room-proxy.ts';
import { eventually } from '../../helpers/eventually.ts';
import { openTab, startGateway } from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { enter } from '../../helpers/tcp.ts';

test('voice that the room ignores connects again', async (t) => {
  const room = await builtRoom(t);
  const network = await openRoomProxy(t, room.port);
  const gateway = await startGateway(t, network.port);
  const heard = await openTab(t, gateway);
  await heard.receivesReceipt(heard.say('a mí me oyen'), 'heard');
  const ignored = await openTab(t, gateway);
  const address = ignored.you;
  const connection = network.connections.find((each) => each.address === address);
  assert.ok(connection);
  connection.isIgnored = true;
  const terminal = await enter(t, network.port);
  const talking = setInterval(() => terminal.send('la sala sigue\n'), 200);
  t.after(() => clearInterval(talking));

  await ignored.receivesReceipt(ignored.say('¿y a mí?'), 'unconfirmed');
  await eventually(
    () => ignored.roomState === 'open' && ignored.you !== address,
    () => `it is still ${ignored.you}`,
  );
  await ignored.receivesReceipt(ignored.say('ahora sí'), 'heard');
});
