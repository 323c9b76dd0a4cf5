/**
 * The projector view: the conversation on a wall, and how to join it.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { REFRESH_MS } from '../../web/projector/projector.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, launchGateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

/** A name of this machine that is not a loopback address to the page. */
const COMPUTER = 'tertulia.lan';
const browser = await openBrowser({ after }, { args: [`--host-resolver-rules=MAP ${COMPUTER} 127.0.0.1`] });

interface Place {
  room: Awaited<ReturnType<typeof builtRoom>>;
  gateway: Gateway;
}

/** The fixture of the tests that do not change it. Each test opens a projector and a terminal of its own. */
const shared = await place({ after });

interface Scene extends Place {
  terminal: TcpClient;
  project(options?: BrowserContextOptions, prepare?: string): Promise<ChatPage>;
}

async function place(t: Cleanup): Promise<Place> {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port) };
}

async function scene(t: TestContext, { room, gateway } = shared): Promise<Scene> {
  const project = async (options: BrowserContextOptions = {}, prepare = '') => {
    const context = await browser.newContext({
      locale: 'es-ES',
      viewport: { width: 1280, height: 720 },
      ...options,
    });
    t.after(() => context.close());
    await context.addInitScript(prepare);
    const page = new ChatPage(await context.newPage());
    await page.page.goto(`http://${COMPUTER}:${gateway.port}/?view=projector`);
    await page.page.getByRole('img', { name: /QR/ }).waitFor();
    return page;
  };
  return { room, gateway, terminal: await enter(t, room.port), project };
}

test('projector shows new messages, stays at the newest, and has nothing to type or press', async (t) => {
  const { terminal, project } = await scene(t);
  const page = await project();
  for (let i = 1; i <= 40; i++) terminal.send(`renglón ${i}\n`);
  await page.shows('renglón 40');
  await page.isAtNewest();
  terminal.send('y uno más\n```\nls -l\n```\n');
  await page.shows('y uno más');
  await page.log.locator('pre').last().waitFor();
  const copying = await page.log
    .locator('copy-code')
    .last()
    .evaluate((button) => getComputedStyle(button).display);
  assert.equal(copying, 'none');
  await page.isAtNewest();
  // After a key a scroll may be a person's, unless the log changes its height and moves by itself.
  await page.page.keyboard.press('Shift');
  const below = await page.log.evaluate(async (log) => {
    for (const article of log.querySelectorAll('article')) article.style.minHeight = '5em';
    log.scrollTop -= 40;
    for (const _ of ['scroll event', 'resize observer']) await new Promise(requestAnimationFrame);
    return log.scrollHeight - log.scrollTop - log.clientHeight;
  });
  assert.ok(below < 2, `${below} pixels are below the screen`);
  for (const role of ['textbox', 'button', 'dialog'] as const) {
    assert.equal(await page.page.getByRole(role).count(), 0, role);
  }
  assert.deepEqual(page.complaints, []);
});

test('projector is not counted among the people in the room', async (t) => {
  const { room, gateway, terminal, project } = await scene(t, await place(t));
  const connections = () => room.program.output.match(/Conexión establecida/g)?.length;
  await room.program.prints(new RegExp(`Conexión establecida con .*${terminal.address.split(':')[1]}`));
  const before = connections();
  const page = await project();
  terminal.send('¿quién mira?\n');
  await page.shows('¿quién mira?');
  assert.equal(await gateway.metric('tertulia_sessions'), 0);
  assert.equal(connections(), before);
});

test('projector shows how to join: QR code, address, command for a terminal', async (t) => {
  const { room, gateway, terminal, project } = await scene(t, await place(t));
  const { page } = await project();
  const code = page.getByRole('img', { name: /QR/ });
  const heightOf = async () => (await code.boundingBox())?.height ?? 0;
  await eventually(
    async () => (await heightOf()) > 720 / 2,
    () => 'the way in does not fill the wall of an empty room',
  );
  terminal.send('ya hay charla\n');
  await page.getByText('ya hay charla').waitFor();
  assert.ok((await heightOf()) < 720 / 8);
  await page.getByText(`${COMPUTER}:${gateway.port}`, { exact: true }).waitFor();
  const command = page.getByText(`nc ${COMPUTER} ${room.port}`);
  await command.waitFor();
  await page.getByText('1 persona').waitFor();
  // An upright screen, too, has the command in one line.
  await page.setViewportSize({ width: 360, height: 640 });
  await eventually(
    async () => {
      const { height } = (await command.boundingBox()) ?? { height: Number.NaN };
      return height < 2 * (await textHeight(command));
    },
    () => 'the command for a terminal breaks',
  );
});

test('projector breaks a long address on the wall between its parts alone', async (t) => {
  const { project } = await scene(t, await place(t));
  const { page } = await project();
  const invitation = { lanUrls: [], room: { host: null, port: 12345 }, asksForCode: false };
  const hosts = [
    'portatil-profesora.aula.instituto-lope.es',
    'portatildelaprofesoraquedasistemas12.local',
    '[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]',
  ];
  for (const host of hosts) {
    await page.route('**/api/invite', (route) =>
      route.fulfill({ json: { ...invitation, publicUrl: `http://${host}:8080` } }),
    );
    await page.reload();
    await page.getByText(`nc ${host.replace(/^\[|\]$/g, '')} 12345`, { exact: true }).waitFor();
    for (const [width, height] of [
      [360, 740],
      [768, 1024],
      [1280, 720],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const way of await page.locator('.way').all())
        assert.deepEqual(await way.evaluate(brokenParts), [], `at ${width} pixels`);
    }
  }
});

/** Parts of an address, without the hyphens in them, that take more than a line or leave the screen. */
function brokenParts(way: Element): string[] {
  const texts = [...way.childNodes].filter((node) => node instanceof Text);
  return texts
    .flatMap((text) =>
      [...text.data.matchAll(/[^ -]+/g)].map(({ 0: part, index }) => ({ text, part, index })),
    )
    .filter(({ text, part, index }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + part.length);
      const lines = [...range.getClientRects()];
      return lines.length !== 1 || lines.some(({ right }) => right > innerWidth);
    })
    .map(({ part }) => part);
}

test('projector at localhost explains how to open it, and shows no code that leads nowhere', async (t) => {
  const { gateway, project } = await scene(t);
  const { page } = await project();
  await page.goto(`${gateway.url}/?view=projector`);
  await page.getByText('Abre esta vista con la dirección de red').waitFor();
  assert.equal(await page.getByRole('img', { name: /QR/ }).count(), 0);
  assert.equal(await page.getByText('nc 127.0.0.1').count(), 0);
});

test('upright projector at localhost begins at the edge, where its QR code would be', async (t) => {
  const { gateway, terminal, project } = await scene(t);
  const { page } = await project({ viewport: { width: 720, height: 1100 } });
  await page.goto(`${gateway.url}/?view=projector`);
  terminal.send('al borde\n');
  await page.getByText('al borde').waitFor();
  const header = page.locator('header');
  const left = async (part: Locator) => Math.round((await part.boundingBox())?.x ?? 0);
  const edge = await header.evaluate((one) =>
    Math.round(Number.parseFloat(getComputedStyle(one).paddingLeft)),
  );
  const explanation = page.getByText('Abre esta vista con la dirección de red');
  assert.deepEqual([await left(page.getByRole('heading')), await left(explanation)], [edge, edge]);
});

test('projector freezes, hides and enlarges by keys, and returns to the newest by itself', async (t) => {
  const { terminal, project } = await scene(t, await place(t));
  const page = await project();
  await page.page.clock.install();
  for (let i = 1; i <= 40; i++) terminal.send(`renglón ${i};\n`);
  const shows = async (text: string) => {
    await page.page.clock.fastForward(REFRESH_MS);
    await page.shows(text);
  };
  await eventually(
    async () => {
      await page.page.clock.fastForward(REFRESH_MS);
      return await page.message('renglón 40;').isVisible();
    },
    () => 'the last line is not shown',
  );
  await page.page.keyboard.press('Space');
  await page.showsStatus('En pausa');
  terminal.send('uno;\ndos;\n');
  await eventually(
    async () => {
      await page.page.clock.fastForward(REFRESH_MS);
      return (await page.status.textContent())?.includes('2 mensajes nuevos');
    },
    () => 'the new messages are not counted',
  );
  assert.equal(await page.message('dos;').count(), 0);
  await page.page.keyboard.press('Space');
  await shows('dos;');
  const size = () => textHeight(page.message('dos;').locator('.words'));
  const before = await size();
  await page.page.keyboard.press('+');
  assert.ok((await size()) > before);
  await page.page.keyboard.press('-');
  assert.equal(await size(), before);
  await page.page.keyboard.press('h');
  await page.message('dos;').waitFor({ state: 'hidden' });
  await page.page.keyboard.press('h');
  await page.message('dos;').waitFor();
  await page.log.hover();
  await page.page.mouse.wheel(0, -2_000);
  await eventually(
    async () => (await page.pixelsBelow()) > 100,
    () => 'the log did not scroll',
  );
  await page.page.clock.fastForward(RETURN_AFTER_MS);
  await page.isAtNewest();
});

test('projector shows ten messages of one line at 1920 x 1080', async (t) => {
  const { terminal, project } = await scene(t);
  for (let i = 1; i <= 12; i++) terminal.send(`<Ana ${i}> una línea de la clase ${i};\n`);
  const page = await project({ viewport: { width: 1920, height: 1080 } });
  await page.shows('clase 12;');
  await page.isAtNewest();
  const log = await page.log.boundingBox();
  const boxes = await page.log
    .getByRole('article')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
  assert.ok(boxes.filter((top) => top >= (log?.y ?? 0)).length >= 10);
  // As when the QR code or a pinned line arrives.
  await page.page.setViewportSize({ width: 1920, height: 900 });
  await page.isAtNewest();
});

async function textHeight(text: Locator): Promise<number> {
  return await text.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
}

/** The page defines the same time. Its element can't be imported here. */
const RETURN_AFTER_MS = 30_000;

/** Smallest height of a letter as a part of the picture's height, to be readable from six times that height. */
const READABLE = 1 / 26;

test('projector text is readable from the back of a room at every picture size', async (t) => {
  const { terminal, project } = await scene(t);
  terminal.send(`<Ana> ${'palabras '.repeat(12)}${'larga'.repeat(30)}\n`);
  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
    [1024, 768],
  ] as const) {
    const page = await project({ viewport: { width, height } });
    await page.shows('palabras');
    const words = page.message('palabras').locator('.words');
    assert.ok((await textHeight(words)) >= height * READABLE, `${width} x ${height}`);
    assert.equal(await page.page.evaluate(() => document.documentElement.scrollWidth), width);
    assert.equal(await page.log.evaluate((log) => log.scrollWidth - log.clientWidth), 0);
  }
});

test('projector reports an absent gateway or room, and resumes when it returns', async (t) => {
  const { room, gateway, terminal, project } = await scene(t, await place(t));
  const page = await project();
  terminal.send('antes\n');
  await page.shows('antes');
  await room.program.stop();
  await page.showsStatus('La sala no responde');
  await gateway.program.stop();
  await page.showsStatus('Sin conexión. Puede faltar lo más reciente.');
  assert.equal(await page.message('antes').count(), 1);

  await builtRoom(t, 'broadcast', { TCP_PORT: `${room.port}` });
  const again = await launchGateway(t, room.port, { HTTP_PORT: `${gateway.port}` });
  await again.isReady();
  const back = await enter(t, room.port);
  back.send('después\n');
  await page.shows('después');
  await eventually(
    async () => (await page.status.textContent()) === '',
    () => 'the projector does not say that all is well',
  );
});

test('projector without the passphrase asks for it, and starts once it is given', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { ACCESS_CODE: 'vermut' });
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  const url = `http://${COMPUTER}:${gateway.port}`;
  await page.page.goto(`${url}/?view=projector`);
  await page.showsStatus('Esta sala pide una contraseña');
  await page.page.getByText('en otra pestaña').waitFor();
  assert.equal(await page.page.getByRole('img', { name: /QR/ }).count(), 0);
  const other = new ChatPage(await context.newPage());
  await other.page.goto(url);
  await other.page.getByLabel('Contraseña de la sala').fill('vermut');
  await other.page.keyboard.press('Enter');
  await other.address();
  const terminal = await enter(t, room.port);
  terminal.send('por fin;\n');
  await page.shows('por fin;');
  await page.page.getByRole('img', { name: /QR/ }).waitFor();
});

test('projector keeps its screen awake where allowed, also after it was hidden', async (t) => {
  const { project } = await scene(t);
  const counting = `
    window.asked = 0;
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => { window.asked++; } } });
  `;
  const { page } = await project({}, counting);
  await page.waitForFunction('asked === 1');
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.waitForFunction('asked === 2');
});

test('projector uses the language and colours chosen in its browser', async (t) => {
  const { project } = await scene(t);
  const chosen = `localStorage.setItem('tertulia-preferences', '{"theme":"dark","language":"en"}')`;
  const { page } = await project({ colorScheme: 'light' }, chosen);
  await page.getByText('Join with a browser').waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).colorScheme), 'dark');
});
