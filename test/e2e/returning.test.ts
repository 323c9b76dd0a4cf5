/**
 * Coming back: whatever happens to the way between a page and the gateway, no word is lost or doubled.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { BACKOFF_CAP_MS, SILENCE_MS } from '../../web/connection/connection.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, launchGateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage, openTab } from '../helpers/page/browser.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

/** Time between two messages of the one who talks on, ms. */
const TALK_EVERY = 10;

const browser = await openBrowser({ after });
/** For those whose log need not be read from its beginning, nor who is in the room be counted. */
const shared = await builtRoom({ after });
const sharedGateway = await startGateway({ after }, shared.port);

interface Scene {
  roomPort: number;
  gateway: Gateway;
  /** Between the browser and the gateway. */
  way: TcpProxy;
  terminal: TcpClient;
  /** A browser of its own, whose pages are let in before they are looked at. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  open(options?: BrowserContextOptions): Promise<ChatPage>;
}

async function scene(t: TestContext, ofBrowser?: Browser): Promise<Scene> {
  const room = await builtRoom(t);
  return await sceneAt(t, room.port, await startGateway(t, room.port), ofBrowser);
}

async function sharedScene(t: TestContext): Promise<Scene> {
  return await sceneAt(t, shared.port, sharedGateway);
}

async function sceneAt(
  t: TestContext,
  roomPort: number,
  gateway: Gateway,
  ofBrowser: Browser = browser,
): Promise<Scene> {
  const way = await openProxy(t, gateway.port);
  const context = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const opened = await ofBrowser.newContext({ locale: 'es-ES', ...options });
    t.after(() => opened.close());
    return opened;
  };
  return {
    roomPort,
    gateway,
    way,
    terminal: await enter(t, roomPort),
    context,
    open: async (options) => await openTab(await context(options), way.url),
  };
}

/** Somebody who talks on and on, in numbers. */
class Talker {
  count = 0;
  readonly #terminal: TcpClient;
  #timer: NodeJS.Timeout | undefined;

  constructor(t: TestContext, terminal: TcpClient) {
    this.#terminal = terminal;
    this.goOn();
    t.after(() => this.rest());
  }

  goOn(): void {
    this.#timer = setInterval(() => this.#terminal.send(`n-${++this.count};\n`), TALK_EVERY);
  }

  /** What is said meanwhile stays among the newest, which are all that is drawn. */
  rest(): void {
    clearInterval(this.#timer);
  }

  async says(more: number): Promise<void> {
    const end = this.count + more;
    await eventually(
      () => this.count >= end,
      () => `said ${this.count} of ${end}`,
    );
  }

  /** And whoever reads the page from its end to its beginning finds every number, once, in order. */
  async isHeardInFull(page: ChatPage): Promise<void> {
    this.rest();
    this.#terminal.send('fin;\n');
    await page.shows('fin;');
    let last = this.count;
    for (;;) {
      const seen = await numbers(page);
      const first = seen[0] ?? 0;
      assert.deepEqual(
        seen,
        Array.from(seen, (_, index) => first + index),
      );
      assert.ok(seen.includes(last), `${last} is not in ${first} ... ${seen.at(-1)}`);
      assert.equal(await page.log.getByText(/^Faltan? \d/).count(), 0);
      if (first === 1) return;
      await eventually(
        async () => {
          await page.log.press('Home'); // again: what is loaded above keeps the reading place where it was
          return ((await numbers(page))[0] ?? 0) < first;
        },
        () => `nothing is above ${first}`,
      );
      last = first;
    }
  }
}

async function numbers(page: ChatPage): Promise<number[]> {
  return (await words(page, /n-\d+;/g)).map((word) => Number.parseInt(word.slice(2), 10));
}

/** That number or a later one: a busy log shows only the newest. */
async function hearsUpTo(page: ChatPage, number: number): Promise<void> {
  await eventually(
    async () => ((await numbers(page)).at(-1) ?? 0) >= number,
    () => `the page has not heard ${number}`,
  );
}

/** What of all words that are shown looks like this, in order. */
async function words(page: ChatPage, pattern: RegExp): Promise<string[]> {
  const text = (await page.messages()).map((message) => message.words).join('\n');
  return [...text.matchAll(pattern)].map(([match]) => match);
}

async function isOffline(page: ChatPage): Promise<void> {
  await page.showsStatus('Sin conexión: tus palabras esperan');
}

/** Until the page comes to the door after a turn of its clock, or the clock is turned again, ms. */
const TURN_TAKES_MS = 250;

/** The page has failed so often that it will not try again soon: without help it waits half a minute. */
async function hasAlmostGivenUp(page: ChatPage, way: TcpProxy): Promise<void> {
  way.close();
  await isOffline(page);
  for (let attempt = 0; attempt < 7; attempt++) {
    const seen = way.refused;
    const isRefusedAgain = () =>
      eventually(() => way.refused > seen, String, TURN_TAKES_MS).catch(() => false);
    await eventually(
      async () => {
        // A turn is for nothing if the page has not seen yet that it was turned away.
        await page.page.clock.fastForward(BACKOFF_CAP_MS);
        return await isRefusedAgain();
      },
      () => `${way.refused} came to the door, and no more`,
    );
  }
}

/** Pages whose clock can be turned, and whose random waits are the longest. */
async function openPatient(context: BrowserContext, url: string): Promise<ChatPage> {
  await context.clock.install();
  await context.addInitScript(() => {
    Math.random = () => 0.999;
  });
  return await openTab(context, url);
}

test('a cut connection comes back by itself, at the same address, with every word once', async (t) => {
  const { way, terminal, context } = await scene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  for (let i = 0; i < 3; i++) {
    await talker.says(50);
    way.cut();
    await isOffline(page);
    assert.equal(await page.address(), address);
  }
  await talker.isHeardInFull(page);
});

test('words that were on their way when the connection was cut are said once', async (t) => {
  const { way, terminal, open } = await sharedScene(t);
  // So high that all of them are drawn.
  const page = await open({ viewport: { width: 1280, height: 2_400 } });
  for (let i = 1; i <= 20; i++) {
    await page.send(`mía-${i};`);
    if (i % 4 === 0) way.cut();
  }
  const all = Array.from({ length: 20 }, (_, index) => `mía-${index + 1};`);
  await terminal.receives('mía-20;', 30_000);
  await page.showsReceipt('mía-20;');
  assert.deepEqual(terminal.received.match(/mía-\d+;/g), all);
  await eventually(
    async () => (await page.log.getByRole('img', { name: 'Oído en la sala' }).count()) === all.length,
    () => 'not all words are marked as heard',
  );
  assert.deepEqual(await words(page, /mía-\d+;/g), all);
});

test('a connection cut again while it catches up loses nothing', async (t) => {
  const { way, terminal, context } = await scene(t);
  const page = await openPatient(await context(), way.url);
  const talker = new Talker(t, terminal);
  await hearsUpTo(page, 20);
  way.close();
  await isOffline(page);
  await talker.says(300);
  way.open();
  for (const bytes of [2_000, 9_000, 500]) {
    const isCut = way.cutAfter(bytes);
    await page.page.clock.fastForward(BACKOFF_CAP_MS);
    await isCut;
    await isOffline(page);
  }
  await page.page.clock.fastForward(BACKOFF_CAP_MS);
  await page.address();
  await talker.isHeardInFull(page);
});

test('a page away since it joined an empty room hears all that was said meanwhile', async (t) => {
  const { way, terminal, open } = await scene(t);
  const page = await open();
  way.close();
  await isOffline(page);
  const talker = new Talker(t, terminal);
  await talker.says(150);
  way.open();
  await page.address();
  await talker.isHeardInFull(page);
});

test('a connection gone silent is found out and replaced, and its late words change nothing', async (t) => {
  const { way, terminal, context } = await scene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  await talker.says(50);
  await hearsUpTo(page, 50);

  way.stall();
  await page.send('¿se me oye?');
  await talker.says(50);
  talker.rest();
  await page.showsStatus(address);
  await page.page.clock.fastForward(SILENCE_MS);
  await page.page.clock.fastForward(SILENCE_MS);
  await page.log.getByText('De vuelta, como').waitFor();
  assert.equal(await page.address(), address);
  await page.showsReceipt('¿se me oye?');

  way.resume();
  talker.goOn();
  await talker.says(20);
  await talker.isHeardInFull(page);
  assert.equal(terminal.received.split('¿se me oye?').length, 2);
});

test('a page comes back at once when its device is online again', async (t) => {
  const { way, terminal, context } = await scene(t);
  const device = await context();
  const page = await openPatient(device, way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  await talker.says(20);
  await hasAlmostGivenUp(page, way);
  await device.setOffline(true);
  way.open();
  await page.send('escrito sin red');
  await page.showsState('escrito sin red', 'En espera');
  assert.equal(await page.page.evaluate(() => navigator.onLine), false);

  talker.rest();
  await device.setOffline(false);
  assert.equal(await page.address(), address);
  await page.showsReceipt('escrito sin red');
  await talker.isHeardInFull(page);
});

test('a reloaded page keeps its address, its name, its draft and the words that waited', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  await page.setNickname('Ana');
  await page.send('antes');
  await page.showsReceipt('antes');
  await hasAlmostGivenUp(page, way);
  await page.send('esperé');
  await page.showsState('esperé', 'En espera');
  await page.composer.fill('a medio escr');

  way.open();
  await page.page.reload();
  assert.equal(await page.address(), address);
  assert.equal(await page.nickname.inputValue(), 'Ana');
  assert.equal(await page.composer.inputValue(), 'a medio escr');
  await page.showsReceipt('esperé');
  assert.deepEqual(await words(page, /antes|esperé/g), ['antes', 'esperé']);
  assert.deepEqual(terminal.received.match(/<Ana> \S+/g), ['<Ana> antes', '<Ana> esperé']);
});

test('a reloaded page hears all that was said since it was last connected', async (t) => {
  const { way, terminal, context } = await scene(t);
  const page = await openPatient(await context(), way.url);
  const talker = new Talker(t, terminal);
  await hearsUpTo(page, 5);
  await hasAlmostGivenUp(page, way);
  await talker.says(150);
  way.open();
  await page.page.reload();
  await page.address();
  await talker.isHeardInFull(page);
});

test('a page that is reloaded again and again stays one member', async (t) => {
  const { gateway, terminal, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  const talker = new Talker(t, terminal);
  for (let i = 0; i < 5; i++) {
    await page.page.reload();
    assert.equal(await page.address(), address);
  }
  await talker.isHeardInFull(page);
  await gateway.metricReaches('tertulia_sessions', 1);
});

test('two tabs of one browser are two members, and neither knows of the other', async (t) => {
  const { way, context } = await sharedScene(t);
  const one = await context();
  const left = await openTab(one, way.url);
  const address = await left.address();
  await left.setNickname('Ana');
  await left.send('de la izquierda');
  await left.showsReceipt('de la izquierda');
  const right = await openTab(one, way.url);
  assert.notEqual(await right.address(), address);
  assert.equal(await right.nickname.inputValue(), '');
  await right.shows('de la izquierda');
  await right.send('de la derecha');
  await left.shows('de la derecha');
  assert.equal(await left.address(), address);
  assert.equal(await left.log.getByText('De vuelta').count(), 0);
});

function countSockets(page: Page): { count: number } {
  const sockets = { count: 0 };
  page.on('websocket', () => sockets.count++);
  return sockets;
}

test('a duplicated tab becomes somebody new, and the two do not fight', async (t) => {
  const { way, terminal, open } = await sharedScene(t);
  const first = await open();
  await first.setNickname('Ana');
  await first.send('soy una');
  await first.showsReceipt('soy una');
  const sockets = [countSockets(first.page)];

  const opening = first.page.context().waitForEvent('page');
  await first.page.evaluate((url) => void window.open(url), way.url);
  const second = new ChatPage(await opening);
  sockets.push(countSockets(second.page));
  assert.equal(await second.nickname.inputValue(), 'Ana');
  await first.log.getByText('De vuelta, como').waitFor();
  assert.notEqual(await first.address(), await second.address());

  for (let round = 1; round <= 10; round++) {
    await first.send(`primera-${round};`);
    await second.send(`segunda-${round};`);
    await Promise.all([first.showsReceipt(`primera-${round};`), second.showsReceipt(`segunda-${round};`)]);
  }
  assert.equal(terminal.received.match(/(primera|segunda)-\d+;/g)?.length, 20);
  assert.equal(terminal.received.match(/soy una/g)?.length, 1);
  assert.ok(
    sockets.every(({ count }) => count <= 2),
    JSON.stringify(sockets),
  );
});

test('a browser that refuses storage is in the room all the same, and comes back', async (t) => {
  const { way, terminal, context } = await scene(t);
  const refusing = await context();
  await refusing.addInitScript(`
    Object.defineProperty(window, 'sessionStorage', {
      get() { throw new DOMException('refused', 'SecurityError'); },
    });
  `);
  const page = await openPatient(refusing, way.url);
  await assert.rejects(
    page.page.evaluate(() => sessionStorage.length),
    /refused/,
  );
  const address = await page.address();
  await page.send('sin memoria');
  await page.showsReceipt('sin memoria');
  const talker = new Talker(t, terminal);
  way.cut();
  await isOffline(page);
  assert.equal(await page.address(), address);
  await talker.isHeardInFull(page);
  assert.deepEqual(
    page.complaints.filter((complaint) => complaint.includes('refused')),
    [],
  );
});

test("a page out of the browser's back-forward cache goes on where it was", async (t) => {
  const caching = await openBrowser(t, { ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  const { gateway, terminal, context } = await scene(t, caching);
  const page = await openTab(await context(), gateway.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  await talker.says(20);
  await page.page.evaluate(() => {
    addEventListener('pageshow', (event) => {
      document.documentElement.dataset.persisted = `${event.persisted}`;
    });
  });

  await page.page.goto(`${gateway.url}/healthz`);
  await talker.says(50);
  await page.page.goBack({ waitUntil: 'commit' });
  assert.equal(await page.address(), address);
  await talker.isHeardInFull(page);
  if ((await page.page.locator('html').getAttribute('data-persisted')) !== 'true')
    t.skip('this Chromium loaded the page anew');
});

test('a frozen tab hears everything when it wakes, whether its connection lived or not', async (t) => {
  const { way, terminal, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  const talker = new Talker(t, terminal);
  const tab = await page.page.context().newCDPSession(page.page);
  for (const happens of [() => {}, () => way.cut()]) {
    await talker.says(20);
    await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
    await talker.says(50);
    happens();
    await talker.says(50);
    await tab.send('Page.setWebLifecycleState', { state: 'active' });
    assert.equal(await page.address(), address);
  }
  await talker.isHeardInFull(page);
});

test('when the gateway is started again pages return, and words written meanwhile go out once', async (t) => {
  const { port: roomPort } = await builtRoom(t);
  const folder = dataDir(t);
  const gateway = await startGateway(t, roomPort, { DATA_DIR: folder });
  const terminal = await enter(t, roomPort);
  const pages: ChatPage[] = [];
  for (const name of ['Ana', 'Bea']) {
    const page = await openPage(browser, gateway.url);
    t.after(() => page.page.context().close());
    await page.setNickname(name);
    await page.send(`antes-${name};`);
    await page.showsReceipt(`antes-${name};`);
    pages.push(page);
  }

  await gateway.program.stop();
  for (const page of pages) {
    await isOffline(page);
    await page.send('entretanto-1;');
    await page.send('entretanto-2;');
    await page.showsState('entretanto-2;', 'En espera');
  }
  await launchGateway(t, roomPort, { DATA_DIR: folder, HTTP_PORT: `${gateway.port}` });
  for (const page of pages) {
    await page.showsReceipt('entretanto-2;');
    await page.send('después;');
    await page.showsReceipt('después;');
  }
  const said = ['antes', 'entretanto-1', 'entretanto-2', 'después'];
  for (const [index, name] of ['Ana', 'Bea'].entries()) {
    const own = terminal.received.match(new RegExp(`<${name}> \\S+`, 'g'));
    assert.equal(own?.length, said.length);
    const seen = (await pages[index]?.messages())?.filter(({ who }) => who.startsWith('Tú'));
    assert.deepEqual(
      seen?.map((message) => message.words),
      [`antes-${name};`, ...said.slice(1).map((word) => `${word};`)],
    );
  }
});
