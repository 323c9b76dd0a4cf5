/**
 * In front of a room that sends voices no broadcasts, the gateway relies on its ear and on probes alone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '../../../tcp-server/relay.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../../helpers/gateway.ts';
import { openRoom, type TestRoom } from '../../tcp-server/chat-server-fixture.ts';
import { openRoomRelay, type RoomRelay } from './room-relay.ts';

interface Stack {
  room: TestRoom;
  network: RoomRelay;
  gateway: Gateway;
}

async function startStack(t: Cleanup, mode: Mode = 'broadcast'): Promise<Stack> {
  const room = await openRoom(t, { mode });
  const network = await openRoomRelay(t, room.gatewayPort);
  const gateway = await startGateway(t, network.port, {
    ROOM_PROXY_PROTOCOL: 'v2',
    STALL_TIMEOUT_MS: '6000',
  });
  return { room, network, gateway };
}

function isOpen(tab: Tab): Promise<true> {
  return eventually(
    () => tab.roomState === 'open' || undefined,
    () => `the room is ${tab.roomState}`,
  );
}

test('gateway receives each message once, by its ear, and each page shows it once', async (t) => {
  const { room, network, gateway } = await startStack(t);
  const [ana, luis] = [await openTab(t, gateway), await openTab(t, gateway)];
  const terminal = await room.enter();
  await ana.receivesReceipt(ana.say('hola'), 'heard');
  terminal.send('buenas\n');
  for (const tab of [ana, luis]) {
    await tab.receives('buenas');
    assert.deepEqual(tab.texts, ['hola', 'buenas']);
  }
  await luis.receivesReceipt(luis.say('adiós'), 'heard');
  assert.equal((await network.ear()).fromRoom.match(/ dice: /g)?.length, 3);
  assert.deepEqual(
    network.voices.map(({ fromRoom }) => fromRoom),
    ['', ''],
  );
});

test('page receives the answer of a room in mode ack over its quiet voice', async (t) => {
  const { gateway } = await startStack(t, 'ack');
  const ana = await openTab(t, gateway);
  const id = ana.say('hola');
  await eventually(
    () => ana.noticeMessages.some(({ answers, text }) => answers === id && text.includes('hola')),
    () => JSON.stringify(ana.notices),
  );
});

test('ear that receives no text of quiet voices reconnects', async (t) => {
  const { network, gateway } = await startStack(t);
  const ana = await openTab(t, gateway);
  await ana.receivesReceipt(ana.say('se me oye'), 'heard');
  const deaf = await network.ear();
  deaf.isMuted = true;
  await ana.receivesReceipt(ana.say('¿y ahora?'), 'unconfirmed');
  await eventually(
    () => !network.connections.includes(deaf),
    () => 'the deaf ear is still there',
  );
  await isOpen(ana);
  await ana.receivesReceipt(ana.say('ahora sí'), 'heard');
});

test('message waits while a new ear is not accepted yet, and is heard', async (t) => {
  const { room, network, gateway } = await startStack(t);
  const ana = await openTab(t, gateway);
  network.delayMs = 700;
  let isLost = false;
  ana.onRoomState = (state) => {
    isLost ||= state === 'connecting';
  };
  (await network.ear()).near.resetAndDestroy();
  await eventually(
    () => isLost,
    () => 'the ear is not lost',
  );
  const id = ana.say('¿me oye el oído nuevo?');
  await isOpen(ana);
  await eventually(
    () => ana.receipts.get(id),
    () => 'no receipt',
  );
  assert.equal(ana.receipts.get(id)?.state, 'heard');
  await eventually(
    () => room.log.some((line) => line.endsWith('¿me oye el oído nuevo?')),
    () => `the room logged ${room.log}`,
  );
});

test('quiet voice that the room ignores connects again', async (t) => {
  const { room, network, gateway } = await startStack(t);
  const terminal = await room.enter();
  const ana = await openTab(t, gateway);
  await ana.receivesReceipt(ana.say('se me oye'), 'heard');
  const [ignored] = network.voices;
  assert.ok(ignored);
  ignored.isIgnored = true;
  const talking = setInterval(() => terminal.send('la sala sigue\n'), 200);
  t.after(() => clearInterval(talking));
  await ana.receivesReceipt(ana.say('¿y a mí?'), 'unconfirmed');
  await eventually(
    () => !network.connections.includes(ignored),
    () => 'the voice is still connected',
  );
  await isOpen(ana);
  await ana.receivesReceipt(ana.say('ahora sí'), 'heard');
});
