/**
 * The people sheet: the list of those in the room, and its actions.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway } from '../helpers/gateway.ts';
import { findings } from '../helpers/page/axe.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

/** Wider than the sheet of a phone. */
const LONGEST = '[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:46900';

interface Place {
  roomPort: number;
  gateway: Gateway;
}

/** The fixture of the tests that look for a person by name or address and do not count. */
const crowded = await place({ after });

async function place(t: Cleanup, env: Record<string, string> = {}): Promise<Place> {
  const { port: roomPort } = await builtRoom(t);
  return { roomPort, gateway: await startGateway(t, roomPort, env) };
}

function scene(t: TestContext, { roomPort, gateway }: Place) {
  const open = async (options: BrowserContextOptions = {}, url = gateway.url) => {
    const page = await openPage(browser, url, options);
    t.after(() => page.page.context().close());
    return page;
  };
  return { roomPort, gateway, open };
}

/** Connects a browser that the gateway knows by that name and that sends nothing. */
async function openNamed(t: TestContext, gateway: Gateway, name: string) {
  const tab = await openTab(t, gateway);
  tab.send({ type: 'name', name });
  return tab;
}

class PeopleSheetView {
  readonly #page: ChatPage;

  constructor(page: ChatPage) {
    this.#page = page;
  }

  get dialog(): Locator {
    return this.#page.page.getByRole('dialog', { name: 'Quién está aquí' });
  }

  get content(): Locator {
    return this.#page.page.locator('people-sheet');
  }

  person(words: string): Locator {
    return this.content.getByRole('listitem').filter({ hasText: words });
  }

  async shows(...words: string[]): Promise<void> {
    for (const text of words) await this.content.getByText(text).first().waitFor();
  }
}

async function openSheet(page: ChatPage): Promise<PeopleSheetView> {
  await page.button('Quién está aquí').click();
  return new PeopleSheetView(page);
}

/** Counts the lines of an element's text. */
function linesOf(element: Element): number {
  const lines = new Set<number>();
  const range = document.createRange();
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    for (const { top } of range.getClientRects()) lines.add(Math.round(top));
  }
  return lines.size;
}

async function isCounted({ page }: ChatPage, count: number): Promise<void> {
  await page.locator('room-header #count').getByText(`${count}`, { exact: true }).waitFor();
}

function addressOfThisMachine(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

test('people sheet lists browsers by name and address, and terminals by last message', async (t) => {
  const { roomPort, gateway, open } = scene(t, await place(t));
  const ana = await openNamed(t, gateway, 'Ana');
  const nobody = await openTab(t, gateway);
  const terminal = await enter(t, roomPort);
  const page = await open();
  terminal.send('<Nacho> hola\n');
  await page.shows('hola');
  const sheet = await openSheet(page);
  await sheet.person('Ana').getByText(`${ana.you}`).waitFor();
  await sheet.person(`${nobody.you}`).waitFor();
  await sheet.person('Nacho').getByText('escribió ahora mismo').waitFor();
  await sheet.person('Nacho').getByText(terminal.address).waitFor();
  assert.equal(await sheet.content.getByRole('listitem').count(), 3);
});

test('times in the people sheet advance while it is open', async (t) => {
  const { roomPort, open } = scene(t, crowded);
  const terminal = await enter(t, roomPort);
  const page = await open();
  await page.page.clock.install();
  terminal.send('hola\n');
  await page.shows('hola');
  const sheet = await openSheet(page);
  const person = sheet.person(terminal.address);
  await person.getByText('escribió ahora mismo').waitFor();
  await page.page.clock.fastForward(125_000);
  await person.getByText('escribió hace 2 minutos').waitFor();
});

test('open people sheet and count follow joins, leaves, absences and renames', async (t) => {
  const { gateway, open } = scene(t, await place(t));
  const page = await open();
  const sheet = await openSheet(page);
  await sheet.shows('Nadie más, de momento.', 'Una terminal aparece aquí cuando envía algo.');
  const ana = await openNamed(t, gateway, 'Ana');
  await sheet.person('Ana').waitFor();
  await isCounted(page, 2);
  ana.send({ type: 'name', name: 'Ana María' });
  await sheet.person('Ana María').waitFor();
  ana.vanish();
  await sheet.person('Ana María').getByText('ausente').waitFor();
  const back = await openTab(t, gateway, ana.resumePoint);
  await sheet.person('ausente').waitFor({ state: 'detached' });
  back.send({ type: 'leave' });
  await sheet.shows('Nadie más, de momento.');
  await isCounted(page, 1);
});

test('people sheet lists the own name first, before any message was sent', async (t) => {
  const { open } = scene(t, crowded);
  const [page, other] = [await open(), await open()];
  const [mine, theirs] = [await page.address(), await other.address()];
  await page.setNickname('Carla');
  const sheet = await openSheet(page);
  await sheet.shows('Carla');
  await page.page.keyboard.press('Escape');
  const others = await openSheet(other);
  await others.person('Carla').getByText(mine).waitFor();
  assert.equal(await others.person(theirs).count(), 0);
});

test('own address is copied, also on plain http from another device', {
  skip: !addressOfThisMachine() && 'this machine has no address but its own',
}, async (t) => {
  const { gateway, open } = scene(t, await place(t, { HTTP_HOST: '0.0.0.0' }));
  const page = await open({}, `http://${addressOfThisMachine()}:${gateway.port}`);
  const address = await page.address();
  const sheet = await openSheet(page);
  await sheet.content.getByRole('button', { name: 'Copiar: Tu dirección' }).click();
  await sheet.shows('Copiado');
  await page.page.keyboard.press('Escape');
  await page.composer.focus();
  await page.page.keyboard.press('Control+V');
  await page.holds(address);
});

test('person is chosen by keyboard and mentioned in the draft', async (t) => {
  const { gateway, open } = scene(t, crowded);
  await openNamed(t, gateway, 'Ana María');
  const page = await open();
  await page.composer.fill('hola');
  await page.button('Quién está aquí').focus();
  await page.page.keyboard.press('Enter');
  const sheet = new PeopleSheetView(page);
  await sheet.person('Ana María').getByRole('button').press('Enter');
  await sheet.dialog.waitFor({ state: 'detached' });
  await page.holds('hola @Ana María ');
  await page.page.keyboard.type('¿vienes?');
  await page.holds('hola @Ana María ¿vienes?');
});

test('people are docked beside the conversation of a wide screen, also after a reload', async (t) => {
  const { gateway, roomPort, open } = scene(t, await place(t));
  await openNamed(t, gateway, 'Ana');
  const terminal = await enter(t, roomPort);
  terminal.send('hola\n');
  const page = await open({ viewport: { width: 1280, height: 800 } });
  const button = page.button('Quién está aquí');
  assert.equal(await button.getAttribute('aria-expanded'), 'false');
  const sheet = await openSheet(page);
  const dock = page.page.getByRole('complementary', { name: 'Quién está aquí' });
  await sheet.person('Ana').getByRole('button').click();
  await page.holds('@Ana ');
  for (const [name, address] of [
    ['Ana', '127.0.0.1:'],
    [terminal.address, terminal.address],
  ] as const) {
    const shown = sheet.person(name).locator('.ends').filter({ hasText: address });
    assert.equal(await shown.evaluate(linesOf), 1, 'an address is not broken');
    const { height = 0 } = (await sheet.person(name).boundingBox()) ?? {};
    assert.ok(height < 44, `a row is ${height} px high`);
  }
  assert.deepEqual(await findings(page.page), []);
  const [log, list] = await Promise.all([page.log.boundingBox(), dock.boundingBox()]);
  assert.equal((log?.x ?? 0) + (log?.width ?? 0), list?.x, 'nothing is covered');
  assert.equal((list?.x ?? 0) + (list?.width ?? 0), 1280);

  await page.chooseFromMenu('Ajustes');
  await page.page.getByRole('dialog', { name: 'Ajustes' }).waitFor();
  await page.page.keyboard.press('Escape');
  const browsers = [
    { id: '1', address: '192.168.100.200:50012', nickname: 'Ana Bartolomé de las Casas', taken: true },
    { id: '2', address: LONGEST, nickname: 'Leo' },
  ];
  await page.page.route('**/api/people', (route) =>
    route.fulfill({ json: { browsers, terminals: [], unlisted: 0, count: 2 } }),
  );
  await page.page.reload();
  await sheet.person('Ana').getByText('repetido', { exact: true }).waitFor();
  const isCut = await sheet
    .person('Ana')
    .locator('b, .mono')
    .evaluateAll((parts) => parts.some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth));
  assert.equal(isCut, false, 'a long name is cut');
  const whole = `${browsers[0]?.nickname} · ${browsers[0]?.address} · nombre repetido`;
  await sheet.person('Ana').getByTitle(whole).waitFor();
  const long = sheet.person('Leo').getByRole('button', { name: LONGEST });
  const [row, start, end] = await Promise.all([
    long.boundingBox(),
    long.locator('.ends > span').first().boundingBox(),
    long.locator('.ends > span').last().boundingBox(),
  ]);
  assert.ok(row && start && end);
  assert.ok(row.x < start.x && start.x + start.width <= end.x && end.x + end.width <= row.x + row.width);
  assert.ok(start.width > 100, 'an address loses its start');
  await page.page.setViewportSize({ width: 1100, height: 800 });
  await dock.waitFor({ state: 'detached' });
  await button.click();
  await sheet.dialog.waitFor();
  await page.page.keyboard.press('Escape');
  await page.page.setViewportSize({ width: 1280, height: 800 });
  await dock.waitFor();
  await button.press('Enter');
  await dock.waitFor({ state: 'detached' });
  await button.press('Enter');
  await dock.getByRole('button', { name: 'Cerrar' }).press('Enter');
  await dock.waitFor({ state: 'detached' });
  await page.composer.and(page.page.locator(':focus')).waitFor();
});

test('hostile name is shown literally and does nothing', async (t) => {
  const { gateway, open } = scene(t, crowded);
  const names = ['"onload=alert(1)', '{{7*7}}', 'مرحبا 12', 'Z̸̢̛A̸L̷G̶O̷', '&lt;b&gt;'];
  for (const name of names) await openNamed(t, gateway, name);
  const page = await open({ viewport: { width: 320, height: 640 } });
  const sheet = await openSheet(page);
  for (const name of names) await sheet.person(name).waitFor();
  const wide = await sheet.dialog.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
  assert.equal(wide, 0);
  assert.deepEqual(page.complaints, []);
});

test('people sheet lists some of very many people and the number of the rest', async (t) => {
  const { open } = scene(t, crowded);
  const page = await open({ viewport: { width: 320, height: 640 } });
  const addressOf = (i: number) => (i === 0 ? LONGEST : `10.0.0.1:${10_000 + i}`);
  const browsers = Array.from({ length: 500 }, (_, i) => ({ id: `${i}`, address: addressOf(i) }));
  await page.page.route('**/api/people', (route) =>
    route.fulfill({ json: { browsers, terminals: [], unlisted: 4500, count: 5000 } }),
  );
  const sheet = await openSheet(page);
  await sheet.shows('Y 4500 más');
  await sheet.person(LONGEST).waitFor();
  const end = await sheet
    .person(LONGEST)
    .evaluate((row) => row.getBoundingClientRect().left + row.scrollWidth);
  assert.ok(end <= 320, `it ends at ${end}`);
  assert.equal(await sheet.content.getByRole('listitem').count(), 500);
});

test('people sheet finds one of 209 people in two keystrokes, in alphabetical order', async (t) => {
  const { open } = scene(t, crowded);
  const page = await open({ viewport: { width: 360, height: 640 }, reducedMotion: 'reduce' });
  const browsers = Array.from({ length: 209 }, (_, i) => ({
    id: `${i}`,
    address: `10.0.0.1:${10_000 + i}`,
    nickname: i === 100 ? 'Úrsula' : i === 101 ? 'Óscar' : `Ana ${209 - i}`,
  }));
  await page.page.route('**/api/people', (route) =>
    route.fulfill({ json: { browsers, terminals: [], unlisted: 0, count: 209 } }),
  );
  const sheet = await openSheet(page);
  await sheet.shows('Navegadores · 209');
  const filter = sheet.content.getByRole('searchbox', { name: 'Filtrar personas' });
  // Without motion the sheet stands still from the beginning.
  const place = await filter.boundingBox();
  const names = await sheet.content.getByRole('listitem').locator('b').allTextContents();
  assert.deepEqual(names.slice(0, 2), ['Ana 1', 'Ana 2']);
  await filter.press('u');
  await page.page.keyboard.type('r');
  const found = sheet.content.getByRole('listitem');
  await eventually(
    async () => (await found.count()) === 1,
    () => 'the list is not filtered',
  );
  await sheet.person('Úrsula').waitFor();
  await sheet.shows('Navegadores · 1 de 209');
  assert.deepEqual(await filter.boundingBox(), place, 'the filter moves while it is written');
});

test('people sheet says that it has no list yet, and requests it again', async (t) => {
  const { gateway, open } = scene(t, await place(t));
  await openNamed(t, gateway, 'Ana');
  const page = await open();
  await isCounted(page, 2);
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  await page.page.route('**/api/people', async (route) => {
    await failed;
    await route.abort();
  });
  const sheet = await openSheet(page);
  await sheet.shows('Cargando…');
  fail();
  await sheet.content.getByRole('alert').filter({ hasText: 'No se pudo cargar la lista' }).waitFor();
  await page.page.unroute('**/api/people');
  await sheet.content.getByRole('button', { name: 'Reintentar' }).click();
  await sheet.person('Ana').waitFor();
});

test('people sheet without a connection shows the last list and marks it as old', async (t) => {
  const { gateway, open } = scene(t, await place(t));
  await openNamed(t, gateway, 'Ana');
  const page = await open();
  const sheet = await openSheet(page);
  await sheet.person('Ana').waitFor();
  await gateway.program.stop('SIGKILL');
  await sheet.shows('Sin conexión: la lista puede estar anticuada.');
  await sheet.person('Ana').waitFor();
});
