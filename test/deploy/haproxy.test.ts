/**
 * docs/deploy/haproxy.cfg in front of the room and the gateway.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configured, isOpen } from '../helpers/configured.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { start, without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter, freePort } from '../helpers/tcp.ts';

async function behindHaproxy(t: Cleanup) {
  const room = await builtRoom(t, 'broadcast', { TCP_TRUSTED_PROXIES: '127.0.0.1' });
  const gateway = await startGateway(t, room.port, { ROOM_PROXY_PROTOCOL: 'v2' });
  const ports = { room: room.port, gateway: gateway.port };
  return { room, gateway, ports, ...(await startHaproxy(t, ports)) };
}

async function startHaproxy(
  t: Cleanup,
  { room, gateway }: { room: number; gateway: number },
  places: Record<string, string> = {},
): Promise<{ terminals: number; browsers: number }> {
  const [terminals, browsers] = [await freePort(), await freePort()];
  const file = configured(t, 'haproxy.cfg', {
    'bind :12345': `bind 127.0.0.1:${terminals}`,
    'bind :80': `bind 127.0.0.1:${browsers}`,
    '127.0.0.1:12346': `127.0.0.1:${room}`,
    '127.0.0.1:8080': `127.0.0.1:${gateway}`,
    ...places,
  });
  const haproxy = await start(t, 'haproxy', ['-db', '-f', file]);
  await isOpen(terminals, () => haproxy.errors);
  await isOpen(browsers, () => haproxy.errors);
  return { terminals, browsers };
}

describe('HAProxy', { skip: without('haproxy') }, () => {
  const behind = sharedFixture(behindHaproxy);

  test('terminals behind HAProxy keep their own addresses, beside browsers', async (t) => {
    const { room, gateway, terminals, browsers } = behind;
    const [ana, luis] = [await enter(t, terminals), await enter(t, terminals)];
    for (const { address } of [ana, luis]) {
      const [ip, port] = address.split(':');
      await room.program.prints(`Conexión establecida con ('${ip}', ${port})`);
    }
    const [direct, proxied] = [await openTab(t, gateway), await openTab(t, { port: browsers })];
    ana.send('hola\n');
    await luis.receives(`${ana.address} dice: hola\n`);
    assert.equal((await proxied.receives('hola')).from, ana.address);
    for (const tab of [direct, proxied]) {
      await tab.receivesReceipt(tab.say(`soy ${tab.you}`), 'heard');
      await luis.receives(`${tab.you} dice: soy ${tab.you}\n`);
    }
  });

  test('terminal behind HAProxy that sends and closes at once is received completely', async (t) => {
    const { room, terminals } = behind;
    const [ana, luis] = [await enter(t, terminals), await enter(t, terminals)];
    await room.program.prints(`Conexión establecida con ('127.0.0.1', ${luis.address.split(':')[1]})`);
    ana.send('adiós\n');
    await ana.leave();
    await luis.receives(`${ana.address} dice: adiós\n`);
  });

  test('terminal behind HAProxy may be silent for longer than a request', async (t) => {
    const { room, gateway, ports } = behind;
    // Shorter than the silence. For a request of a browser a busy machine would be too slow.
    const { terminals } = await startHaproxy(t, ports, {
      'timeout client 30s': 'timeout client 1s',
      'timeout server 30s': 'timeout server 1s',
    });
    const ana = await enter(t, terminals);
    await room.program.prints(`Conexión establecida con ('127.0.0.1', ${ana.address.split(':')[1]})`);
    const silentSince = performance.now();
    await eventually(
      () => performance.now() - silentSince > 3_000,
      () => 'time stands still',
    );
    const tab = await openTab(t, gateway);
    ana.send('sigo aquí\n');
    assert.equal((await tab.receives('sigo aquí')).from, ana.address);
  });
});
