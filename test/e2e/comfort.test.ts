/**
 * The page as a person prefers it: colours, text size, language, small screens and the system's own colours.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { findings } from '../helpers/page/axe.ts';
import { ChatPage, openBrowser, openPage, openTab } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
/** The fixture of all tests. Each test opens a page and a terminal of its own. */
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });

interface Scene {
  gateway: Gateway;
  terminal: TcpClient;
  open(options?: BrowserContextOptions): Promise<ChatPage>;
}

async function scene(t: TestContext): Promise<Scene> {
  const open = async (options: BrowserContextOptions = {}) => {
    const page = await openPage(browser, gateway.url, options);
    t.after(() => page.page.context().close());
    return page;
  };
  return { gateway, terminal: await enter(t, room.port), open };
}

async function openSettings({ page }: ChatPage): Promise<void> {
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name: /^(Ajustes|Settings)$/ }).click();
  await page.getByRole('dialog', { name: /^(Ajustes|Settings)$/ }).waitFor();
}

async function choose(page: ChatPage, choice: string, setting = ''): Promise<void> {
  await openSettings(page);
  await page.page
    .getByRole('group', { name: setting })
    .getByRole('radio', { name: choice, exact: true })
    .check();
  await page.page.keyboard.press('Escape');
  await page.page.getByRole('dialog').waitFor({ state: 'detached' });
}

interface Colours {
  paper: string;
  ink: string;
  frame: string;
}

async function coloursOf({ page }: { page: Page }): Promise<Colours> {
  return await page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    const frame = document.querySelector<HTMLMetaElement>('meta[name="theme-color"]')?.content ?? '';
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const [paper = '', ink = '', around = ''] = [backgroundColor, color, frame].map((colour) => {
      if (canvas) canvas.fillStyle = colour;
      canvas?.fillRect(0, 0, 1, 1);
      return [...(canvas?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3).join(' ');
    });
    return { paper, ink, frame: around };
  });
}

async function showsColours(page: ChatPage, paper: string, ink: string): Promise<void> {
  let seen: Colours | undefined;
  await eventually(
    async () => {
      seen = await coloursOf(page);
      return seen.paper === paper && seen.ink === ink && seen.frame === paper;
    },
    () => `the page shows ${JSON.stringify(seen)}, not ${paper} and ${ink}`,
  );
}

const LIGHT = ['247 242 232', '43 33 26'] as const;
const DARK = ['27 22 19', '239 229 214'] as const;
const BLACK_ON_WHITE = ['255 255 255', '0 0 0'] as const;
const WHITE_ON_BLACK = ['0 0 0', '255 255 255'] as const;

test("page follows the system's colours until others are chosen, browser frame included", async (t) => {
  const { open } = await scene(t);
  const page = await open({ colorScheme: 'light' });
  await showsColours(page, ...LIGHT);
  await choose(page, 'Oscuro');
  await showsColours(page, ...DARK);
  await choose(page, 'Alto contraste');
  await showsColours(page, ...BLACK_ON_WHITE);
  await page.page.emulateMedia({ colorScheme: 'dark' });
  await showsColours(page, ...WHITE_ON_BLACK);
  await choose(page, 'Claro');
  await showsColours(page, ...LIGHT);
  await page.page.reload();
  await showsColours(page, ...LIGHT);
  await choose(page, 'Automático', 'Tema');
  await showsColours(page, ...DARK);
});

test('page raises its contrast for a system that asks for more, in light and dark', async (t) => {
  const { open } = await scene(t);
  const page = await open({ colorScheme: 'light', contrast: 'more' });
  await showsColours(page, ...BLACK_ON_WHITE);
  await choose(page, 'Oscuro');
  await showsColours(page, ...WHITE_ON_BLACK);
});

class Signal {
  give = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}

test('page has its chosen colours and size before its main script has loaded', async (t) => {
  const { open } = await scene(t);
  const page = await open({ colorScheme: 'light' });
  await choose(page, 'Oscuro');
  await choose(page, 'Grande');
  const [asked, held] = [new Signal(), new Signal()];
  await page.page.route('**/assets/index-*.js', async (route) => {
    asked.give();
    await held.given;
    await route.continue();
  });
  const loaded = page.page.reload();
  await asked.given;
  let seen: string[] = [];
  await eventually(
    async () => {
      const { paper, ink } = await coloursOf(page);
      seen = [paper, ink];
      return paper === DARK[0] && ink === DARK[1];
    },
    () => `${seen}, without the page's script`,
  );
  assert.equal(await sizeOf(page.page.locator('html')), 20);
  held.give();
  await loaded;
  await page.address();
});

async function sizeOf(text: Locator): Promise<number> {
  return await text.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
}

test('text size changes everywhere as chosen, and nothing outgrows a small phone', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 320, height: 640 } });
  terminal.send(`<${'M'.repeat(24)}> hola ${'ancho'.repeat(40)}\n`);
  await page.shows('hola');
  const words = page.message('hola').locator('.words');
  for (const [choice, pixels] of [
    ['Pequeño', 14],
    ['Grande', 20],
    ['Muy grande', 24],
    ['Normal', 16],
  ] as const) {
    await choose(page, choice);
    assert.equal(await sizeOf(words), pixels);
    assert.ok((await sizeOf(page.composer)) >= pixels, choice);
    assert.equal(await page.page.evaluate(() => document.documentElement.scrollWidth), 320, choice);
    for (const part of [page.menu, page.button('Buscar'), page.button('Enviar'), page.nickname]) {
      const box = await part.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 320, `${choice}: ${JSON.stringify(box)}`);
    }
  }
});

test('log follows its newest messages at a zoom of 200% and in large text', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  await choose(page, 'Grande');
  for (let i = 1; i <= 10; i++) {
    terminal.send(`renglón ${i}\n`);
    await page.shows(`renglón ${i}`);
    await page.send(`palabra ${i}`);
    await page.showsReceipt(`palabra ${i}`);
    await page.isAtNewest();
  }
});

/** Every string of the page in that state, visible or for screen readers only. */
async function allWords({ page }: ChatPage): Promise<string[]> {
  return await page.evaluate(() => {
    const words: string[] = [];
    const roots: ParentNode[] = [document.body];
    for (const root of roots) {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) roots.push(element.shadowRoot);
        if (element.matches('style')) continue;
        for (const name of ['aria-label', 'title', 'placeholder'])
          words.push(element.getAttribute(name) ?? '');
        for (const node of element.childNodes)
          if (node.nodeType === Node.TEXT_NODE) words.push(node.nodeValue?.trim() ?? '');
      }
    }
    return words.filter((text) => /\p{L}/u.test(text)).map((text) => text.replaceAll(/\d+/g, '#'));
  });
}

test('language switches live in every text and date, and nothing is lost', async (t) => {
  const { terminal, open } = await scene(t);
  const [page, english] = [await open(), await open({ locale: 'en-US' })];
  terminal.send('hola\n');
  await Promise.all([page.shows('hola'), english.page.getByText('hola', { exact: true }).waitFor()]);
  await page.composer.fill('a medias');
  await english.page.getByRole('textbox', { name: 'Message' }).fill('a medias');
  const address = await page.address();
  await choose(page, 'English');

  await page.page.getByRole('textbox', { name: 'Message' }).waitFor();
  assert.equal(await page.page.evaluate(() => document.documentElement.lang), 'en');
  assert.equal(await page.page.getByRole('textbox', { name: 'Message' }).inputValue(), 'a medias');
  assert.equal(await page.address(), address);
  await page.page.getByText(`You joined as ${address}`).waitFor();
  // The menu of a message is offered where the pointer is.
  await page.page.mouse.move(0, 0);
  let [switched, loaded]: string[][] = [];
  await eventually(
    async () => {
      [switched, loaded] = await Promise.all([allWords(page), allWords(english)]);
      return isDeepStrictEqual(switched, loaded);
    },
    () => `the page that switched shows ${switched}, the other ${loaded}`,
  );

  await page.page.reload();
  await page.page.getByRole('textbox', { name: 'Message' }).waitFor();
});

test('preferences chosen in one tab apply at once in the other tabs of the browser', async (t) => {
  const { gateway, open } = await scene(t);
  const here = await open({ colorScheme: 'light' });
  const there = await openTab(here.page.context(), gateway.url);
  await here.page.bringToFront();
  await choose(here, 'Oscuro');
  await showsColours(there, ...DARK);
  await choose(here, 'English');
  await there.page.getByRole('textbox', { name: 'Message' }).waitFor();
});

test('card explains a talking room to a newcomer until it is dismissed or a message is sent', async (t) => {
  const { gateway, terminal } = await scene(t);
  const context = await browser.newContext({ locale: 'es-ES', viewport: { width: 360, height: 640 } });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(gateway.url);
  await page.address();
  const card = page.page.getByRole('region', { name: 'Te damos la bienvenida' });
  terminal.send('hola a quien llega;\n');
  await page.shows('hola a quien llega;');
  await card.waitFor();
  assert.equal(await card.getByRole('listitem').count(), 3);
  const [above, log] = await Promise.all([card.boundingBox(), page.log.boundingBox()]);
  assert.ok(above && log && above.y + above.height <= log.y, 'it covers no message');
  assert.ok(above.height <= 120, `it takes ${above.height} px of a phone`);
  assert.deepEqual(await findings(page.page), []);
  await page.page.setViewportSize({ width: 360, height: 330 });
  await card.waitFor({ state: 'hidden' });
  await page.page.setViewportSize({ width: 360, height: 640 });
  await card.getByRole('button', { name: 'Entendido' }).press('Enter');
  await card.waitFor({ state: 'detached' });
  await eventually(
    () => page.composer.evaluate((input) => input.matches(':focus')),
    () => 'the focus is lost',
  );
  const saved = async () =>
    await page.page.evaluate(() => localStorage.getItem('tertulia-preferences') ?? '');
  assert.match(await saved(), /"card":"dismissed"/);

  await page.page.evaluate(() => localStorage.removeItem('tertulia-preferences'));
  await page.page.reload();
  await card.waitFor();
  await page.send('ya sé;');
  await card.waitFor({ state: 'detached' });
  assert.match(await saved(), /"card":"dismissed"/);
});

test('first message of an empty room brings no card to its sender', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(gateway.url);
  await page.address();
  await page.send('la primera;');
  await eventually(
    () => page.page.evaluate(() => /"card":"dismissed"/.test(localStorage['tertulia-preferences'] ?? '')),
    () => 'the card still waits for a message',
  );
  (await enter(t, room.port)).send('bienvenida;\n');
  await page.shows('bienvenida;');
  await page.page.getByRole('region', { name: 'Te damos la bienvenida' }).waitFor({ state: 'detached' });
});

test('preferences hold for the visit when the browser refuses storage, without an error', async (t) => {
  const { gateway } = await scene(t);
  const context = await browser.newContext({ locale: 'es-ES', colorScheme: 'light' });
  t.after(() => context.close());
  await context.addInitScript(`
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  `);
  const page = await openTab(context, gateway.url);
  await choose(page, 'Oscuro');
  await showsColours(page, ...DARK);
  assert.deepEqual(page.complaints, []);
});

test('page shows selection, presence and focus in forced colours', async (t) => {
  const { open } = await scene(t);
  const page = await open({ forcedColors: 'active' });
  const light = page.page.locator('.here .light');
  const [fill, paper] = await light.evaluate((element) => [
    getComputedStyle(element).backgroundColor,
    getComputedStyle(document.body).backgroundColor,
  ]);
  assert.notEqual(fill, paper);
  await page.button('Buscar').focus();
  await page.page.keyboard.press('Tab');
  const outline = await page
    .button('Quién está aquí')
    .evaluate((button) => getComputedStyle(button).outlineStyle);
  assert.equal(outline, 'solid');
  await openSettings(page);
  assert.ok(
    await page.page
      .getByRole('group', { name: 'Tema' })
      .getByRole('radio', { name: 'Automático' })
      .isChecked(),
  );
});

test('page has no motion when the system asks for reduced motion', async (t) => {
  const { open } = await scene(t);
  const page = await open({ reducedMotion: 'reduce' });
  await openSettings(page);
  const moving = await page.page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
});
