/**
 * Sending and receiving, between terminals and pages, and a log that follows.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { enterRoom, pageOpener, type Scene, type Stack, startStack } from '../helpers/page/scene.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

/** The shared fixture. Each test opens pages and a terminal of its own. */
const shared = await startStack({ after }, await builtRoom({ after }));

async function scene(t: TestContext, place: Stack = shared): Promise<Scene> {
  return await enterRoom(t, browser, place);
}

/** The messages since the page joined. Above them stands the history, of other tests. */
async function said(page: ChatPage): Promise<{ who: string; words: string }[]> {
  const since = page.log.locator('log-note:has-text("Has entrado como") ~ chat-message');
  return await since.evaluateAll((messages) =>
    messages.map((message) => ({
      who: message.getAttribute('aria-label') ?? '',
      words: message.querySelector('.words')?.textContent ?? '',
    })),
  );
}

/** Eighty lines with words that no other test uses. */
async function fill(page: ChatPage, terminal: TcpClient, word: string): Promise<void> {
  for (let i = 1; i <= 80; i++) terminal.send(`${word} ${i}\n`);
  await page.shows(`${word} 80`);
}

test("terminal and page receive each other's messages under their addresses", async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.send('hola, terminal');
  await terminal.receives(`${await page.address()} dice: hola, terminal\n`);
  terminal.send('hola, navegador\n');
  await page.shows('hola, navegador');
  const last = (await page.messages()).at(-1);
  assert.match(last?.who ?? '', new RegExp(`^${terminal.address}, \\d+:\\d\\d$`));
  assert.equal(last?.words, 'hola, navegador');
});

test("two pages receive each other's messages", async (t) => {
  const { open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  await ana.send('soy Ana');
  await bea.shows('soy Ana');
  await bea.send('soy Bea');
  await ana.shows('soy Bea');
  await bea.showsReceipt('soy Bea');
  const [fromAna, fromBea] = await said(bea);
  assert.ok(fromAna?.who.startsWith(await ana.address()));
  assert.ok(fromBea?.who.startsWith('Tú,'));
});

/** Colour and shape of the avatar beside that message. */
async function lookOf(page: ChatPage, words: string): Promise<string> {
  return await page.message(words).evaluate((article) => {
    const avatar = getComputedStyle(article.querySelector('.avatar') ?? article);
    const name = getComputedStyle(article.querySelector('.speaker > *') ?? article);
    return [name.color, avatar.backgroundColor, avatar.borderColor, avatar.borderRadius].join(' | ');
  });
}

test('speaker has one look on every page, different from others', async (t) => {
  const { room, open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  const looks = new Set<string>();
  for (const words of ['uno;', 'dos;', 'tres;', 'cuatro;', 'cinco;']) {
    (await enter(t, room.port)).send(`${words}\n`);
    await Promise.all([ana.shows(words), bea.shows(words)]);
    const look = await lookOf(ana, words);
    assert.equal(await lookOf(bea, words), look);
    looks.add(look);
  }
  assert.ok(looks.size > 1, `all look like ${[...looks]}`);
});

test('nickname travels in the text to terminals and is the name on other pages', async (t) => {
  const { terminal, open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  const address = await ana.address();
  await ana.setNickname('Ana');
  await ana.send('hola');
  await terminal.receives(`${address} dice: <Ana> hola\n`);
  await bea.log
    .getByRole('article', { name: `Ana, ${address}, ` })
    .getByText('hola', { exact: true })
    .waitFor();
  await ana.showsReceipt('hola');
  assert.deepEqual(
    (await said(ana)).map(({ words }) => words),
    ['hola'],
  );
});

test('nickname that could break the format is refused, announced and not used', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  for (const bad of ['<Ana>', 'a>b', 'x'.repeat(25)]) {
    await page.setNickname(bad);
    await page.alert.filter({ hasText: 'De 1 a 24 caracteres, sin < ni >.' }).waitFor();
  }
  await page.send('sin nombre');
  await terminal.receives(`${await page.address()} dice: sin nombre\n`);
  await page.setNickname('Ana');
  await page.alert.waitFor({ state: 'hidden' });
});

test('log stays at the newest messages', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await fill(page, terminal, 'renglón');
  await page.isAtNewest();
  terminal.send('y uno más\n');
  await page.shows('y uno más');
  await page.isAtNewest();
});

test('log stays at the newest when the composer shrinks after a long text', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open({ viewport: { width: 1280, height: 800 } });
  await fill(page, terminal, 'línea');
  for (const letter of 'abcd') {
    const text = letter.repeat(600);
    await page.send(text);
    await page.showsReceipt(text);
    terminal.send(`tras ${letter}\n`);
    await page.shows(`tras ${letter}`);
    await page.isAtNewest();
  }
});

test('reader further up keeps the place, sees the number of new messages, and returns', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await fill(page, terminal, 'verso');
  await page.isAtNewest();
  await page.scrollUp();
  await page.button('Ir al final').waitFor();
  const place = await page.positionOf('verso 60');

  // The rows below the place may not be drawn, so the count tells that the messages arrived.
  terminal.send('nuevo A\nnuevo B\n');
  await page.button('2 mensajes nuevos').waitFor();
  assert.equal(await page.positionOf('verso 60'), place);

  await page.pill.click();
  await page.isAtNewest();
});

test('title counts the messages while the page is hidden', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await fill(page, terminal, 'frase');
  await page.isAtNewest();
  await page.scrollUp();
  terminal.send('psst\n');
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

test('Enter sends, Shift+Enter starts a line, and each line is a message in order', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  for (const line of ['uno', 'dos', 'tres']) {
    await page.composer.pressSequentially(line);
    await page.composer.press(line === 'tres' ? 'Enter' : 'Shift+Enter');
  }
  await terminal.receives('tres\n');
  const lines = ['uno', 'dos', 'tres'].map((line) => `${address} dice: ${line}\n`);
  assert.equal(terminal.received, lines.join(''));
  await page.showsReceipt('tres');
  assert.deepEqual(
    (await said(page)).map(({ words }) => words),
    ['uno', 'dos', 'tres'],
  );
  await page.holds('');
});

test('text over the length limit is counted, explained and not sent', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.composer.fill('a'.repeat(31_000));
  await page.page.getByText('31000 de 32000 bytes').waitFor();
  // The composer takes 32,000 characters, independent of their size in bytes.
  await page.composer.fill('ñ'.repeat(16_001));
  await page.alert.filter({ hasText: '32002 de 32000 bytes. Demasiado largo' }).waitFor();
  await page.composer.press('Enter');
  assert.equal((await page.composer.inputValue()).length, 16_001);
  await page.send('corto');
  await terminal.receives('corto');
  assert.ok(!terminal.received.includes('ñññ'));
});

test('answer of an echo server is a private notice, and confirms the message', async (t) => {
  const { open } = await scene(t, await startStack(t, await builtRoom(t, 'echo')));
  const [ana, bea] = [await open(), await open()];
  await ana.send('eco, eco');
  const answer = ana.page.getByRole('figure', { name: /^El servidor, solo para ti · \d+:\d\d$/ });
  await answer.getByText('Eco del servidor: eco, eco').waitFor();
  await ana.showsReceipt('eco, eco');
  await bea.send('yo también');
  await bea.showsReceipt('yo también');
  assert.deepEqual(
    (await bea.messages()).map(({ words }) => words),
    ['yo también'],
  );
});

/** Waits for own messages, each with the server's notices below it. A notice may come after its message's receipt. */
async function showsAnswers(page: ChatPage, expected: string[]): Promise<void> {
  const rows = page.log.locator('chat-message, log-note');
  let shown: string[] = [];
  await eventually(
    async () => {
      shown = await rows.evaluateAll((rows) =>
        rows.flatMap((row) => {
          const words = row.querySelector('.words') ?? row.shadowRoot?.querySelector('pre');
          return words ? [words.textContent ?? ''] : [];
        }),
      );
      return isDeepStrictEqual(shown, expected);
    },
    () => `the log shows ${shown}, not ${expected}`,
  );
}

for (const [mode, prefix] of [
  ['echo', 'Eco del servidor: '],
  ['ack', 'Mensaje recibido por el servidor (hilo): '],
] as const) {
  test(`each notice of the server is below its message, also after a reload: ${mode}`, {
    skip: withoutPython,
  }, async (t) => {
    const { open } = await scene(t, await startStack(t, await pythonRoom(t, mode)));
    const page = await open();
    await page.send('uno\ndos\ntres');
    for (const words of ['uno', 'dos', 'tres']) await page.showsReceipt(words);
    const expected = ['uno', 'dos', 'tres'].flatMap((words) => [words, prefix + words]);
    await showsAnswers(page, expected);
    await page.page.reload();
    await page.showsReceipt('tres');
    await showsAnswers(page, expected);
    await page.send('cuatro');
    await page.showsReceipt('cuatro');
    await showsAnswers(page, [...expected, 'cuatro', `${prefix}cuatro`]);
  });
}

test("surplus of the server's notices is reported in one line", async (t) => {
  const room = await builtRoom(t, 'echo');
  const gateway = await startGateway(t, room.port, { NOTICE_BURST_BYTES: '1', NOTICE_RATE_BYTES: '0.001' });
  const page = await pageOpener(t, browser, gateway.url)();
  for (const words of ['uno', 'dos', 'tres']) {
    await page.send(words.repeat(500));
    await page.showsReceipt(words);
  }
  const line = page.log.getByText(/^El servidor te envió demasiado: aquí faltan \d+ kB · \d+:\d\d$/);
  await line.filter({ hasText: '5 kB' }).waitFor();
  assert.equal(await line.count(), 1);
});

test("message that forges a page's address is marked, on that page and on others", {
  skip: withoutPython,
}, async (t) => {
  const { terminal, open } = await scene(t, await startStack(t, await pythonRoom(t)));
  const [ana, bea] = [await open(), await open()];
  const address = await ana.address();
  await ana.send('verdad');
  await bea.shows('verdad');
  terminal.send(`\n${address} dice: mentira\n`);
  for (const page of [ana, bea]) {
    const warning = 'Suplantación: esta dirección no envió este mensaje.';
    await page.message('mentira').getByText(warning).waitFor();
    assert.equal(await page.message('verdad').getByText(warning).count(), 0);
  }
  const lie = (await ana.messages()).find(({ words }) => words === 'mentira');
  assert.ok(lie?.who.startsWith(address), `${lie?.who} is not ${address}`);
});

test('second person under a name in use is marked on pages, and a rename shows the name before', async (t) => {
  const { terminal, open } = await scene(t);
  const [elena, other, page] = [await open(), await open(), await open()];
  await elena.setNickname('Prof. Elena');
  await elena.send('soy yo');
  await page.shows('soy yo');
  await other.setNickname('prof. elena');
  await other.send('no hay clase');
  terminal.send('<Prof. Elena> salid todos\n');
  const mark = 'otra persona con ese nombre';
  for (const text of ['no hay clase', 'salid todos']) await page.message(text).getByText(mark).waitFor();
  assert.equal(await page.message('soy yo').getByText(mark).count(), 0);
  const before = page.page.viewportSize() ?? { width: 1000, height: 700 };
  await page.page.setViewportSize({ width: 320, height: 640 });
  const name = page.message('no hay clase').locator('.speaker b');
  await eventually(
    async () => ((await name.boundingBox())?.height ?? 99) < 40,
    () => 'the mark squeezes the name',
  );
  const marked = page.message('no hay clase').getByText(mark);
  const isCut = await marked.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  assert.equal(isCut, false, 'the mark is cut');
  await page.page.setViewportSize(before);
  const file = await page.page.evaluate(
    async () => await (await fetch('/api/transcript?format=text')).text(),
  );
  assert.match(file, /NAME-IN-USE \S+ dice: <prof. elena> no hay clase\n/);
  await elena.setNickname('Elena');
  await elena.send('con otro nombre');
  await page.message('con otro nombre').getByText('antes Prof. Elena').waitFor();
});
