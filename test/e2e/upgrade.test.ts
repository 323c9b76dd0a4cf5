/**
 * Lazy parts of the page that fail to load, and upgrades while the page is open.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { findFirefox } from '../../scripts/lib/firefox.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { otherBuild } from '../helpers/other-build.ts';
import { type ChatPage, openBrowser, openFirefox, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { freePort } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port);
/** Blocks service workers, because Playwright sees no request that they make. */
const OPTIONS: BrowserContextOptions = { serviceWorkers: 'block' };

async function open(t: TestContext, url = gateway.url): Promise<ChatPage> {
  const chat = await openPage(browser, url, OPTIONS);
  t.after(() => chat.page.context().close());
  return chat;
}

/** The text of the first message that is fully visible. */
async function firstVisible(chat: ChatPage): Promise<string> {
  return await chat.log.evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll('chat-message')];
    return (
      rows.find((row) => row.getBoundingClientRect().top > top)?.querySelector('.words')?.textContent ?? ''
    );
  });
}

const failed = (chat: ChatPage) => chat.alert.filter({ hasText: 'No se pudo cargar.' });

test('search that failed to load says so, and loads when requested again', async (t) => {
  const chat = await open(t);
  await chat.page.route('**/assets/search-panel-*', (route) => route.abort());
  await chat.page.keyboard.press('Control+k');
  await failed(chat).waitFor();
  await chat.page.unroute('**/assets/search-panel-*');
  await chat.button('Reintentar').click();
  const field = chat.page.getByRole('searchbox');
  await field.waitFor();
  await eventually(
    () => field.evaluate((input) => input.matches(':focus')),
    () => 'the search has no focus',
  );
  await chat.page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
});

test('search that failed to load can be closed, and loads with the next try', async (t) => {
  const chat = await open(t);
  await chat.page.route('**/assets/search-panel-*', (route) => route.abort());
  await chat.button('Buscar').click();
  await failed(chat).waitFor();
  await chat.button('Buscar').click();
  await failed(chat).waitFor({ state: 'detached' });
  await chat.page.unroute('**/assets/search-panel-*');
  await chat.button('Buscar').click();
  await chat.page.getByRole('searchbox').waitFor();
});

test('sheet that failed to load loads when requested again', async (t) => {
  const chat = await open(t);
  await chat.page.route('**/assets/people-sheet-*', (route) => route.abort());
  await chat.button('Quién está aquí').click();
  await failed(chat).waitFor();
  await chat.page.unroute('**/assets/people-sheet-*');
  await chat.button('Reintentar').click();
  await chat.page.locator('people-sheet').getByText('Tu dirección').waitFor();
});

test('passphrase can be entered although its form failed to load at first', async (t) => {
  const { url } = await startGateway(t, room.port, { ACCESS_CODE: 'ábrete' });
  const context = await browser.newContext({ locale: 'es-ES', ...OPTIONS });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.route('**/assets/login-panel-*', (route) => route.abort());
  await page.goto(url);
  await page.getByRole('alert').filter({ hasText: 'No se pudo cargar.' }).waitFor();
  await page.unroute('**/assets/login-panel-*');
  await page.getByRole('button', { name: 'Reintentar' }).click();
  await page.getByLabel('Contraseña de la sala').fill('ábrete');
  await page.keyboard.press('Enter');
  await page.getByText('En la sala como').waitFor();
});

test('projector that failed to load at first loads by itself', async (t) => {
  const context = await browser.newContext({ locale: 'es-ES', ...OPTIONS });
  t.after(() => context.close());
  const page = await context.newPage();
  let isBroken = true;
  let tries = 0;
  await page.route('**/assets/projector-view-*', async (route) => {
    tries++;
    await (isBroken ? route.abort() : route.continue());
  });
  await page.goto(`${gateway.url}/?view=projector`);
  await eventually(
    () => tries > 0,
    () => 'the projector was not asked for',
  );
  isBroken = false;
  await page.getByText('Abre esta vista con la dirección de red').waitFor();
});

test('page of an older build says so, and a reload updates it with draft and place', async (t) => {
  const data = dataDir(t);
  const port = `${await freePort()}`;
  const env = { DATA_DIR: data, HTTP_PORT: port };
  const old = await startGateway(t, room.port, env);
  const chat = await open(t, old.url);
  for (let i = 100; i < 160; i++) await chat.send(`línea ${i}`);
  await chat.showsReceipt('línea 159');
  await chat.composer.fill('a medias');
  await chat.scrollUp();
  const read = await firstVisible(chat);
  const at = await chat.positionOf(read);
  const scripts = () => chat.page.locator('script[type="module"]').getAttribute('src');
  const before = await scripts();

  await old.program.stop();
  await startGateway(t, room.port, env, otherBuild(t));
  const notice = chat.page.getByText('Hay una versión nueva de esta página.');
  await notice.waitFor();
  // The old build is gone, and its parts with it.
  await chat.button('Quién está aquí').click();
  await chat.page.getByRole('dialog').getByText('Hay una versión nueva').waitFor();
  await chat.page.getByRole('dialog').getByRole('button', { name: 'Recargar' }).click();

  await chat.page.locator('people-sheet').getByText('Tu dirección').waitFor();
  assert.notEqual(await scripts(), before);
  await chat.page.keyboard.press('Escape');
  assert.equal(await notice.count(), 0);
  await chat.holds('a medias');
  await chat.pill.waitFor();
  await eventually(
    async () => Math.abs((await chat.positionOf(read)) - at) < 2,
    () => `${read} does not stand at ${at}`,
  );
});

test('projector of an older build updates itself', async (t) => {
  const env = { DATA_DIR: dataDir(t), HTTP_PORT: `${await freePort()}` };
  const old = await startGateway(t, room.port, env);
  const context = await browser.newContext({ locale: 'es-ES', ...OPTIONS });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${old.url}/?view=projector`);
  await page.getByText('Abre esta vista con la dirección de red').waitFor();
  await old.program.stop();
  await page.getByText('Sin conexión').waitFor();
  await startGateway(t, room.port, env, otherBuild(t));
  await page.locator('script[src*="index-other000.js"]').waitFor({ state: 'attached' });
  await page.getByText('Abre esta vista con la dirección de red').waitFor();
});

test('Firefox, which caches failed parts, gets the part by a reload that opens it', {
  skip: findFirefox() === undefined,
}, async (t) => {
  const firefox = await openFirefox(t);
  const chat = await openPage(firefox, gateway.url, OPTIONS);
  await chat.page.route('**/assets/help-sheet-*', (route) => route.abort());
  await chat.composer.fill('a medias');
  await chat.chooseFromMenu('Ayuda');
  await failed(chat).waitFor();
  await chat.page.unroute('**/assets/help-sheet-*');
  await chat.button('Reintentar').click();
  const reload = chat.page.getByRole('dialog').getByRole('button', { name: 'Recargar' });
  const opened = chat.page.locator('help-sheet').getByText('Shift + Enter');
  await reload.or(opened).waitFor();
  // A later Firefox may load it at once.
  if ((await opened.count()) === 0) await reload.click();
  await opened.waitFor();
  await chat.holds('a medias');
});
