/**
 * The invitation as a person uses it: scanned by a phone's camera, copied, typed on another device.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator } from 'playwright-core';
import { lanAddresses } from '../../gateway/lib/lan-addresses.ts';
import { LAZY_STRINGS } from '../../web/ui/lazy-strings.ts';
import { DICTIONARIES } from '../../web/ui/strings.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { readCode } from '../helpers/page/pixels.ts';
import { builtRoom } from '../helpers/room.ts';

const browser = await openBrowser({ after });

const [lan = ''] = lanAddresses();
const withoutLan = lan === '' && 'this machine is in no network';

/** A passphrase that no address contains by chance. */
const ACCESS_CODE = 'tinto-de-verano';

/** One room with three gateways: reachable from the network, from this machine only, and with a passphrase. */
const { port: roomPort } = await builtRoom({ after });
const { port } = await startGateway({ after }, roomPort, { HTTP_HOST: '0.0.0.0' });
const alone = await startGateway({ after }, roomPort);
const locked = await startGateway({ after }, roomPort, { HTTP_HOST: '0.0.0.0', ACCESS_CODE });

/** Opens a page of a browser on this machine, or at another of its addresses. */
async function open(
  t: TestContext,
  url = `http://127.0.0.1:${port}`,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const page = await openPage(browser, url, options);
  t.after(() => page.page.context().close());
  return page;
}

async function invite(page: ChatPage): Promise<Locator> {
  await page.button('Invitar').click();
  const sheet = page.page.locator('side-sheet');
  await sheet.getByRole('heading', { name: 'Desde una terminal' }).waitFor();
  return sheet;
}

function codeIn(sheet: Locator): Locator {
  return sheet.getByRole('img', { name: /^Código QR de http/ });
}

test('QR code holds an address that leads another device in, in light and dark', {
  skip: withoutLan,
}, async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(t, `http://localhost:${port}`, { colorScheme });
    const sheet = await invite(page);
    const url = `http://${lan}:${port}`;
    assert.equal(await readCode(codeIn(sheet)), url);
    assert.equal(await sheet.getByRole('textbox', { name: 'Dirección' }).inputValue(), url);
    assert.deepEqual(page.complaints, []);
  }
});

test('invitation offers a choice of several addresses, for browsers and terminals', {
  skip: withoutLan,
}, async (t) => {
  const page = await open(t, `http://localhost:${port}`);
  await page.page.route('**/api/invite', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, lanUrls: [...answer.lanUrls, `http://10.9.8.7:${port}`] } });
  });
  const sheet = await invite(page);
  await sheet.getByRole('combobox').selectOption(`http://10.9.8.7:${port}`);
  await sheet.getByRole('img', { name: `Código QR de http://10.9.8.7:${port}` }).waitFor();
  assert.equal(await readCode(codeIn(sheet)), `http://10.9.8.7:${port}`);
  assert.equal(
    await sheet.getByRole('textbox', { name: 'nc', exact: true }).inputValue(),
    `nc 10.9.8.7 ${roomPort}`,
  );
});

test('invitation says so when only this device can open the page, and has no lines', async (t) => {
  const page = await open(t, alone.url);
  await page.button('Invitar').click();
  const sheet = page.page.locator('side-sheet');
  await sheet.getByText('solo vale en este ordenador').waitFor();
  assert.equal(await codeIn(sheet).count(), 0);
  assert.equal(await sheet.getByRole('textbox').count(), 0);
});

test('invitation has a line with host and port for every kind of terminal', {
  skip: withoutLan,
}, async (t) => {
  const sheet = await invite(await open(t));
  const lineOf = (program: string) => sheet.getByRole('textbox', { name: program, exact: true }).inputValue();
  for (const program of ['nc', 'ncat', 'telnet', 'PowerShell', 'Python']) {
    const line = await lineOf(program);
    assert.ok(line.includes(lan) && line.includes(`${roomPort}`), line);
  }
  assert.equal(await lineOf('websocat'), `websocat ws://${lan}:${port}/ws`);
});

test('long address of an invitation is shown whole', async (t) => {
  const page = await open(t, undefined, { viewport: { width: 360, height: 740 } });
  const url = `http://${'aula-de-informatica.'.repeat(4)}example:${port}`;
  await page.page.route('**/api/invite', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, publicUrl: url } });
  });
  const sheet = await invite(page);
  const field = sheet.getByRole('textbox', { name: 'Dirección', exact: true });
  assert.equal(await field.inputValue(), url);
  assert.ok(
    await field.evaluate((one) => one.scrollHeight <= one.clientHeight && one.scrollWidth <= one.clientWidth),
  );
});

for (const [where, host] of [
  ['on this machine', '127.0.0.1'],
  ['over plain http from another device', lan],
] as const) {
  test(`line of the invitation is copied ${where}, and that is announced`, {
    skip: host === '' && withoutLan,
  }, async (t) => {
    const page = await open(t, `http://${host}:${port}`);
    if (host === '127.0.0.1')
      await page.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const sheet = await invite(page);
    const line = await sheet.getByRole('textbox', { name: 'Python' }).inputValue();
    const button = sheet.getByRole('button', { name: 'Copiar: Python' });
    await button.focus();
    await button.press('Enter');
    await sheet.getByRole('status').filter({ hasText: 'Copiado' }).waitFor();
    assert.ok(await button.evaluate((one) => one.matches(':focus')));
    await page.page.keyboard.press('Escape');
    await page.composer.focus();
    await page.page.keyboard.press('ControlOrMeta+v');
    await page.holds(line);
    assert.deepEqual(page.complaints, []);
  });
}

test('line is selected, and the page says so, when the browser can not copy', {
  skip: withoutLan,
}, async (t) => {
  const page = await open(t, `http://${lan}:${port}`);
  await page.page.evaluate(() => {
    document.execCommand = () => false;
  });
  const sheet = await invite(page);
  await sheet.getByRole('button', { name: 'Copiar: nc', exact: true }).click();
  await sheet.getByRole('status').filter({ hasText: 'Está seleccionado: cópialo con Ctrl+C' }).waitFor();
  const input = sheet.getByRole('textbox', { name: 'nc', exact: true });
  const selected = await input.evaluate((one: HTMLTextAreaElement) =>
    one.value.slice(one.selectionStart, one.selectionEnd),
  );
  assert.equal(selected, await input.inputValue());
  assert.ok(await input.evaluate((one) => one.matches(':focus')));
});

test('invitation that did not load can be requested again', async (t) => {
  const page = await open(t);
  await page.page.route('**/api/invite', (route) => route.abort(), { times: 1 });
  await page.button('Invitar').click();
  const sheet = page.page.locator('side-sheet');
  await sheet.getByRole('alert').filter({ hasText: 'No se pudo cargar.' }).waitFor();
  await sheet.getByRole('button', { name: 'Reintentar' }).click();
  await sheet.getByRole('heading', { name: 'Desde una terminal' }).waitFor();
});

for (const [language, locale] of [
  ['es', 'es-ES'],
  ['en', 'en-GB'],
] as const) {
  test(`invitation asks guests for the passphrase and contains it nowhere (${language})`, async (t) => {
    const url = `http://${lan || '127.0.0.1'}:${locked.port}`;
    const context = await browser.newContext({ locale });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel(LAZY_STRINGS[language].login.code).fill(ACCESS_CODE);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: DICTIONARIES[language].sheets.invite, exact: true }).click();
    const sheet = page.locator('side-sheet');
    await sheet.getByText(LAZY_STRINGS[language].invite.passphrase).waitFor();

    const headers = { authorization: `Bearer ${ACCESS_CODE}` };
    const answer = await (await context.request.get(`${url}/api/invite`, { headers })).text();
    const lines = await sheet
      .getByRole('textbox')
      .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
    assert.ok(lines.length >= 7, `only ${lines.length} lines`);
    assert.ok(![answer, ...lines].join().includes(ACCESS_CODE));
    const code = sheet.locator('qr-code');
    if (lan) assert.equal(await readCode(code.getByRole('img')), url);
  });
}

test('invitation to a room without a passphrase does not mention one', async (t) => {
  const sheet = await invite(await open(t));
  assert.equal(await sheet.getByText(LAZY_STRINGS.es.invite.passphrase).count(), 0);
});
