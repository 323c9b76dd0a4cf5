/**
 * The lab: a raw connection of a host, by keyboard and on a phone, and its experiments.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { startGateway } from '../helpers/gateway.ts';
import { COLOUR_RULES, findings } from '../helpers/page/axe.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const CODE = 'cátedra';
const browser = await openBrowser({ after });
const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, { HOST_CODE: CODE, LAB: 'true' });

/** Opens the lab of a host. */
async function openLab(t: TestContext, options: Parameters<typeof openPage>[2] = {}): Promise<ChatPage> {
  const chat = await openPage(browser, gateway.url, { reducedMotion: 'reduce', ...options });
  t.after(() => chat.page.context().close());
  const { page } = chat;
  await chat.address();
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name: 'Ajustes' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Laboratorio' }).count(), 0);
  await page.getByRole('button', { name: 'Anfitrión', exact: true }).click();
  await page.getByLabel('Contraseña de anfitrión').fill(CODE);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Dejar de ser anfitrión' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('room-menu summary').press('Enter');
  await page.getByRole('button', { name: 'Laboratorio' }).press('Enter');
  await page.getByRole('heading', { name: 'Experimentos' }).waitFor();
  return chat;
}

test('host writes bytes with escapes, sees each byte of the answer, and sends FIN, by keyboard', async (t) => {
  const terminal = await enter(t, room.port);
  const { page } = await openLab(t, { viewport: { width: 360, height: 740 }, hasTouch: true });
  const status = page.locator('lab-sheet [role="status"]');
  assert.deepEqual(await findings(page), []);
  const text = page.getByLabel('Qué escribir');
  await text.fill('hola\\q');
  await text.press('Control+Enter');
  await page.getByText('Línea 1: «\\q» no es ningún escape.').waitFor();
  await text.fill('se\\xc3\n\\xb1al\\n');
  await text.press('Control+Enter');
  await status.filter({ hasText: 'Conectado como' }).waitFor();
  // Both writes may be glued to one message.
  await terminal.receives('ñal\n');
  await page.getByText('se\\xc3', { exact: true }).waitFor();
  await page.getByText('b1 61 6c 0a · 4 bytes').waitFor();
  terminal.send('buenas\n');
  await page.getByText(`${terminal.address} dice: buenas\\n`, { exact: true }).waitFor();
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: 'Enviar FIN' }).press('Enter');
  await page.locator('lab-sheet ol').getByText('FIN enviado').waitFor();
  await status.filter({ hasText: 'los dos lados han enviado FIN' }).waitFor();
  await page.getByRole('button', { name: 'Cortar (RST)', disabled: true }).waitFor();
});

test('experiments run by a click, warn, explain, and leave the other connections alone', async (t) => {
  const terminal = await enter(t, room.port);
  const { page } = await openLab(t, { viewport: { width: 1280, height: 800 } });
  const status = page.locator('lab-sheet [role="status"]');
  await page.getByText('3000 bytes de una vez').click();
  await page.getByRole('button', { name: 'Probar: 3000 bytes de una vez' }).click();
  await terminal.receives('789\n');
  await page.getByText('3000 bytes', { exact: true }).click();
  await page.getByText('Irse sin despedirse').click();
  await page.getByText('con los mensajes siguientes se para toda la sala').waitFor();
  await page.locator('details[open]').getByText('Por qué').click();
  await page.getByText('un interbloqueo').waitFor();
  for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { contrast: 'more' }] as const) {
    await page.emulateMedia(look);
    assert.deepEqual(await findings(page, COLOUR_RULES), []);
  }
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: 'Probar: Irse sin despedirse' }).click();
  await status.filter({ hasText: 'La has cortado con RST.' }).waitFor();
  await page.getByRole('button', { name: 'Conectar' }).click();
  await status.filter({ hasText: 'Conectado como' }).waitFor();
  await page.getByRole('button', { name: 'Dejar de leer' }).click();
  await page.getByRole('button', { name: 'Dejar de leer', pressed: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('lab-sheet').waitFor({ state: 'detached' });
  terminal.send('¿seguimos?\n');
  await page.getByText('¿seguimos?').waitFor();
});

test('invalid bytes of an experiment reach the page as replacement characters', async (t) => {
  const { page } = await openLab(t);
  await page.locator('lab-sheet summary').filter({ hasText: 'Bytes que no son texto' }).click();
  await page.getByRole('button', { name: 'Probar: Bytes que no son texto' }).click();
  await page.getByText('c0 c1 0a · 3 bytes').waitFor();
  await page.getByText('\u{fffd}\u{fffd}', { exact: true }).waitFor();
});
