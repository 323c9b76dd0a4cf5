/**
 * The host of a room: the controls, and what they do to the page of a student and to the projector.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { findings } from '../helpers/page/axe.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const CODE = 'cátedra';
const browser = await openBrowser({ after });
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HOST_CODE: CODE });

async function open(
  t: TestContext,
  options: Parameters<typeof openPage>[2] = {},
  { url } = gateway,
): Promise<ChatPage> {
  const chat = await openPage(browser, url, options);
  t.after(() => chat.page.context().close());
  await chat.address();
  return chat;
}

async function openSheet({ page }: ChatPage): Promise<void> {
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name: 'Anfitrión', exact: true }).click();
}

/** Opens the page of a host, with its sheet of controls. */
async function openHost(
  t: TestContext,
  ...where: [Parameters<typeof openPage>[2]?, typeof gateway?]
): Promise<ChatPage> {
  const host = await open(t, ...where);
  await host.setNickname('Elena');
  await openSheet(host);
  await host.page.getByLabel('Contraseña de anfitrión').fill(CODE);
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('button', { name: 'Dejar de ser anfitrión' }).waitFor();
  return host;
}

async function hasTitle(page: Page, title: string): Promise<void> {
  await eventually(
    async () => (await page.title()) === title,
    () => `the title is not ${title}`,
  );
}

/** Waits until the log shows a message and its speaker from top to bottom. */
async function isWhole(page: ChatPage, text: string): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const [log, message] = await Promise.all([page.log.boundingBox(), page.message(text).boundingBox()]);
      seen = JSON.stringify({ log, message });
      return log && message && message.y >= log.y && message.y + message.height <= log.y + log.height;
    },
    () => `${text} is cut: ${seen}`,
  );
}

test('host pauses, pins, sets the title and hides a message, by keyboard and on a phone', async (t) => {
  const student = await open(t, { viewport: { width: 360, height: 640 } });
  const projector = await browser.newPage({ locale: 'es-ES' });
  t.after(() => projector.close());
  await projector.goto(`${gateway.url}/?view=projector`);
  await student.setNickname('Luis');
  await student.send('esto no se dice');
  await student.send('hola a todos');
  await student.showsReceipt('hola a todos');
  await projector.getByText('esto no se dice').waitFor();
  const host = await openHost(t, { viewport: { width: 360, height: 640 }, hasTouch: true });
  assert.deepEqual(await findings(host.page), []);

  const title = host.page.getByLabel('Título de la sala');
  await title.fill('Redes I');
  await title.press('Enter');
  await hasTitle(student.page, 'Redes I');
  await hasTitle(projector, 'Redes I');
  const pin = host.page.getByLabel('Línea fijada');
  await pin.fill('Práctica 3: https://example.org/3');
  await pin.press('Enter');
  await student.page.locator('room-board').getByRole('link', { name: 'https://example.org/3' }).waitFor();
  await projector.getByText('Práctica 3').waitFor();

  await host.page.getByRole('button', { name: 'Ocultar: esto no se dice' }).press('Enter');
  await student.message('esto no se dice').waitFor({ state: 'detached' });
  await projector.getByText('esto no se dice').waitFor({ state: 'detached' });
  await host.page.getByRole('button', { name: 'Mostrar: esto no se dice' }).waitFor();

  await host.page.getByRole('button', { name: 'Pausar los navegadores' }).press('Enter');
  await student.page.getByText('La sala está en pausa: ahora toca escuchar.').waitFor();
  await projector.getByText('Ahora toca escuchar').waitFor();
  await student.send('¿puedo preguntar?');
  await student.alert.filter({ hasText: 'No enviado: en pausa' }).waitFor();
  await student.holds('¿puedo preguntar?');
  assert.deepEqual(await findings(student.page), []);
  // A phone on its side with an open keyboard.
  await student.page.setViewportSize({ width: 640, height: 180 });
  await isWhole(student, 'hola a todos');
  await student.page.setViewportSize({ width: 360, height: 640 });

  await host.page.getByRole('button', { name: 'Terminar la pausa' }).press('Enter');
  await student.page.getByText('La sala está en pausa: ahora toca').waitFor({ state: 'detached' });
  await student.composer.press('Enter');
  await student.showsReceipt('¿puedo preguntar?');
  await host.page.getByRole('button', { name: 'Mostrar: esto no se dice' }).click();
  await student.shows('esto no se dice');
  await host.page.keyboard.press('Escape');
  await host.send('gracias');
  await student.message('gracias').getByText('Anfitrión').waitFor();
  assert.deepEqual(await findings(host.page), []);
});

test('paused page promises nothing while it is offline, or after it has left', async (t) => {
  const brief = await startGateway(t, room.port, { HOST_CODE: CODE });
  const host = await openHost(t, {}, brief);
  const student = await open(t, {}, brief);
  await host.page.getByRole('button', { name: 'Pausar los navegadores' }).press('Enter');
  const board = student.page.getByText('La sala está en pausa: ahora toca escuchar.');
  await board.waitFor();
  await student.leave();
  await board.waitFor({ state: 'detached' });
  await student.rejoin();
  await board.waitFor();
  await brief.program.stop();
  await student.showsStatus('Sin conexión. Puede faltar lo más reciente.');
  await student.send('¿puedo preguntar?');
  await student.alert.filter({ hasText: 'No enviado: en pausa' }).waitFor();
  await host.showsStatus('Sin conexión. Lo que escribas se enviará al volver.');
});

/** Opens the menu of a message by keyboard, and chooses from it. */
async function choose(host: ChatPage, text: string, action: string): Promise<void> {
  await host.openMenuOf(host.message(text));
  await host.page.getByRole('menuitem', { name: action, exact: true }).press('Enter');
}

test('host hides, shows and pins from the menu of a message, a block of code at once', async (t) => {
  const student = await open(t);
  const host = await openHost(t);
  await host.page.keyboard.press('Escape');
  await student.setNickname('Rosa');
  await student.send('def menu():\n    return 1\nprint(menu())');
  await student.send('mirad https://example.org/menu');
  await student.showsReceipt('mirad https://example.org/menu');
  await choose(host, 'print(menu())', 'Ocultar este mensaje a todos');
  await student.message('menu()').waitFor({ state: 'detached' });
  await host.message('print(menu())').getByText('Oculto para los demás').waitFor();
  assert.deepEqual(await findings(host.page), []);
  await choose(host, 'print(menu())', 'Volver a mostrarlo a todos');
  await student.log.locator('pre').filter({ hasText: 'def menu():\n    return 1\nprint(menu())' }).waitFor();

  await choose(host, 'mirad https', 'Fijarlo arriba');
  await student.page.locator('room-board').getByRole('link', { name: 'https://example.org/menu' }).waitFor();

  // The menu of a guest has none of it.
  await student.openMenuOf(student.message('mirad https'));
  await student.page.getByRole('menuitem', { name: 'Copiar' }).waitFor();
  assert.equal(await student.page.getByRole('menuitem', { name: /todos|arriba/ }).count(), 0);
});

test('silenced page says so, keeps its draft, and sends again when a host lets it', async (t) => {
  const student = await open(t);
  await student.setNickname('Pablo');
  await student.send('soy Pablo');
  const terminal = await enter(t, room.port);
  terminal.send('desde nc\n');
  const host = await openHost(t);
  const filter = host.page.getByRole('searchbox', { name: 'Filtrar personas' });
  await filter.fill('nadie');
  await host.page.getByRole('button', { name: 'Silenciar: Pablo' }).waitFor({ state: 'detached' });
  await filter.fill('pab');
  await host.page.getByRole('button', { name: 'Silenciar: Pablo' }).click();
  await student.page.getByText('Te han silenciado un rato.').waitFor();
  await student.send('me callo');
  await student.alert.filter({ hasText: 'No enviado: silenciado' }).waitFor();
  await student.page.reload();
  await student.page.getByText('Te han silenciado un rato.').waitFor();
  await student.holds('me callo');
  await host.page.getByRole('button', { name: 'Ocultar: desde nc' }).click();
  await student.message('desde nc').waitFor({ state: 'detached' });
  await host.page.getByRole('button', { name: 'Quitar el silencio: Pablo' }).click();
  await student.page.getByText('Te han silenciado un rato.').waitFor({ state: 'detached' });
  await student.composer.press('Enter');
  await student.showsReceipt('me callo');
});

test('wrong passphrase makes no host, and a host can stop being one', async (t) => {
  const page = await open(t);
  await openSheet(page);
  await page.page.getByLabel('Contraseña de anfitrión').fill('no lo es');
  await page.page.keyboard.press('Enter');
  await page.alert.filter({ hasText: /\S/ }).first().waitFor();
  const host = await openHost(t);
  await host.page.getByRole('button', { name: 'Dejar de ser anfitrión' }).click();
  await host.address();
  await openSheet(host);
  await host.page.getByLabel('Contraseña de anfitrión').waitFor();
});
