/**
 * The gateway behind each proxy, with its file of docs/deploy.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configured, isOpen } from '../helpers/configured.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, openTab, startGateway } from '../helpers/gateway.ts';
import { start, without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { freePort } from '../helpers/tcp.ts';

const NAME = 'chat.example.org';
const FROM_OUTSIDE = { headers: { Host: NAME }, origin: `http://${NAME}` };

/** Longest silence of a WebSocket, where a test needs a short one. A busy machine is sometimes silent for longer. */
const SHORT = '2s';

type StartProxy = (
  t: Cleanup,
  port: number,
  gatewayPort: number,
  isImpatient: boolean,
) => Promise<{ errors: string }>;

const PROXIES: Record<string, StartProxy> = {
  async nginx(t, port, gatewayPort, isImpatient) {
    const site = configured(t, 'nginx.conf', {
      'listen 80;': `listen 127.0.0.1:${port};`,
      'listen [::]:80;': '',
      '127.0.0.1:8080': `127.0.0.1:${gatewayPort}`,
      ...(isImpatient && { '75s': SHORT }),
    });
    const folder = dataDir(t);
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const paths = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
    const main = join(folder, 'main.conf');
    writeFileSync(main, `pid ${folder}/pid; events {} http { access_log off; ${paths} include ${site}; }`);
    return await start(t, 'nginx', ['-c', main, '-e', 'stderr', '-g', 'daemon off; master_process off;']);
  },

  async caddy(t, port, gatewayPort) {
    const file = configured(t, 'Caddyfile', {});
    const folder = dataDir(t);
    return await start(t, 'caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
      SITE: `http://:${port}`,
      GATEWAY: `127.0.0.1:${gatewayPort}`,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
    });
  },

  async haproxy(t, port, gatewayPort, isImpatient) {
    const file = configured(t, 'haproxy.cfg', {
      'bind :12345': `bind 127.0.0.1:${await freePort()}`,
      'bind :80': `bind 127.0.0.1:${port}`,
      '127.0.0.1:8080': `127.0.0.1:${gatewayPort}`,
      ...(isImpatient && {
        'timeout client 30s': `timeout client ${SHORT}`,
        'timeout server 30s': `timeout server ${SHORT}`,
      }),
    });
    return await start(t, 'haproxy', ['-db', '-f', file]);
  },
};

for (const [name, startProxy] of Object.entries(PROXIES)) {
  describe(`${name} as a proxy`, { skip: without(name) }, () => {
    async function behind(t: Cleanup, env: Record<string, string> = {}, isImpatient = false) {
      const room = await builtRoom(t, 'broadcast', { TCP_TRUSTED_PROXIES: '127.0.0.1' });
      const gateway = await startGateway(t, room.port, {
        ROOM_PROXY_PROTOCOL: 'v2',
        TRUSTED_PROXIES: '127.0.0.1',
        ALLOWED_HOSTS: NAME,
        ...env,
      });
      const port = await freePort();
      const proxy = await startProxy(t, port, gateway.port, isImpatient);
      await isOpen(port, () => proxy.errors);
      return { port };
    }

    const front = sharedFixture(behind);

    test('proxy serves the page and opens the WebSocket by the public name', async (t) => {
      const { port } = front;
      const page = await fetch(`http://127.0.0.1:${port}/`);
      assert.match(await page.text(), /<!doctype html>/i);
      const tab = await openTab(t, { port }, undefined, undefined, FROM_OUTSIDE);
      const long = 'ñ'.repeat(8_000);
      await tab.receivesReceipt(tab.say(long), 'heard');
      await tab.receives(long);
    });

    const elsewhere = process.platform === 'linux' ? false : 'only Linux has 127.0.0.5';
    test("proxy reports each browser's true address, whatever the browser claims", {
      skip: elsewhere,
    }, async (t) => {
      const { port } = front;
      const claims = {
        headers: { ...FROM_OUTSIDE.headers, 'X-Forwarded-For': '10.9.9.9' },
        localAddress: '127.0.0.5',
      };
      const tabs = [
        await openTab(t, { port }, undefined, undefined, claims),
        await openTab(t, { port }, undefined, undefined, claims),
      ];
      for (const tab of tabs) {
        assert.match(tab.you ?? '', /^127\.0\.0\.5:\d+$/);
        await tab.receivesReceipt(tab.say('hola'), 'heard');
      }
      assert.notEqual(tabs[0]?.you, tabs[1]?.you);
    });

    test('proxy keeps a silent WebSocket open', async (t) => {
      const { port } = await behind(t, { STALL_TIMEOUT_MS: '1500' }, true);
      const staysOpen = async () => {
        const tab = await openTab(t, { port }, undefined, undefined, FROM_OUTSIDE);
        let pings = 0;
        tab.socket.on('ping', () => pings++);
        // Five seconds are twice the proxy's time-out.
        await eventually(
          () => pings >= 10 || tab.closed,
          () => `${pings} pings`,
        );
        return !tab.closed && (await tab.receivesReceipt(tab.say('sigo aquí'), 'heard'));
      };
      // A machine that stops for longer than STALL_TIMEOUT_MS costs a connection, but not each.
      await eventually(staysOpen, () => 'each WebSocket was closed');
    });
  });
}
