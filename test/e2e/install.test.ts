/**
 * The page as an installed app: what a browser needs to install it, and how it opens without a network.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import type { Page } from 'playwright-core';
import { inProject } from '../../scripts/lib/project.ts';
import { eventually } from '../helpers/eventually.ts';
import { launchGateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';

const OTHER_COMPUTER = 'tertulia.test';
const browser = await openBrowser(
  { after },
  { args: [`--host-resolver-rules=MAP ${OTHER_COMPUTER} 127.0.0.1`] },
);

/** Serves the built page alone, so that another build can replace it. */
class Builds {
  readonly folder = mkdtempSync(join(tmpdir(), 'tertulia-'));
  readonly #server = Fastify();
  port = 0;

  async serve(t: TestContext): Promise<this> {
    cpSync(inProject('dist/web'), this.folder, { recursive: true });
    this.#server.register(fastifyStatic, { root: this.folder, cacheControl: false });
    await this.#server.listen({ port: 0 });
    const address = this.#server.server.address();
    this.port = typeof address === 'object' && address ? address.port : 0;
    t.after(() => this.close());
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
    return this;
  }

  async close(): Promise<void> {
    this.#server.server.closeAllConnections();
    await this.#server.close();
  }

  /** Serves a changed page, and so a changed service worker. */
  upgrade(version: string): void {
    this.#change('index.html', '<head>', `<head><meta name="build" content="${version}">`);
    this.#change('service-worker.js', /tertulia-\w+/, `tertulia-${version}`);
  }

  #change(file: string, from: string | RegExp, to: string): void {
    const path = join(this.folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  }
}

async function open(t: TestContext, url: string): Promise<ChatPage> {
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  await page.menu.waitFor();
  return page;
}

/** Dispatches the events of an installation and waits until the service worker controls the page. */
async function install({ page }: ChatPage): Promise<void> {
  await page.evaluate(async () => {
    dispatchEvent(new Event('appinstalled'));
    await navigator.serviceWorker.ready;
  });
}

/** Makes the browser look for a new service worker, which it does after a navigation when it has time. */
async function lookForUpdate({ page }: ChatPage): Promise<void> {
  await page.evaluate(
    async () => void (await (await navigator.serviceWorker.ready).update().catch(() => {})),
  );
}

async function builds(page: Page): Promise<string[]> {
  return await page.evaluate(() => caches.keys());
}

/** True if the newest worker that was found serves the page. A cache exists before its worker does. */
async function isUpdated({ page }: ChatPage): Promise<boolean> {
  return await page.evaluate(async () => {
    const { active, waiting, installing } = await navigator.serviceWorker.ready;
    return active?.state === 'activated' && !waiting && !installing;
  });
}

async function comesToKeep(page: ChatPage, build: string): Promise<void> {
  let kept: string[] = [];
  await eventually(
    async () => {
      // A look during the installation would slow it down.
      if (!kept.includes(build)) await lookForUpdate(page);
      kept = await builds(page.page);
      return kept.includes(build) && (await isUpdated(page));
    },
    () => `${build} is not kept, but ${kept}`,
  );
}

async function buildShown({ page }: ChatPage): Promise<string | null> {
  return await page.evaluate(
    () => document.querySelector<HTMLMetaElement>('meta[name="build"]')?.content ?? null,
  );
}

async function openSettings(page: ChatPage): Promise<void> {
  await page.chooseFromMenu('Ajustes');
  await page.page.getByRole('heading', { name: 'Instalar como aplicación' }).waitFor();
}

test('page has a manifest with names and icons of the declared sizes', async (t) => {
  const page = await open(t, `http://localhost:${(await new Builds().serve(t)).port}`);
  const devtools = await page.page.context().newCDPSession(page.page);
  const { data = '', errors } = await devtools.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const { icons } = JSON.parse(data) as { icons: { src: string; sizes: string; purpose?: string }[] };
  const touchIcon = { src: '/apple-touch-icon.png', sizes: '180x180' };
  for (const { src, sizes } of [...icons, touchIcon]) {
    const size = await page.page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    assert.equal(size, sizes, src);
  }
  assert.ok(icons.some(({ purpose }) => purpose === 'maskable'));
  assert.ok(icons.some(({ sizes, purpose }) => sizes === '512x512' && purpose === undefined));
});

test('page stores nothing for a visitor that has not installed it', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const { page } = await openPage(browser, gateway.url);
  t.after(() => page.context().close());
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
  assert.deepEqual(await builds(page), []);
});

test('installed page opens without the gateway, says that it waits, and connects later', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const page = await openPage(browser, gateway.url);
  t.after(() => page.page.context().close());
  await install(page);
  await openSettings(page);
  await page.page.getByText('Ya está instalada.').waitFor();
  await gateway.program.stop();

  await page.page.reload();
  await page.showsStatus('Sin conexión. Lo que escribas se enviará al volver.');
  await openSettings(page);
  await page.page.keyboard.press('Escape');
  const isAnswered = page.page.evaluate(() => fetch('/api/messages').then(() => true));
  await assert.rejects(isAnswered, /Failed to fetch/);

  await launchGateway(t, room.port, { HTTP_PORT: `${gateway.port}` });
  await page.address();
  await page.send('he vuelto');
  await page.showsReceipt('he vuelto');
});

test('installed page is the new one at once after an upgrade, also without a network', async (t) => {
  const server = await new Builds().serve(t);
  const page = await open(t, `http://localhost:${server.port}`);
  await install(page);
  for (const version of ['v2', 'v3']) {
    server.upgrade(version);
    await page.page.reload();
    assert.equal(await buildShown(page), version);
    await comesToKeep(page, `tertulia-${version}`);
  }
  await eventually(
    async () => (await builds(page.page)).length === 2,
    () => 'older builds are kept',
  );
  await server.close();
  await page.page.reload();
  await page.menu.waitFor();
  assert.equal(await buildShown(page), 'v3');
});

test('gateway still serves the assets of the previous build after an upgrade', async (t) => {
  const server = await new Builds().serve(t);
  const page = await open(t, `http://localhost:${server.port}`);
  await install(page);
  await page.page.reload();
  server.upgrade('v2');
  rmSync(join(server.folder, 'assets'), { recursive: true });
  await lookForUpdate(page);
  await openSettings(page);
});

test('settings install the page where the browser offers it', async (t) => {
  const page = await open(t, `http://localhost:${(await new Builds().serve(t)).port}`);
  await page.page.evaluate(`
    const prompt = async () => document.body.setAttribute('data-asked', '');
    dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt }));
  `);
  await openSettings(page);
  await page.button('Instalar').click();
  await page.page.locator('body[data-asked]').waitFor();
  await page.button('Instalar').waitFor({ state: 'detached' });
});

test('settings give the reason where the page can not be installed', async (t) => {
  const { port } = await new Builds().serve(t);
  const here = await open(t, `http://localhost:${port}`);
  await openSettings(here);
  await here.page.getByText('Este navegador no lo ofrece aquí.').waitFor();
  const there = await open(t, `http://${OTHER_COMPUTER}:${port}`);
  await openSettings(there);
  await there.page.getByText('No se puede instalar desde aquí').waitFor();
});
