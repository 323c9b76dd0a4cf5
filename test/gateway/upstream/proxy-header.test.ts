/**
 * With ROOM_PROXY_PROTOCOL the room shows the address of each browser, and the gateway recognizes its own voices.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import type { Cleanup } from '../../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { sharedFixture } from '../../helpers/shared-fixture.ts';
import { enter, freePort, type TcpClient } from '../../helpers/tcp.ts';

interface Place {
  gateway: Gateway;
  terminal: TcpClient;
  room: Awaited<ReturnType<typeof builtRoom>>;
}

/** All connections come from one address here, so the terminal is announced too. */
async function announcedRoom(t: Cleanup, version: string): Promise<Place> {
  const room = await builtRoom(t, 'broadcast', { TCP_TRUSTED_PROXIES: '127.0.0.1' });
  const gateway = await startGateway(t, room.port, { ROOM_PROXY_PROTOCOL: version });
  const terminal = await enter(t, room.port);
  terminal.send('PROXY TCP4 192.168.1.7 127.0.0.1 4000 12345\r\n');
  await room.program.prints("Conexión establecida con ('192.168.1.7', 4000)");
  return { room, gateway, terminal };
}

function tcpOf({ socket }: Tab): Socket {
  return (socket as WebSocket & { _socket: Socket })._socket;
}

function addressOf(tab: Tab): string {
  return `127.0.0.1:${tcpOf(tab).localPort}`;
}

const places = {
  v1: sharedFixture((t) => announcedRoom(t, 'v1')),
  v2: sharedFixture((t) => announcedRoom(t, 'v2')),
};

for (const version of ['v1', 'v2'] as const) {
  test(`gateway announces the browser's own address to the room and the page (${version})`, async (t) => {
    const { gateway, terminal } = places[version];
    const tabs = [await openTab(t, gateway), await openTab(t, gateway)];
    for (const [index, tab] of tabs.entries()) {
      assert.equal(tab.you, addressOf(tab));
      await tab.receivesReceipt(tab.say(`hola ${index}`), 'heard');
      await terminal.receives(`${tab.you} dice: hola ${index}\n`);
    }
    assert.notEqual(tabs[0]?.you, tabs[1]?.you);
    terminal.send('buenas\n');
    assert.equal((await tabs[0]?.receives('buenas'))?.from, '192.168.1.7:4000');
    assert.equal(await gateway.metric('tertulia_forged_total'), 0);
  });
}

test('session that resumes keeps its address, which no other session gets meanwhile', async (t) => {
  const { gateway, terminal } = places.v2;
  // The system gives this port to no other client meanwhile.
  const from = { localAddress: '127.0.0.1', localPort: await freePort() };
  const ana = await openTab(t, gateway, undefined, undefined, from);
  const isClosed = once(tcpOf(ana), 'close');
  tcpOf(ana).resetAndDestroy();
  await isClosed;
  const luis = await openTab(t, gateway, undefined, undefined, from);
  const back = await openTab(t, gateway, ana.resumePoint);
  assert.equal(back.you, ana.you);
  assert.equal(addressOf(luis), ana.you);
  assert.notEqual(luis.you, ana.you);
  await back.receivesReceipt(back.say('soy Ana'), 'heard');
  await luis.receivesReceipt(luis.say('soy Luis'), 'heard');
  await terminal.receives(`${ana.you} dice: soy Ana\n`);
  await terminal.receives(`${luis.you} dice: soy Luis\n`);
  const [own] = back.messages.filter(({ text }) => text === 'soy Ana');
  assert.equal(own?.said?.by, back.welcome?.me);
});

test('voice keeps its announced address when the room restarts', async (t) => {
  const { room, gateway } = await announcedRoom(t, 'v2');
  const tab = await openTab(t, gateway);
  const { you } = tab;
  await room.program.stop();
  await builtRoom(t, 'broadcast', { TCP_PORT: `${room.port}`, TCP_TRUSTED_PROXIES: '127.0.0.1' });
  await tab.receivesReceipt(tab.say('de vuelta'), 'heard');
  assert.equal(tab.you, you);
  assert.equal((await tab.receives('de vuelta')).said?.by, tab.welcome?.me);
});
