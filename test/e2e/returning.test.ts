/**
 * Reconnecting: a page loses and doubles no message, whatever happens between it and the gateway.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { BACKOFF_MAX_MS, SILENCE_MS } from '../../connection/connection.ts';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, launchGateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openCachingBrowser, openPage, openTab } from '../helpers/page/browser.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

/** Interval between two messages of the constant speaker, ms. */
const TALK_INTERVAL_MS = 10;

const browser = await openBrowser({ after });
/** The fixture of the tests that need no empty log and count no people. */
const shared = await builtRoom({ after });
const sharedGateway = await startGateway({ after }, shared.port);

interface Scene {
  roomPort: number;
  gateway: Gateway;
  /** A proxy between the browser and the gateway. */
  way: TcpProxy;
  terminal: TcpClient;
  /** Opens a browser of its own, whose pages have joined before they are returned. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>;
  open(options?: BrowserContextOptions): Promise<ChatPage>;
}

async function ownScene(t: TestContext): Promise<Scene> {
  const room = await builtRoom(t);
  return await sceneAt(t, room.port, await startGateway(t, room.port));
}

async function sharedScene(t: TestContext, ofBrowser?: Browser): Promise<Scene> {
  return await sceneAt(t, shared.port, sharedGateway, ofBrowser);
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

let talkers = 0;

/** A terminal that sends numbered messages without end, under a name of its own, because tests share a log. */
class Talker {
  readonly name = `t${++talkers}`;
  count = 0;
  readonly #terminal: TcpClient;
  #timer: NodeJS.Timeout | undefined;

  constructor(t: TestContext, terminal: TcpClient) {
    this.#terminal = terminal;
    this.goOn();
    t.after(() => this.rest());
  }

  goOn(): void {
    this.#timer = setInterval(() => this.#terminal.send(`${this.name}-${++this.count};\n`), TALK_INTERVAL_MS);
  }

  /** Checks that the messages since then are drawn, in order, among the newest. */
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

  /** Scrolls the page from its end to its beginning and expects every number once, in order. */
  async isHeardInFull(page: ChatPage): Promise<void> {
    this.rest();
    this.#terminal.send(`${this.name}-fin;\n`);
    await page.shows(`${this.name}-fin;`);
    let last = this.count;
    for (;;) {
      const seen = await this.numbersIn(page);
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
          await page.log.press('Home'); // Loading older messages keeps the scroll position.
          return ((await this.numbersIn(page))[0] ?? 0) < first;
        },
        () => `nothing is above ${first}`,
      );
      last = first;
    }
  }

  /** Waits for that number or a later one, because a busy log shows only the newest. */
  async isHeardUpTo(page: ChatPage, number: number): Promise<void> {
    await eventually(
      async () => ((await this.numbersIn(page)).at(-1) ?? 0) >= number,
      () => `the page has not heard ${number}`,
    );
  }

  /** The numbers of the drawn messages, in order. */
  async numbersIn(page: ChatPage): Promise<number[]> {
    const drawn = await words(page, new RegExp(`${this.name}-\\d+;`, 'g'));
    return drawn.map((word) => Number.parseInt(word.slice(this.name.length + 1), 10));
  }
}

/** The parts of the drawn messages that match, in order. */
async function words(page: ChatPage, pattern: RegExp): Promise<string[]> {
  // Faster than a search by roles, which the talkers' tests would repeat for each of hundreds of messages.
  const text = (await page.page.locator('chat-message .words').allTextContents()).join('\n');
  return [...text.matchAll(pattern)].map(([match]) => match);
}

async function isOffline(page: ChatPage): Promise<void> {
  await page.showsStatus('Sin conexión. Lo que escribas se enviará al volver.');
}

/** Loses the connection until the page says so, and lets it reconnect. */
async function loseConnection(page: ChatPage, way: TcpProxy): Promise<void> {
  way.close();
  await isOffline(page);
  way.open();
}

/** Interval between two checks whether the page reconnects after its clock was advanced, ms. */
const TURN_TAKES_MS = 250;

/** Failures after which the page waits half a minute before its next attempt. */
async function hasAlmostGivenUp(page: ChatPage, way: TcpProxy): Promise<void> {
  way.close();
  await isOffline(page);
  for (let attempt = 0; attempt < 7; attempt++) {
    const seen = way.refused;
    const isRefusedAgain = () =>
      eventually(() => way.refused > seen, String, TURN_TAKES_MS).catch(() => false);
    await eventually(
      async () => {
        // The clock is advanced again, because the page may not have noticed the refusal before.
        await page.page.clock.fastForward(BACKOFF_MAX_MS);
        return await isRefusedAgain();
      },
      () => `${way.refused} came to the door, and no more`,
    );
  }
}

/** Opens pages whose clock can be advanced and whose random waits are the longest. */
async function openPatient(context: BrowserContext, url: string): Promise<ChatPage> {
  await context.clock.install();
  await context.addInitScript(() => {
    Math.random = () => 0.999;
  });
  return await openTab(context, url);
}

test('page reconnects after a cut, at the same address, with every message once', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  for (let i = 0; i < 3; i++) {
    await talker.says(50);
    await loseConnection(page, way);
    assert.equal(await page.address(), address);
  }
  await talker.isHeardInFull(page);
});

test('messages in flight when the connection is cut are sent once', async (t) => {
  const { way, terminal, open } = await sharedScene(t);
  // The window is high enough to draw all of them.
  const page = await open({ viewport: { width: 1280, height: 2_400 } });
  for (let i = 1; i <= 20; i++) {
    await page.send(`mía-${i};`);
    if (i % 4 === 0) way.cut();
  }
  const all = Array.from({ length: 20 }, (_, index) => `mía-${index + 1};`);
  await terminal.receives('mía-20;');
  await page.showsReceipt('mía-20;');
  assert.deepEqual(terminal.received.match(/mía-\d+;/g), all);
  await eventually(
    async () => (await page.log.locator('.mine:not(.pending)').count()) === all.length,
    () => 'not all words are marked as heard',
  );
  assert.deepEqual(await words(page, /mía-\d+;/g), all);
});

test('page that is cut again while it catches up loses nothing', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const talker = new Talker(t, terminal);
  await talker.isHeardUpTo(page, 20);
  way.close();
  await isOffline(page);
  await talker.says(300);
  way.open();
  for (const bytes of [2_000, 9_000, 500]) {
    const isCut = way.cutAfter(bytes);
    await page.page.clock.fastForward(BACKOFF_MAX_MS);
    await isCut;
    await isOffline(page);
  }
  await page.page.clock.fastForward(BACKOFF_MAX_MS);
  await page.address();
  await talker.isHeardInFull(page);
});

test('page that was away since it joined an empty room receives all messages', async (t) => {
  const { way, terminal, open } = await ownScene(t);
  const page = await open();
  way.close();
  await isOffline(page);
  const talker = new Talker(t, terminal);
  await talker.says(150);
  way.open();
  await page.address();
  await talker.isHeardInFull(page);
});

test('silent connection is detected and replaced, and its late bytes change nothing', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  await talker.says(50);
  await talker.isHeardUpTo(page, 50);

  way.stall();
  await page.send('¿se me oye?');
  await talker.says(50);
  talker.rest();
  await page.showsStatus(address);
  await page.page.clock.fastForward(SILENCE_MS);
  await page.page.clock.fastForward(SILENCE_MS);
  await page.log.getByText('Has vuelto como').waitFor();
  assert.equal(await page.address(), address);
  await page.showsReceipt('¿se me oye?');

  way.resume();
  talker.goOn();
  await talker.says(20);
  await talker.isHeardInFull(page);
  await terminal.receives('¿se me oye?');
  assert.equal(terminal.received.split('¿se me oye?').length, 2);
});

test('page reconnects at once when its device is online again', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const device = await context();
  const page = await openPatient(device, way.url);
  const address = await page.address();
  const talker = new Talker(t, terminal);
  await talker.says(20);
  await hasAlmostGivenUp(page, way);
  await device.setOffline(true);
  way.open();
  await page.send('escrito sin red');
  await page.showsState('escrito sin red', 'Pendiente');
  assert.equal(await page.page.evaluate(() => navigator.onLine), false);

  talker.rest();
  await device.setOffline(false);
  assert.equal(await page.address(), address);
  await page.showsReceipt('escrito sin red');
  await talker.isHeardInFull(page);
});

test('reloaded page keeps its address, name, draft and waiting messages', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const address = await page.address();
  await page.setNickname('Ana');
  await page.send('antes');
  await page.showsReceipt('antes');
  await hasAlmostGivenUp(page, way);
  await page.send('esperé');
  await page.showsState('esperé', 'Pendiente');
  await page.composer.fill('a medio escr');

  way.open();
  await page.page.reload();
  assert.equal(await page.address(), address);
  assert.equal(await page.nickname.inputValue(), 'Ana');
  await page.holds('a medio escr');
  await page.showsReceipt('esperé');
  assert.deepEqual(await words(page, /antes|esperé/g), ['antes', 'esperé']);
  await terminal.receives('<Ana> esperé\n');
  assert.deepEqual(terminal.received.match(/<Ana> \S+/g), ['<Ana> antes', '<Ana> esperé']);
});

test('reloaded page shows all messages since it was last connected', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
  const page = await openPatient(await context(), way.url);
  const talker = new Talker(t, terminal);
  await talker.isHeardUpTo(page, 5);
  await hasAlmostGivenUp(page, way);
  await talker.says(150);
  way.open();
  await page.page.reload();
  await page.address();
  await talker.isHeardInFull(page);
});

test('page that is reloaded repeatedly stays one person in the room', async (t) => {
  const { gateway, terminal, open } = await ownScene(t);
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

test('second tab of a browser is the same person, with an address of its own', async (t) => {
  const { way, context } = await sharedScene(t);
  const one = await context();
  const left = await openTab(one, way.url);
  const address = await left.address();
  await left.setNickname('Ana');
  await left.send('de la izquierda');
  await left.showsReceipt('de la izquierda');
  const right = await openTab(one, way.url);
  assert.notEqual(await right.address(), address);
  assert.equal(await right.nickname.inputValue(), 'Ana');
  await right.showsReceipt('de la izquierda');
  await right.send('de la derecha');
  await left.shows('de la derecha');
  assert.equal(await left.address(), address);
  assert.equal(await left.log.getByText('Has vuelto').count(), 0);
});

function countSockets(page: Page): { count: number } {
  const sockets = { count: 0 };
  page.on('websocket', () => sockets.count++);
  return sockets;
}

test('duplicated tab gets a session of its own, and the two do not compete', async (t) => {
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
  await first.log.getByText('Has vuelto como').waitFor();
  assert.notEqual(await first.address(), await second.address());

  for (let round = 1; round <= 10; round++) {
    await first.send(`primera-${round};`);
    await second.send(`segunda-${round};`);
    await Promise.all([first.showsReceipt(`primera-${round};`), second.showsReceipt(`segunda-${round};`)]);
  }
  for (const last of ['primera-10;', 'segunda-10;']) await terminal.receives(last);
  assert.equal(terminal.received.match(/(primera|segunda)-\d+;/g)?.length, 20);
  assert.equal(terminal.received.match(/soy una/g)?.length, 1);
  assert.ok(
    sockets.every(({ count }) => count <= 2),
    JSON.stringify(sockets),
  );
});

test('page joins and reconnects in a browser that refuses storage', async (t) => {
  const { way, terminal, context } = await sharedScene(t);
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
  await loseConnection(page, way);
  assert.equal(await page.address(), address);
  await talker.isHeardInFull(page);
  assert.deepEqual(
    page.complaints.filter((complaint) => complaint.includes('refused')),
    [],
  );
});

test("page resumes from the browser's back-forward cache", async (t) => {
  const caching = await openCachingBrowser(t);
  const { gateway, terminal, context } = await sharedScene(t, caching);
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

test('frozen tab receives everything when it wakes, whether its connection survived or not', async (t) => {
  const { way, terminal, open } = await sharedScene(t);
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

test('pages resume after a restart of the gateway, and waiting messages are sent once', async (t) => {
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
    await page.showsState('entretanto-2;', 'Pendiente');
  }
  await launchGateway(t, roomPort, { DATA_DIR: folder, HTTP_PORT: `${gateway.port}` });
  for (const page of pages) {
    await page.showsReceipt('entretanto-2;');
    await page.send('después;');
    await page.showsReceipt('después;');
  }
  const said = ['antes', 'entretanto-1', 'entretanto-2', 'después'];
  for (const [index, name] of ['Ana', 'Bea'].entries()) {
    await terminal.receives(`<${name}> después;\n`);
    const own = terminal.received.match(new RegExp(`<${name}> \\S+`, 'g'));
    assert.equal(own?.length, said.length);
    const seen = (await pages[index]?.messages())?.filter(({ who }) => who.startsWith('Tú'));
    assert.deepEqual(
      seen?.map((message) => message.words),
      [`antes-${name};`, ...said.slice(1).map((word) => `${word};`)],
    );
  }
});
