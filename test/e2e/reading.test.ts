/**
 * Messages as a reader sees them.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { readColors } from '../helpers/page/pixels.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
/** The fixture of all tests. Each test opens a page and a terminal of its own. */
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });
const shared = { url: gateway.url, roomPort: room.port };

interface Scene {
  url: string;
  terminal: TcpClient;
  other: TcpClient;
  open(options?: BrowserContextOptions): Promise<ChatPage>;
}

async function scene(t: TestContext, { url, roomPort } = shared): Promise<Scene> {
  const open = async (options: BrowserContextOptions = {}) => {
    const page = await openPage(browser, url, options);
    t.after(() => page.page.context().close());
    return page;
  };
  return { url, terminal: await enter(t, roomPort), other: await enter(t, roomPort), open };
}

/** A room without a past, because loaded history would move messages and be announced. */
async function emptyScene(t: TestContext): Promise<Scene> {
  const { port: roomPort } = await builtRoom(t);
  const { url } = await startGateway(t, roomPort);
  return await scene(t, { url, roomPort });
}

/** The messages that are drawn. */
function wordsOf(page: ChatPage, words: string): Locator {
  return page.message(words).locator('.words');
}

async function styleOf(part: Locator, property: string, pseudo?: string): Promise<string> {
  return await part.evaluate(
    (element, [property, pseudo]) => getComputedStyle(element, pseudo).getPropertyValue(property ?? ''),
    [property, pseudo] as const,
  );
}

test('messages of one speaker are grouped under one name until another speaks', async (t) => {
  const { terminal, other, open } = await scene(t);
  const page = await open();
  for (const [who, words] of [
    [terminal, 'uno;'],
    [terminal, 'dos;'],
    [other, 'tres;'],
    [terminal, 'cuatro;'],
  ] as const) {
    who.send(`${words}\n`);
    await page.shows(words);
  }
  const names = await page.log
    .getByRole('article')
    .evaluateAll((articles) =>
      articles.map((article) => article.querySelector('.address')?.textContent ?? ''),
    );
  assert.deepEqual(names.slice(-4), [terminal.address, '', other.address, terminal.address]);
});

test('times are local, with the full date on hover and on keyboard focus', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ timezoneId: 'Pacific/Auckland' });
  terminal.send('primero;\n');
  await page.shows('primero;');
  terminal.send('segundo;\n');
  await page.shows('segundo;');
  const time = page.message('primero;').getByRole('time');
  const saidAt = new Date((await time.getAttribute('datetime')) ?? '');
  assert.equal(
    (await time.textContent())?.padStart(5, '0'),
    saidAt.toLocaleTimeString('es-ES', { timeZone: 'Pacific/Auckland', timeStyle: 'short' }).padStart(5, '0'),
  );
  assert.match((await time.getAttribute('title')) ?? '', /^\p{L}+, \d+ de \p{L}+ de \d{4}, \d+:\d\d:\d\d$/u);

  await page.log.focus();
  await page.page.keyboard.press('Alt+ArrowUp');
  await page.page.keyboard.press('Alt+ArrowUp');
  const focused = page.log.locator('chat-message:focus-visible');
  await focused.filter({ hasText: 'primero;' }).waitFor();
  assert.match(await styleOf(focused, 'content', '::after'), /de \d{4}, \d+:\d\d:\d\d/);
  await page.page.keyboard.press('Alt+ArrowDown');
  await focused.filter({ hasText: 'segundo;' }).waitFor();
  await page.page.keyboard.press('Escape');
  await page.composer.and(page.page.locator(':focus')).waitFor();
});

test('web addresses are links that open in a tab without access to the page', async (t) => {
  const { url, terminal, open } = await scene(t);
  const page = await open();
  terminal.send(`mira ${url}/healthz, y www.example.org\n`);
  await page.shows('mira');
  const link = page.log.getByRole('link', { name: `${url}/healthz`, exact: true });
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
  const opened = page.page.context().waitForEvent('page');
  await link.click();
  const tab = await opened;
  await tab.waitForURL(`${url}/healthz`);
  assert.equal(await tab.evaluate(() => window.opener === null && document.referrer === ''), true);
  const bare = page.log.getByRole('link', { name: 'www.example.org', exact: true });
  assert.equal(await bare.getAttribute('href'), 'http://www.example.org');
});

test('links stay text when their code fails to load, and the next message retries it', async (t) => {
  const { terminal, open } = await emptyScene(t);
  const page = await open();
  const itsScript = /\/assets\/links-.*\.js/;
  await page.page.route(itsScript, (route) => route.abort());
  terminal.send('mira https://example.org/uno\n');
  await page.shows('/uno');
  await page.send('¿sigues ahí?');
  await page.showsReceipt('¿sigues ahí?');
  assert.equal(await page.log.getByRole('link').count(), 0);
  await page.page.unroute(itsScript);
  terminal.send('y https://example.org/dos\n');
  await page.log.getByRole('link', { name: 'https://example.org/dos' }).waitFor();
});

test('file names, other schemes and scripts are no links', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send(
    'http://example.org/ javascript:alert(1)//www. ftp://example.org server.py ana@example.org data:,x\n',
  );
  const found = wordsOf(page, 'server.py').getByRole('link');
  await found.first().waitFor();
  const links = await found.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.deepEqual(links, ['http://example.org/']);
});

test('links appear without moving anything', async (t) => {
  const { terminal, open } = await emptyScene(t);
  const page = await open();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.page.route(/links-/, async (route) => {
    await released;
    await route.continue();
  });
  terminal.send(`${'largo '.repeat(40)} https://example.org/${'a/'.repeat(60)} fin;\n`);
  await page.shows('fin;');
  await page.isAtNewest();
  const words = wordsOf(page, 'fin;');
  const before = await words.boundingBox();
  assert.equal(await page.log.getByRole('link').count(), 0);
  release();
  await page.log.getByRole('link').waitFor();
  assert.deepEqual(await words.boundingBox(), before);
});

test('code in backticks and indented text keep their white space and look like code', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send('usa `nc  127.0.0.1` así\n');
  terminal.send('    return  1\n');
  terminal.send('sin nada\n');
  await page.shows('sin nada');
  const code = wordsOf(page, 'usa').locator('code');
  assert.equal(await code.textContent(), 'nc  127.0.0.1');
  for (const part of [code, wordsOf(page, 'return')]) {
    assert.match(await styleOf(part, 'font-family'), /mono/i);
    assert.match(await styleOf(part, 'white-space'), /pre-wrap/);
  }
  assert.equal(await wordsOf(page, 'return').textContent(), '    return  1');
  assert.doesNotMatch(await styleOf(wordsOf(page, 'sin nada'), 'font-family'), /mono/i);
});

test('emojis by themselves are larger than emojis in a text', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send('👋🏽🎉\nhola 👋🏽\n');
  await page.shows('hola 👋🏽');
  const [alone, inText] = await Promise.all(
    ['🎉', 'hola'].map(async (words) => Number.parseFloat(await styleOf(wordsOf(page, words), 'font-size'))),
  );
  assert.equal(alone, 2 * (inText ?? 0));
});

test('right-to-left text starts at the right, and a link in it reads from the left', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send('مرحبا https://example.org/عربي بالعالم\n');
  const words = wordsOf(page, 'مرحبا');
  const link = words.getByRole('link');
  await link.waitFor();
  assert.equal(await styleOf(words, 'direction'), 'rtl');
  assert.equal(await styleOf(link, 'direction'), 'ltr');
});

test('message of 8,000 characters is folded, arrives whole, and unfolds when asked', async (t) => {
  const { open } = await scene(t);
  const [ana, bea] = [await open(), await open({ viewport: { width: 320, height: 640 } })];
  const text = `${'palabra '.repeat(999)}palabra;`;
  await ana.send(text);
  await ana.showsReceipt('palabra');
  for (const page of [ana, bea]) {
    const message = page.message('palabra');
    const unfold = message.getByRole('button', { name: `Mostrar todo (${text.length} caracteres)` });
    await unfold.waitFor();
    assert.ok(((await message.boundingBox())?.height ?? Number.POSITIVE_INFINITY) < 1_200);
    await unfold.click();
    const fold = message.getByRole('button', { name: 'Mostrar menos' });
    await fold.waitFor();
    assert.equal(await message.locator('.words').textContent(), text);
    await fold.click();
    await unfold.waitFor();
    assert.ok((await page.log.evaluate((log) => log.scrollWidth - log.clientWidth)) <= 0);
  }
});

/** Background of the number on the icon. */
const BADGE = '29,78,216';

/** Records the texts that the page draws into pictures from now on, in order. */
async function watchPens({ page }: ChatPage): Promise<() => Promise<string[]>> {
  const written = await page.evaluateHandle(() => {
    const texts: string[] = [];
    const { prototype } = CanvasRenderingContext2D;
    prototype.fillText = new Proxy(prototype.fillText, {
      apply(fillText, pen, args) {
        texts.push(args[0]);
        Reflect.apply(fillText, pen, args);
      },
    });
    return texts;
  });
  return () => written.jsonValue();
}

async function iconOf({ page }: ChatPage): Promise<string> {
  return await page.locator('link[rel="icon"]').evaluate((link) => (link as HTMLLinkElement).href);
}

test('unread messages are counted in title and icon, and a line marks the first', async (t) => {
  const { terminal, open } = await emptyScene(t);
  const page = await open();
  terminal.send('visto;\n');
  await page.shows('visto;');
  const plain = await iconOf(page);
  assert.ok(!(await readColors(page.page, plain)).has(BADGE));
  const written = await watchPens(page);
  await page.setVisible(false);
  const icons = new Set([plain]);
  for (const [i, words] of ['nuevo;', 'y otro;'].entries()) {
    terminal.send(`${words}\n`);
    await page.shows(words);
    await eventually(
      async () => (await page.page.title()) === `(${i + 1}) Tertulia` && !icons.has(await iconOf(page)),
      () => 'title and icon do not count',
    );
    icons.add(await iconOf(page));
    assert.ok((await readColors(page.page, await iconOf(page))).has(BADGE));
    assert.equal((await written()).at(-1), `${i + 1}`);
  }
  await page.setVisible(true);
  await eventually(
    async () => (await page.page.title()) === 'Tertulia' && (await iconOf(page)) === plain,
    () => 'title and icon still count',
  );
  const line = page.log.getByText('Mensajes nuevos', { exact: true });
  const above = await line.evaluate((line) => line.previousElementSibling?.textContent ?? '');
  const below = await line.evaluate((line) => line.nextElementSibling?.textContent ?? '');
  assert.match(above, /visto;/);
  assert.match(below, /nuevo;/);
  await page.send('leído');
  await line.waitFor({ state: 'detached' });
});

test('newcomer without history loads it, and has nothing unread', async (t) => {
  const { terminal, open } = await scene(t);
  const first = await open();
  terminal.send('dicho antes de ti;\n');
  await first.shows('dicho antes de ti;');
  const page = await open();
  await page.shows('dicho antes de ti;');
  await page.log.and(page.page.locator('[aria-busy="false"]')).waitFor();
  assert.equal(await page.message('dicho antes de ti;').count(), 1);
});

test('reloaded page draws the unread line above the messages sent meanwhile', async (t) => {
  const { terminal, other, open } = await scene(t);
  const page = await open();
  terminal.send('visto antes;\n');
  await page.shows('visto antes;');
  await page.page.goto('about:blank');
  terminal.send('entretanto;\n');
  await other.receives('entretanto;\n');
  await page.page.goBack();
  await page.shows('entretanto;');
  const line = page.log.getByText('Mensajes nuevos', { exact: true });
  assert.match(await line.evaluate((line) => line.nextElementSibling?.textContent ?? ''), /entretanto;/);
});

test('messages are announced one by one, and a burst by its number', async (t) => {
  const { terminal, open } = await emptyScene(t);
  const page = await open();
  const announces = async () => await page.log.getAttribute('aria-live');
  const announced = await page.log.evaluateHandle((log) => {
    const values: (string | null)[] = [];
    new MutationObserver(() => values.push(log.ariaLive)).observe(log, { attributeFilter: ['aria-live'] });
    return values;
  });
  terminal.send('uno solo;\n');
  await page.shows('uno solo;');
  await eventually(
    async () => (await announces()) === 'polite',
    () => 'a single message is not announced',
  );
  for (let i = 1; i <= 40; i++) terminal.send(`renglón ${i};\n`);
  await eventually(
    async () => (await announced.jsonValue()).includes('off'),
    () => 'each message of the burst is announced',
  );
  await page.shows('renglón 40;');
  await page.page
    .locator('chat-log [aria-live="polite"]')
    .getByText(/^\d+ mensajes nuevos$/)
    .waitFor();
  await eventually(
    async () => (await announces()) === 'polite',
    () => 'the burst does not end',
  );
});
