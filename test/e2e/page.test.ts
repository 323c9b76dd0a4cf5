/**
 * The page from joining to leaving: language, colours, phones, keys, other devices, and the requests it never makes.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import type { Mode } from '../../tcp-server/relay.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { focused, hasFocus } from '../helpers/page/focus.ts';
import { enterRoom, pageOpener, type Scene, type Stack, startStack } from '../helpers/page/scene.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

/** The shared fixture. Each test opens pages and a terminal of its own. */
const shared = await startStack({ after }, await builtRoom({ after }));

async function scene(t: TestContext, place: Stack = shared): Promise<Scene> {
  return await enterRoom(t, browser, place);
}

async function sceneOfItsOwn(t: TestContext, mode?: Mode): Promise<Scene> {
  return await scene(t, await startStack(t, await builtRoom(t, mode)));
}

test('page joins the room when it is opened', async (t) => {
  const { room, open } = await sceneOfItsOwn(t);
  const page = await open();
  const address = await page.address();
  const [, port] = address.split(':');
  await room.program.prints(new RegExp(`Conexión establecida con .*${port}`));
  await page.log.getByText(`Has entrado como ${address}`).waitFor();
  await page.log.getByText('Todavía no hay mensajes.').waitFor();
});

const WAYS_OUT: Record<string, (page: ChatPage) => Promise<void>> = {
  'the word salir': async (page) => await page.send('salir'),
  'the menu': async (page) => await page.leave(),
};

for (const [name, leave] of Object.entries(WAYS_OUT)) {
  test(`${name} leaves the room, and Volver a entrar joins it under a new address`, async (t) => {
    const { room, terminal, open } = await scene(t);
    const page = await open();
    const address = await page.address();
    const port = address.split(':')[1];
    await leave(page);
    await page.farewell.waitFor();
    await page.showsStatus('Has salido');
    await room.program.prints(new RegExp(`Conexión cerrada por .*${port}`));
    assert.equal(await page.composer.count(), 0);

    await page.rejoin();
    await page.send('otra vez aquí');
    await terminal.receives('otra vez aquí');
    await page.showsReceipt('otra vez aquí');
    assert.notEqual(await page.address(), address);
    assert.ok(!terminal.received.includes('salir'));
  });
}

test('page is in English for a browser in English', async (t) => {
  const { terminal, open } = await scene(t);
  const { page } = await open({ locale: 'en-US' });
  await page.getByRole('status').filter({ hasText: 'In the room as' }).waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('hello');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await terminal.receives('dice: hello\n');
  await page
    .getByRole('log')
    .getByRole('article', { name: /^You, / })
    .getByText('hello')
    .waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
});

/** Brightness of a CSS colour, 0 to 255, as a canvas draws it. */
async function lightness(page: ChatPage, part: 'backgroundColor' | 'color'): Promise<number> {
  return await page.composer.evaluate((composer, part) => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) return Number.NaN;
    canvas.fillStyle = getComputedStyle(part === 'color' ? composer : document.body)[part];
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  }, part);
}

test('page is dark when the system prefers dark', async (t) => {
  const { open } = await scene(t);
  const light = await open({ colorScheme: 'light' });
  const dark = await open({ colorScheme: 'dark' });
  assert.ok((await lightness(light, 'backgroundColor')) > 200);
  assert.ok((await lightness(light, 'color')) < 100);
  assert.ok((await lightness(dark, 'backgroundColor')) < 60);
  assert.ok((await lightness(dark, 'color')) > 150);
});

test('page is never wider than a small phone', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 360, height: 640 } });
  await page.setNickname('W'.repeat(24));
  terminal.send(`<${'M'.repeat(24)}> ${'ancho'.repeat(100)}\n`);
  await page.shows('anchoancho');
  await page.send('largo'.repeat(100));
  await page.showsReceipt('largolargo');
  assert.ok((await page.page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  assert.ok((await page.log.evaluate((log) => log.scrollWidth - log.clientWidth)) <= 0);
  for (const text of ['anchoancho', 'largolargo']) {
    const words = page.message(text).locator('.words');
    assert.ok((await words.evaluate((element) => element.scrollWidth - element.clientWidth)) <= 0);
  }
  for (const part of [
    page.menu,
    page.button('Invitar'),
    page.button('Enviar'),
    page.composer,
    page.nickname,
  ]) {
    const box = await part.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 360, JSON.stringify(box));
  }
});

const withoutFreezing = process.platform === 'win32' && 'a process can not be stopped here';

/** More presses of Tab than lead once around the page. */
const TABS = 24;

test('keyboard reaches everything, with a visible focus at each step', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, open } = await sceneOfItsOwn(t);
  const page = await open();
  await room.program.freeze();
  await page.page.keyboard.type('en duda');
  await page.page.keyboard.press('Enter');
  await page.button('Descartar').waitFor();

  const reached = new Set<string>();
  for (let i = 0; i < TABS; i++) {
    await page.page.keyboard.press('Tab');
    const { name, shows } = await focused(page);
    if (name === '') continue; // the browser's own controls
    reached.add(name);
    assert.ok(shows, `the focus on ${name} can't be seen`);
  }
  const everything = [
    'Buscar',
    'Quién está aquí',
    'Invitar',
    'Más',
    'Conversación',
    'Enviar otra vez',
    'Descartar',
    'Tu nombre',
    'Mensaje',
    'Enviar',
  ];
  assert.deepEqual(
    everything.filter((name) => !reached.has(name)),
    [],
  );

  await page.log.focus();
  await page.page.keyboard.press('Escape');
  await hasFocus(page, 'Mensaje');

  for (const sheet of ['Quién está aquí', 'Invitar'] as const) {
    await page.button(sheet).focus();
    await page.page.keyboard.press('Enter');
    await page.page.getByRole('dialog', { name: sheet }).waitFor();
    await page.page.keyboard.press('Escape');
    await page.page.getByRole('dialog').waitFor({ state: 'detached' });
    await hasFocus(page, sheet);
  }
});

test('text of terminals, nicknames and the server never becomes HTML', async (t) => {
  const html = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send(`${html}\n<&lt;i&gt;> <b>${html}\n`);
  await page.shows('<b><img');
  await page.send(html);
  await page.showsReceipt(html);
  await page.log.getByText('&lt;i&gt;', { exact: true }).waitFor();
  assert.equal(await page.page.locator('chat-message :is(.words, bdi) *').count(), 0);

  const echo = await sceneOfItsOwn(t, 'echo');
  const alone = await echo.open();
  await alone.send(html);
  await alone.page.getByRole('figure').getByText(`Eco del servidor: ${html}`).waitFor();
  assert.equal(await alone.page.locator('figure pre *').count(), 0);
  for (const { page: tab, complaints } of [page, alone]) {
    assert.equal(await tab.evaluate(() => 'broken' in window), false);
    assert.deepEqual(complaints, []);
  }
});

test('whole visit requests no other host, under a strict policy, without a console error', async (t) => {
  const { terminal, url, open } = await scene(t);
  const page = await open();
  const asked: string[] = [];
  page.page.on('request', (request) => asked.push(request.url()));
  page.page.on('websocket', (socket) => asked.push(socket.url().replace(/^ws/, 'http')));
  const response = await page.page.reload();
  assert.match(response?.headers()['content-security-policy'] ?? '', /default-src 'self'.*object-src 'none'/);

  await page.setNickname('Ana');
  await page.send('una visita entera');
  await page.showsReceipt('una visita entera');
  terminal.send('sí\n');
  await page.shows('sí');
  await page.leave();
  await page.rejoin();
  await page.send('y otra');
  await page.showsReceipt('y otra');
  assert.ok(asked.length >= 3, asked.join());
  assert.deepEqual(
    asked.filter((address) => new URL(address).origin !== url),
    [],
  );
  assert.deepEqual(page.complaints, []);
});

function addressOfThisMachine(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

test('page works over plain http from another device', {
  skip: !addressOfThisMachine() && 'this machine has no address but its own',
}, async (t) => {
  const room = await builtRoom(t);
  const terminal = await enter(t, room.port);
  const gateway = await startGateway(t, room.port, { HTTP_HOST: '0.0.0.0' });
  const open = pageOpener(t, browser, `http://${addressOfThisMachine()}:${gateway.port}`);
  const [ana, bea] = [await open(), await open()];
  assert.equal(await ana.page.evaluate(() => window.isSecureContext), false);

  await ana.setNickname('Ana');
  await ana.send('desde el móvil');
  await terminal.receives('<Ana> desde el móvil\n');
  await bea.shows('desde el móvil');
  await ana.showsReceipt('desde el móvil');
  terminal.send('te oigo\n');
  await ana.shows('te oigo');
  const address = await ana.address();
  await ana.page.reload();
  assert.equal(await ana.address(), address);
  await ana.shows('te oigo');
  await ana.leave();
  await ana.rejoin();
  await ana.addressOtherThan(address);
  assert.deepEqual(ana.complaints, []);
});
