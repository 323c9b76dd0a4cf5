/**
 * The passphrase in a real browser: the requests that it sends, and the data that it keeps.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { TOKEN_HEADER } from '../../gateway/protocol.ts';
import { type Cleanup, DEADLINE_MS } from '../helpers/eventually.ts';
import { dataDir, type Gateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, freePort } from '../helpers/tcp.ts';
import { ask, comeIn, roomAndGateway, shared } from './connect.ts';

const CODE = 'sésamo';
const PATH = `/ws?code=${encodeURIComponent(CODE)}`;
/** Names of another machine, because the browser trusts origins of its own machine. */
const [OURS, EVIL] = ['aula.local', 'evil.example'];

/** As browsers do when all storage of sites is turned off. */
const REFUSE_STORAGE = `for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
}`;

const locked = shared({ ACCESS_CODE: CODE });
const browser = await openBrowser(
  { after },
  { args: [`--host-resolver-rules=MAP ${OURS} 127.0.0.1, MAP ${EVIL} 127.0.0.1`] },
);

async function openContext(t: Cleanup): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'es-ES' });
  context.setDefaultTimeout(DEADLINE_MS);
  t.after(() => context.close());
  return context;
}

async function open(context: BrowserContext, url: string): Promise<ChatPage> {
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  return page;
}

function field({ page }: ChatPage) {
  return page.getByLabel('Contraseña de la sala');
}

async function giveCode(page: ChatPage, code = CODE): Promise<void> {
  await field(page).fill(code);
  await field(page).press('Enter');
}

async function downloads(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .locator('room-menu summary')
      .click()
      .then(() => page.getByRole('button', { name: 'Guardar o imprimir' }).click())
      .then(() => page.locator(`a[download="${name}"]`).click()),
  ]);
  await page.keyboard.press('Escape');
  assert.equal(download.suggestedFilename(), name);
  let text = '';
  for await (const part of await download.createReadStream()) text += part;
  return text;
}

test('browser sends nothing secret to the port of an unchanged room', {
  skip: withoutPython,
}, async (t) => {
  const room = await pythonRoom(t);
  const gateway = await startGateway(t, room.port, { ACCESS_CODE: CODE });
  const terminal = await enter(t, room.port);
  const context = await openContext(t);
  const page = await open(context, gateway.url);
  await giveCode(page);
  await page.address();
  await page.send('ya dentro');
  await page.showsReceipt('ya dentro');

  const other = await context.newPage();
  // The room never answers, so the page never loads.
  other.goto(`http://127.0.0.1:${room.port}/`).catch(() => {});
  await terminal.receives('\r\n\r\n');
  const kept = await page.page.evaluate((): Record<string, string> => ({ ...localStorage }));
  const token = kept['tertulia-token/'] ?? '';
  const secrets = Object.values(kept).filter((value) => value.length > 20);
  assert.ok(secrets.includes(token));
  for (const secret of [...secrets, CODE]) assert.ok(!terminal.received.includes(secret), terminal.received);
  const headers = Object.fromEntries(
    [...terminal.received.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value,
    ]),
  );
  assert.ok(headers['user-agent']);
  assert.equal(
    (await ask(gateway, '/api/messages', { ...headers, host: `127.0.0.1:${gateway.port}` })).status,
    401,
  );
  assert.equal((await ask(gateway, '/api/messages', { [TOKEN_HEADER]: token })).status, 200);
});

async function siteWith(t: Cleanup, html: string): Promise<string> {
  const site = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(html),
  );
  t.after(() => site.close());
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  return `http://${EVIL}:${(site.address() as AddressInfo).port}/`;
}

test('images of another site can try no codes, though they carry no Origin', async (t) => {
  const { gateway } = locked;
  const refusals = async (reason: string) => {
    const bearer = { authorization: `Bearer ${Buffer.from(CODE).toString('latin1')}` };
    const { text } = await ask(gateway, '/metrics', bearer);
    return Number(new RegExp(`refused_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1]);
  };
  const [seen, tried] = [await refusals('code'), await refusals('wrong-code')];
  const codes = [...Array.from({ length: 40 }, (_, i) => `no${i}`), CODE];
  const images = codes.map((code) => `<img src="http://${OURS}:${gateway.port}/api/messages?code=${code}">`);
  const context = await openContext(t);
  const page = await context.newPage();
  await page.goto(await siteWith(t, `<meta charset="utf-8">${images.join('')}`));
  // A request without Origin and without Sec-Fetch, which would have made it `origin`.
  assert.equal(await refusals('code'), seen + codes.length);
  assert.equal(await refusals('wrong-code'), tried);
});

test('two gateways with different codes on one host let the same browser in', async (t) => {
  const other = await roomAndGateway(t, { ACCESS_CODE: 'otra' });
  const context = await openContext(t);
  for (const [gateway, code] of [
    [locked.gateway, CODE],
    [other.gateway, 'otra'],
  ] as const) {
    const page = await open(context, gateway.url);
    await giveCode(page, code);
    await page.address();
  }
  for (const { url } of [locked.gateway, other.gateway]) await (await open(context, url)).address();
});

test('tab joins as soon as another one has the code, and after a reload', async (t) => {
  const { gateway } = locked;
  const context = await openContext(t);
  const [one, other] = [await open(context, gateway.url), await open(context, gateway.url)];
  await field(one).waitFor();
  await field(other).waitFor();
  await giveCode(one);
  await one.address();
  await other.address();
  await other.page.reload();
  await other.address();
});

test('both files of a protected room can be downloaded', async (t) => {
  const { gateway } = locked;
  const context = await openContext(t);
  const inside = await comeIn(t, gateway, { path: PATH });
  await inside.receivesReceipt(inside.say('para casa'), 'heard');
  const page = await open(context, `http://${OURS}:${gateway.port}`);
  await giveCode(page);
  await page.shows('para casa');
  assert.match(await downloads(page.page, 'tertulia.txt'), /dice: para casa\n/);
  assert.match(await downloads(page.page, 'tertulia.jsonl'), /"text":"para casa"/);
});

test('browser that refuses storage joins, reads, downloads, and is asked again later', async (t) => {
  const { gateway } = locked;
  const context = await openContext(t);
  await context.addInitScript(REFUSE_STORAGE);
  const page = await open(context, gateway.url);
  await page.page.getByText('tendrás que escribir la contraseña cada vez').waitFor();
  await giveCode(page);
  await page.address();
  await page.send('sin guardar nada');
  await page.showsReceipt('sin guardar nada');
  assert.match(await downloads(page.page, 'tertulia.txt'), /sin guardar nada/);
  await page.page.reload();
  await field(page).waitFor();
});

/** Restarts the gateway with another code, as an operator does. */
async function changesCode(
  t: Cleanup,
  gateway: Gateway,
  roomPort: number,
  env: Record<string, string>,
): Promise<Gateway> {
  await gateway.program.stop();
  return await startGateway(t, roomPort, { ...env, HTTP_PORT: `${gateway.port}` });
}

test('changed code hides messages read under the old one, and keeps the draft', async (t) => {
  const room = await builtRoom(t);
  const env = { DATA_DIR: dataDir(t), HTTP_PORT: `${await freePort()}` };
  const old = await startGateway(t, room.port, { ...env, ACCESS_CODE: CODE });
  const context = await openContext(t);
  const page = await open(context, old.url);
  await giveCode(page);
  await page.address();
  await page.setNickname('Ana');
  await page.send('lo de antes');
  await page.showsReceipt('lo de antes');
  await page.composer.fill('a medio escribir');
  const gateway = await changesCode(t, old, room.port, { ...env, ACCESS_CODE: 'otra' });

  await field(page).waitFor();
  assert.equal(await page.message('lo de antes').count(), 0);
  const kept = await page.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.doesNotMatch(kept, /Ana|escribir|session|token/);
  await giveCode(page);
  await page.alert.filter({ hasText: 'Contraseña incorrecta' }).waitFor();
  await giveCode(page, 'otra');
  await page.shows('lo de antes');
  await page.holds('a medio escribir');

  // Another person opens the tab again, after the next change.
  await page.page.goto('about:blank');
  await changesCode(t, gateway, room.port, { ...env, ACCESS_CODE: 'tercera' });
  await page.page.goto(gateway.url);
  await field(page).waitFor();
  await giveCode(page, 'tercera');
  await page.address();
  assert.deepEqual([await page.composer.inputValue(), await page.nickname.inputValue()], ['', '']);
});

test('duplicated tab and a page that is opened later need no code', async (t) => {
  const { gateway } = locked;
  const context = await openContext(t);
  const page = await open(context, gateway.url);
  await giveCode(page);
  await page.address();
  const [copy] = await Promise.all([
    context.waitForEvent('page'),
    page.page.evaluate(() => void window.open(location.href)),
  ]);
  await new ChatPage(copy).address();
  const token = await page.page.evaluate(() => ({ ...localStorage }));
  await page.page.close();
  await copy.close();
  await (await open(context, gateway.url)).address();
  assert.doesNotMatch(JSON.stringify(token), /sésamo/);
  assert.deepEqual(await context.cookies(), []);
});
