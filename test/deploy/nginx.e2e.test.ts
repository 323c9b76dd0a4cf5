/**
 * The page in a browser behind an nginx with a usual configuration.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { isOpen } from '../helpers/configured.ts';
import { type Cleanup, DEADLINE_MS } from '../helpers/eventually.ts';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { type Program, start, without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { freePort } from '../helpers/tcp.ts';

const UPGRADES = `proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection upgrade;`;
const CODE = 'sésamo';
/** The name by which another device knows it. */
const NAME = 'aula.local';

const skip = without('nginx');

/** Starts nginx with one server that has these locations. */
async function startNginx(t: Cleanup, port: number, locations: string): Promise<Program> {
  const folder = dataDir(t);
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  const file = join(folder, 'main.conf');
  writeFileSync(
    file,
    `pid ${folder}/pid; events {} http { access_log off; ${paths} server { listen 127.0.0.1:${port}; ${locations} } }`,
  );
  const nginx = await start(t, 'nginx', [
    '-c',
    file,
    '-e',
    'stderr',
    '-g',
    'daemon off; master_process off;',
  ]);
  await isOpen(port, () => nginx.errors);
  return nginx;
}

describe('nginx', { skip }, async () => {
  const browser = skip
    ? undefined
    : await openBrowser({ after }, { args: [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] });

  async function open(t: Cleanup, url: string): Promise<ChatPage> {
    const context = await browser?.newContext({ locale: 'es-ES' });
    t.after(() => context?.close());
    context?.setDefaultTimeout(DEADLINE_MS);
    const page = new ChatPage(await (context as NonNullable<typeof context>).newPage());
    await page.page.goto(url);
    return page;
  }

  test('page works under a path of nginx, passphrase and downloads included', async (t) => {
    const room = await builtRoom(t);
    const gateway = await startGateway(t, room.port, { ACCESS_CODE: CODE });
    const port = await freePort();
    await startNginx(
      t,
      port,
      `location /charla/ { proxy_pass ${gateway.url}/; proxy_set_header Host $http_host; ${UPGRADES} }`,
    );
    const page = await open(t, `http://${NAME}:${port}/charla/`);
    await page.page.getByLabel('Contraseña de la sala').fill(CODE);
    await page.page.keyboard.press('Enter');
    await page.address();
    await page.send('bajo un camino');
    await page.showsReceipt('bajo un camino');
    await page.chooseFromMenu('Guardar o imprimir');
    const [download] = await Promise.all([
      page.page.waitForEvent('download'),
      page.page.locator('a[download="tertulia.txt"]').click(),
    ]);
    assert.equal(await download.failure(), null);
    await page.page.keyboard.press('Escape');
    await page.button('Invitar').click();
    const address = page.page.locator('side-sheet').getByRole('textbox', { name: 'Dirección' });
    assert.equal(await address.inputValue(), `http://${NAME}:${port}/charla/`);
    await page.page.reload();
    await page.shows('bajo un camino');
    assert.deepEqual(page.complaints, []);
  });

  test('page says that nginx drops Upgrade, and joins once nginx forwards it', async (t) => {
    const room = await builtRoom(t);
    const gateway = await startGateway(t, room.port);
    const [port, location] = [
      await freePort(),
      `proxy_pass ${gateway.url}; proxy_set_header Host $http_host;`,
    ];
    const nginx = await startNginx(t, port, `location / { ${location} }`);
    const page = await open(t, `http://127.0.0.1:${port}/`);
    await page.showsStatus('un proxy corta los WebSocket');
    await nginx.stop();
    await startNginx(t, port, `location / { ${location} ${UPGRADES} }`);
    await page.page.evaluate(() => dispatchEvent(new Event('online')));
    await page.address();
  });
});
