/**
 * The page as a person meets it: one room, its terminals, a real browser.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import type { Mode } from '../../tcp-server/server.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/browser.ts';
import { eventually } from '../helpers/eventually.ts';
import { focused } from '../helpers/focus.ts';
import { startGateway } from '../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

type Open = (options?: BrowserContextOptions) => Promise<ChatPage>;

interface Scene {
  room: Awaited<ReturnType<typeof builtRoom>>;
  terminal: TcpClient;
  url: string;
  open: Open;
}

async function openScene(t: TestContext, room: Scene['room']): Promise<Scene> {
  const gateway = await startGateway(t, room.port);
  return { room, terminal: await enter(t, room.port), url: gateway.url, open: opener(t, gateway.url) };
}

function opener(t: TestContext, url: string): Open {
  return async (options) => {
    const page = await openPage(browser, url, options);
    t.after(() => page.page.context().close());
    return page;
  };
}

async function scene(t: TestContext, mode?: Mode): Promise<Scene> {
  return await openScene(t, await builtRoom(t, mode));
}

/** It takes connections and words, and does nothing with them: as when somebody in the room does not read. */
function freeze(room: Scene['room']): void {
  room.program.signal('SIGSTOP');
}

function wake(room: Scene['room']): void {
  room.program.signal('SIGCONT');
}

const withoutFreezing = process.platform === 'win32' && 'a process can not be stopped here';

function talk(terminal: TcpClient, count: number): void {
  for (let i = 1; i <= count; i++) terminal.say(`renglón ${i}\n`);
}

test('opening the page is joining the room', async (t) => {
  const { room, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  const [, port] = address.split(':');
  await room.program.says(new RegExp(`Conexión establecida con .*${port}`));
  await page.log.getByText(`Has entrado como ${address}`).waitFor();
  await page.log.getByText('Todavía no ha hablado nadie.').waitFor();
});

test('own words show at once as being sent, and as heard once the room has heard them', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, open } = await scene(t);
  const page = await open();
  freeze(room);
  await page.say('¿me oís?');
  await page.stands('¿me oís?', 'Enviando…');
  wake(room);
  await page.isHeard('¿me oís?');
  const [mine, ...more] = await page.messages();
  assert.match(mine?.who ?? '', /^Tú, \d+:\d\d$/);
  assert.deepEqual(more, []);
});

test('a terminal and the page hear each other, each under its address', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.say('hola, terminal');
  await terminal.hears(`${await page.address()} dice: hola, terminal\n`);
  terminal.say('hola, navegador\n');
  await page.hears('hola, navegador');
  const said = (await page.messages()).at(-1);
  assert.match(said?.who ?? '', new RegExp(`^${terminal.address}, \\d+:\\d\\d$`));
  assert.equal(said?.words, 'hola, navegador');
});

test('two pages hear each other', async (t) => {
  const { open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  await ana.say('soy Ana');
  await bea.hears('soy Ana');
  await bea.say('soy Bea');
  await ana.hears('soy Bea');
  const [fromAna, fromBea] = await bea.messages();
  assert.ok(fromAna?.who.startsWith(await ana.address()));
  assert.ok(fromBea?.who.startsWith('Tú,'));
});

/** Colour and form of the speaker, whose words these are. */
async function lookOf(page: ChatPage, words: string): Promise<string> {
  return await page.message(words).evaluate((article) => {
    const avatar = getComputedStyle(article.querySelector('.avatar') ?? article);
    const name = getComputedStyle(article.querySelector('.speaker > *') ?? article);
    return [name.color, avatar.backgroundColor, avatar.borderColor, avatar.borderRadius].join(' | ');
  });
}

test('a speaker looks the same on every page, and not like the others', async (t) => {
  const { room, open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  const looks = new Set<string>();
  for (const words of ['uno;', 'dos;', 'tres;', 'cuatro;', 'cinco;']) {
    (await enter(t, room.port)).say(`${words}\n`);
    await Promise.all([ana.hears(words), bea.hears(words)]);
    const look = await lookOf(ana, words);
    assert.equal(await lookOf(bea, words), look);
    looks.add(look);
  }
  assert.ok(looks.size > 1, `all look like ${[...looks]}`);
});

test('a nickname travels in the text to terminals and stands as a name on other pages', async (t) => {
  const { terminal, open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  const address = await ana.address();
  await ana.callsItself('Ana');
  await ana.say('hola');
  await terminal.hears(`${address} dice: <Ana> hola\n`);
  await bea.log
    .getByRole('article', { name: `Ana, ${address}, ` })
    .getByText('hola', { exact: true })
    .waitFor();
  await ana.isHeard('hola');
  assert.deepEqual(
    (await ana.messages()).map(({ words }) => words),
    ['hola'],
  );
});

test('a nickname that could break the format is refused, aloud, and not used', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  for (const bad of ['<Ana>', 'a>b', 'x'.repeat(25)]) {
    await page.callsItself(bad);
    await page.alert.filter({ hasText: 'De 1 a 24 caracteres, sin < ni >.' }).waitFor();
  }
  await page.say('sin nombre');
  await terminal.hears(`${await page.address()} dice: sin nombre\n`);
  await page.callsItself('Ana');
  await page.alert.waitFor({ state: 'hidden' });
});

test('the log stays at the newest words', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  talk(terminal, 80);
  await page.hears('renglón 80');
  await page.isAtNewest();
  terminal.say('y uno más\n');
  await page.hears('y uno más');
  await page.isAtNewest();
  assert.equal(await page.pill.count(), 0);
});

test('the log stays at the newest words when the composer gives back the lines of a long text', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 1280, height: 800 } });
  talk(terminal, 80);
  await page.hears('renglón 80');
  for (const letter of 'abcd') {
    const text = letter.repeat(600);
    await page.say(text);
    await page.isHeard(text);
    terminal.say(`tras ${letter}\n`);
    await page.hears(`tras ${letter}`);
    await page.isAtNewest();
    assert.equal(await page.pill.count(), 0);
  }
});

test('who reads further up stays there, is told how much is new, and is led back', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  talk(terminal, 80);
  await page.hears('renglón 80');
  await page.isAtNewest();
  await page.scrollUp();
  await page.button('Ir a lo último').waitFor();
  const place = await page.standsAt('renglón 60');

  for (const words of ['nuevo A', 'nuevo B']) {
    terminal.say(`${words}\n`);
    await page.hears(words);
  }
  await page.button('2 mensajes nuevos').waitFor();
  assert.equal(await page.standsAt('renglón 60'), place);

  await page.pill.click();
  await page.isAtNewest();
  await page.pill.waitFor({ state: 'detached' });
});

test('Enter sends; Shift+Enter makes lines, and each line is a message, in order', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  for (const line of ['uno', 'dos', 'tres']) {
    await page.composer.pressSequentially(line);
    await page.composer.press(line === 'tres' ? 'Enter' : 'Shift+Enter');
  }
  await terminal.hears('tres');
  const lines = ['uno', 'dos', 'tres'].map((line) => `${address} dice: ${line}\n`);
  assert.equal(terminal.heard, lines.join(''));
  await page.isHeard('tres');
  assert.deepEqual(
    (await page.messages()).map(({ words }) => words),
    ['uno', 'dos', 'tres'],
  );
  assert.equal(await page.composer.inputValue(), '');
});

const WAYS_OUT: Record<string, (page: ChatPage) => Promise<void>> = {
  'the word salir': async (page) => await page.say('salir'),
  'the menu': async (page) => await page.leave(),
};

for (const [name, leave] of Object.entries(WAYS_OUT)) {
  test(`${name} leaves the room, and Volver comes back as somebody new`, async (t) => {
    const { room, terminal, open } = await scene(t);
    const page = await open();
    const address = await page.address();
    const port = address.split(':')[1];
    await leave(page);
    await page.farewell.waitFor();
    await page.tells('Has salido');
    await room.program.says(new RegExp(`Conexión cerrada por .*${port}`));
    assert.equal(await page.composer.count(), 0);

    await page.comeBack();
    await page.say('otra vez aquí');
    await terminal.hears('otra vez aquí');
    await page.isHeard('otra vez aquí');
    assert.notEqual(await page.address(), address);
    assert.ok(!terminal.heard.includes('salir'));
  });
}

test('words that a frozen room does not repeat are in doubt, and heard after all when it wakes', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, terminal, open } = await scene(t);
  const page = await open();
  freeze(room);
  await page.say('¿hay alguien?');
  await page.stands('¿hay alguien?', 'No se sabe si llegó a la sala');
  await page.button('Enviar otra vez').waitFor();
  await page.button('Descartar').waitFor();

  wake(room);
  await page.isHeard('¿hay alguien?');
  await page.button('Descartar').waitFor({ state: 'detached' });
  await terminal.hears('¿hay alguien?');
  assert.equal((await page.messages()).length, 1);
});

test('words in doubt can be discarded or sent again', { skip: withoutFreezing }, async (t) => {
  const { room, open } = await scene(t);
  const page = await open();
  freeze(room);
  for (const words of ['fuera', 'otra vez']) {
    await page.say(words);
    await page.stands(words, 'No se sabe si llegó a la sala');
  }
  await page.message('fuera').getByRole('button', { name: 'Descartar' }).click();
  await page.message('fuera').waitFor({ state: 'detached' });
  await page.message('otra vez').getByRole('button', { name: 'Enviar otra vez' }).click();
  await page.stands('otra vez', 'Enviando…');
  assert.equal(await page.message('fuera').count(), 0);

  // The room had them all along: whoever sends again says it twice.
  wake(room);
  await eventually(
    async () => (await page.messages()).length === 3,
    () => 'the page does not show what the room heard',
  );
  assert.deepEqual(
    (await page.messages()).map(({ words }) => words),
    ['fuera', 'otra vez', 'otra vez'],
  );
});

test('a text too long for a message is counted, said to be so, and not sent', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.composer.fill('a'.repeat(31_000));
  await page.page.getByText('31000 de 32000 bytes').waitFor();
  await page.composer.fill('a'.repeat(32_001));
  await page.alert.filter({ hasText: '32001 de 32000 bytes. Demasiado largo' }).waitFor();
  await page.composer.press('Enter');
  assert.equal((await page.composer.inputValue()).length, 32_001);
  await page.say('corto');
  await terminal.hears('corto');
  assert.ok(!terminal.heard.includes('aaa'));
});

test('while the room server is away words wait, and go out in order when it is back', async (t) => {
  const { room, open } = await scene(t);
  const page = await open();
  await room.program.stop();
  await page.tells('La sala no responde (el servidor TCP está caído)');
  for (const words of ['primero', 'segundo', 'tercero']) {
    await page.say(words);
    await page.stands(words, 'En espera');
  }

  await builtRoom(t, 'broadcast', { TCP_PORT: `${room.port}` });
  const terminal = await enter(t, room.port);
  await terminal.hears('tercero', 20_000);
  for (const words of ['primero', 'segundo', 'tercero']) await page.isHeard(words);
  const said = [...terminal.heard.matchAll(/dice: (\w+)\n/g)].map(([, words]) => words);
  assert.deepEqual(said, ['primero', 'segundo', 'tercero']);
});

test('the answer of an echo server is shown as its own words to this page, which counts as heard', async (t) => {
  const { open } = await scene(t, 'echo');
  const [ana, bea] = [await open(), await open()];
  await ana.say('eco, eco');
  const answer = ana.page.getByRole('figure', { name: /^El servidor, solo a ti · \d+:\d\d$/ });
  await answer.getByText('Eco del servidor: eco, eco').waitFor();
  await ana.isHeard('eco, eco');
  await bea.say('yo también');
  await bea.isHeard('yo también');
  assert.deepEqual(
    (await bea.messages()).map(({ words }) => words),
    ['yo también'],
  );
});

test("words in the name of a page that did not say them are marked, on that page and others'", {
  skip: withoutPython,
}, async (t) => {
  const { terminal, open } = await openScene(t, await pythonRoom(t));
  const [ana, bea] = [await open(), await open()];
  const address = await ana.address();
  await ana.say('verdad');
  await bea.hears('verdad');
  terminal.say(`\n${address} dice: mentira\n`);
  for (const page of [ana, bea]) {
    const warning = 'Esta dirección no lo ha dicho: alguien habla en su nombre.';
    await page.message('mentira').getByText(warning).waitFor();
    assert.equal(await page.message('verdad').getByText(warning).count(), 0);
  }
  const lie = (await ana.messages()).find(({ words }) => words === 'mentira');
  assert.ok(lie?.who.startsWith(address), `${lie?.who} is not ${address}`);
});

test('a browser in English gets the page in English', async (t) => {
  const { terminal, open } = await scene(t);
  const { page } = await open({ locale: 'en-US' });
  await page.getByRole('status').filter({ hasText: 'In the room as' }).waitFor();
  await page.getByRole('textbox', { name: 'Message' }).fill('hello');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await terminal.hears('dice: hello\n');
  await page
    .getByRole('log')
    .getByRole('article', { name: /^You, / })
    .getByText('hello')
    .waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
});

/** How light a colour of the page is, 0 to 255: what a canvas makes of it. */
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

test('the page is dark where the person likes it dark', async (t) => {
  const { open } = await scene(t);
  const light = await open({ colorScheme: 'light' });
  const dark = await open({ colorScheme: 'dark' });
  assert.ok((await lightness(light, 'backgroundColor')) > 200);
  assert.ok((await lightness(light, 'color')) < 100);
  assert.ok((await lightness(dark, 'backgroundColor')) < 60);
  assert.ok((await lightness(dark, 'color')) > 150);
});

test('nothing is wider than a small phone', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 360, height: 640 } });
  await page.callsItself('W'.repeat(24));
  terminal.say(`<${'M'.repeat(24)}> ${'ancho'.repeat(100)}\n`);
  await page.hears('anchoancho');
  await page.say('largo'.repeat(100));
  await page.isHeard('largolargo');
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

/** Presses of Tab that lead once around the page, and some. */
const TABS = 24;

test('the keyboard alone reaches everything, and one always sees where it is', {
  skip: withoutFreezing,
}, async (t) => {
  const { room, open } = await scene(t);
  const page = await open();
  freeze(room);
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
    'Quién está',
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
  assert.equal((await focused(page)).name, 'Mensaje');

  for (const sheet of ['Quién está', 'Invitar'] as const) {
    await page.button(sheet).focus();
    await page.page.keyboard.press('Enter');
    await page.page.getByRole('dialog', { name: sheet }).waitFor();
    await page.page.keyboard.press('Escape');
    await page.page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await focused(page)).name, sheet);
  }
});

test('no words become HTML: of a terminal, in a nickname, of the server', async (t) => {
  const html = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.say(`${html}\n<&lt;i&gt;> <b>${html}\n`);
  await page.hears('<b><img');
  await page.say(html);
  await page.isHeard(html);
  await page.log.getByText('&lt;i&gt;', { exact: true }).waitFor();
  assert.equal(await page.page.locator('chat-message :is(.words, bdi) *').count(), 0);

  const echo = await scene(t, 'echo');
  const alone = await echo.open();
  await alone.say(html);
  await alone.page.getByRole('figure').getByText(`Eco del servidor: ${html}`).waitFor();
  assert.equal(await alone.page.locator('figure pre *').count(), 0);
  for (const { page: tab, complaints } of [page, alone]) {
    assert.equal(await tab.evaluate(() => 'broken' in window), false);
    assert.deepEqual(complaints, []);
  }
});

test('a whole visit asks no other host, under a policy that forbids it, without a complaint', async (t) => {
  const { terminal, url, open } = await scene(t);
  const page = await open();
  const asked: string[] = [];
  page.page.on('request', (request) => asked.push(request.url()));
  page.page.on('websocket', (socket) => asked.push(socket.url().replace(/^ws/, 'http')));
  const response = await page.page.reload();
  assert.match(response?.headers()['content-security-policy'] ?? '', /default-src 'self'.*object-src 'none'/);

  await page.callsItself('Ana');
  await page.say('una visita entera');
  await page.isHeard('una visita entera');
  terminal.say('sí\n');
  await page.hears('sí');
  await page.leave();
  await page.comeBack();
  await page.say('y otra');
  await page.isHeard('y otra');
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

test('everything works over plain http from another device', {
  skip: !addressOfThisMachine() && 'this machine has no address but its own',
}, async (t) => {
  const room = await builtRoom(t);
  const terminal = await enter(t, room.port);
  const gateway = await startGateway(t, room.port, { HTTP_HOST: '0.0.0.0' });
  const open = opener(t, `http://${addressOfThisMachine()}:${gateway.port}`);
  const [ana, bea] = [await open(), await open()];
  assert.equal(await ana.page.evaluate(() => window.isSecureContext), false);

  await ana.callsItself('Ana');
  await ana.say('desde el móvil');
  await terminal.hears('<Ana> desde el móvil\n');
  await bea.hears('desde el móvil');
  await ana.isHeard('desde el móvil');
  terminal.say('te oigo\n');
  await ana.hears('te oigo');
  const address = await ana.address();
  await ana.page.reload();
  assert.equal(await ana.address(), address);
  await ana.hears('te oigo');
  await ana.leave();
  await ana.comeBack();
  await ana.addressOtherThan(address);
  assert.deepEqual(ana.complaints, []);
});

test('the title counts what was said while the person was away', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  talk(terminal, 80);
  await page.hears('renglón 80');
  await page.isAtNewest();
  await page.scrollUp();
  terminal.say('psst\n');
  await eventually(
    async () => (await page.page.title()) === '(1) Tertulia',
    () => 'the title does not count',
  );
  await page.pill.click();
  await eventually(
    async () => (await page.page.title()) === 'Tertulia',
    () => 'the title still counts',
  );
});
