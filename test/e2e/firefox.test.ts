/**
 * The main stories of the page in a second engine, Firefox.
 */
import assert from 'node:assert/strict';
import { after, describe, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { findFirefox, HOW_TO_GET_FIREFOX } from '../../scripts/lib/firefox.ts';
import { talkThroughCuts } from '../helpers/cuts.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openFirefox, openPage } from '../helpers/page/browser.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

/** In CI a missing Firefox is a failure, because nobody reads that tests were skipped. */
const skip = findFirefox() === undefined && process.env.CI !== 'true' && HOW_TO_GET_FIREFOX;

interface Scene {
  /** A proxy between the browsers and the gateway. */
  way: TcpProxy;
  terminal: TcpClient;
  open(browser: Browser): Promise<ChatPage>;
}

interface Place {
  room: Awaited<ReturnType<typeof builtRoom>>;
  gateway: Gateway;
}

async function place(t: Cleanup): Promise<Place> {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, { HISTORY_ENTRIES: '0' }) };
}

async function come(t: TestContext, { room, gateway }: Place): Promise<Scene> {
  const way = await openProxy(t, gateway.port);
  const open = async (browser: Browser) => {
    const page = await openPage(browser, way.url);
    t.after(() => page.page.context().close());
    return page;
  };
  return { way, terminal: await enter(t, room.port), open };
}

async function closeSheet({ page }: ChatPage): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function chooseInSettings(page: ChatPage, choice: string): Promise<void> {
  await page.chooseFromMenu('Ajustes');
  await page.page.getByRole('radio', { name: choice, exact: true }).check();
  await closeSheet(page);
}

async function background({ page }: ChatPage): Promise<string> {
  return await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

async function wordsOf(page: ChatPage, pattern: RegExp): Promise<string[]> {
  const text = (await page.messages()).map(({ words }) => words).join('\n');
  return text.match(pattern) ?? [];
}

describe('Firefox', { skip }, async () => {
  const firefox = await openFirefox({ after });
  /** The fixture of all tests. Each test opens a page and a terminal of its own. */
  const shared = await place({ after });
  const scene = (t: TestContext) => come(t, shared);

  test("page, terminal and a Chromium receive each other's messages, without a console error", async (t) => {
    const { terminal, open } = await scene(t);
    const [page, other] = [await open(firefox), await open(await openBrowser(t))];
    terminal.send('desde la terminal\n');
    await other.send('desde Chromium');
    for (const words of ['desde la terminal', 'desde Chromium']) await page.shows(words);
    await page.setNickname('Ana');
    await page.send('desde Firefox');
    await page.showsReceipt('desde Firefox');
    await other.shows('desde Firefox');
    await terminal.receives(`${await page.address()} dice: <Ana> desde Firefox\n`);
    assert.deepEqual(page.complaints, []);
  });

  test('own message shows as being sent at once, and as received once the room has repeated it', {
    skip: process.platform === 'win32' && 'a process can not be stopped here',
  }, async (t) => {
    const own = await place(t);
    const { open } = await come(t, own);
    const page = await open(firefox);
    await own.room.program.freeze();
    await page.send('¿me oís?');
    await page.showsState('¿me oís?', 'Enviando…');
    own.room.program.wake();
    await page.showsReceipt('¿me oís?');
  });

  test('search finds a message and leads to it', async (t) => {
    const { terminal, open } = await scene(t);
    const page = await open(firefox);
    terminal.send('nos vemos en el café\n');
    await page.shows('nos vemos');
    await page.button('Buscar').click();
    await page.page.getByRole('searchbox').fill('cafe');
    const result = page.page.getByRole('search').getByRole('listitem');
    assert.equal(await result.locator('mark').textContent(), 'café');
    await result.getByRole('button').click();
    await page.log.locator('chat-message.found').getByText('nos vemos').waitFor();
    await page.page.getByRole('search').waitFor({ state: 'detached' });
  });

  test('page with a passphrase is let in, downloads the transcript and is remembered', async (t) => {
    const room = await builtRoom(t);
    const { url } = await startGateway(t, room.port, { ACCESS_CODE: 'sésamo' });
    const context = await firefox.newContext({ locale: 'es-ES' });
    t.after(() => context.close());
    const page = new ChatPage(await context.newPage());
    await page.page.goto(url);
    await page.page.getByLabel('Contraseña de la sala').fill('Sésamo ');
    await page.page.keyboard.press('Enter');
    await page.address();
    await page.send('para casa');
    await page.showsReceipt('para casa');
    await page.chooseFromMenu('Guardar o imprimir');
    const [download] = await Promise.all([
      page.page.waitForEvent('download'),
      page.page.locator('a[download="tertulia.txt"]').click(),
    ]);
    assert.equal(download.suggestedFilename(), 'tertulia.txt');
    assert.equal(await download.failure(), null);
    await page.page.reload();
    await page.shows('para casa');
    assert.deepEqual(await context.cookies(), []);
  });

  test('each sheet opens, works by keyboard and closes', async (t) => {
    const { open } = await scene(t);
    const page = await open(firefox);
    for (const name of ['Quién está aquí', 'Invitar', 'Ajustes', 'Ayuda']) {
      const button = page.button(name);
      if (await button.isVisible()) await button.click();
      else await page.chooseFromMenu(name);
      await page.page.getByRole('dialog', { name }).waitFor();
      await page.page.locator('side-sheet .content > :not(.part)').waitFor();
      await closeSheet(page);
    }
    assert.deepEqual(page.complaints, []);
  });

  test('colours and language change in the settings and persist', async (t) => {
    const { open } = await scene(t);
    const page = await open(firefox);
    await chooseInSettings(page, 'Claro');
    const light = await background(page);
    await chooseInSettings(page, 'Oscuro');
    const dark = await background(page);
    assert.notEqual(dark, light);
    await chooseInSettings(page, 'English');
    const composer = page.page.getByRole('textbox', { name: 'Message' });
    await composer.waitFor();
    await page.page.reload();
    await composer.waitFor();
    assert.equal(await background(page), dark);
  });

  test('composer completes a command and a name by keyboard alone', async (t) => {
    const { terminal, open } = await scene(t);
    const page = await open(firefox);
    terminal.send('<Anselmo> hola\n');
    await page.shows('hola');
    const list = page.page.getByRole('listbox', { name: 'Sugerencias' });
    for (const [typed, option, written] of [
      ['/ni', '/nick', '/nick '],
      ['gracias @ans', 'Anselmo', 'gracias @Anselmo '],
    ] as const) {
      await page.composer.fill('');
      await page.composer.pressSequentially(typed);
      await list.getByRole('option', { name: option }).waitFor();
      await page.composer.press('Tab');
      await list.waitFor({ state: 'detached' });
      await page.holds(written);
    }
  });

  test('page loses no message and keeps its address when its connection is cut repeatedly', async (t) => {
    const { way, terminal, open } = await scene(t);
    const page = await open(firefox);
    const address = await page.address();
    const { mine, others, last } = await talkThroughCuts(page, terminal, way);
    await page.showsReceipt(last);
    await eventually(
      async () => (await wordsOf(page, /suya-\d+;/g)).length >= others.length,
      () => 'not all words of the terminal came',
    );
    assert.deepEqual(terminal.received.match(/mía-\d+;/g), mine);
    assert.deepEqual(await wordsOf(page, /mía-\d+;/g), mine);
    assert.deepEqual(await wordsOf(page, /suya-\d+;/g), others);
    assert.equal(await page.address(), address);
  });

  test('page keeps its address, name, draft and log across a reload', async (t) => {
    const { terminal, open } = await scene(t);
    const page = await open(firefox);
    const address = await page.address();
    await page.setNickname('Ana');
    await page.send('antes');
    await page.showsReceipt('antes');
    await page.composer.fill('a medio escr');
    await page.page.reload();
    assert.equal(await page.address(), address);
    assert.equal(await page.nickname.inputValue(), 'Ana');
    await page.holds('a medio escr');
    await page.send('después');
    await page.showsReceipt('después');
    assert.deepEqual(await wordsOf(page, /antes|después/g), ['antes', 'después']);
    await terminal.receives(`${address} dice: <Ana> después\n`);
  });
});
