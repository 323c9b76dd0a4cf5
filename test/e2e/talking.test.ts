/**
 * Talking: who says what, as terminals and pages hear it, and a log that keeps up with it.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser } from '../helpers/page/browser.ts';
import { enterRoom, pageOpener, type Scene, type Stack, startStack } from '../helpers/page/scene.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

/** One for all who need none of their own: each test comes into it with pages and a terminal of its own. */
const shared = await startStack({ after }, await builtRoom({ after }));

async function scene(t: TestContext, place: Stack = shared): Promise<Scene> {
  return await enterRoom(t, browser, place);
}

/** What the page shows of all that was said since it came in: above that stands the past, of other tests. */
async function said(page: ChatPage): Promise<{ who: string; words: string }[]> {
  const since = page.log.locator('log-note:has-text("Has entrado como") ~ chat-message');
  return await since.evaluateAll((messages) =>
    messages.map((message) => ({
      who: message.getAttribute('aria-label') ?? '',
      words: message.querySelector('.words')?.textContent ?? '',
    })),
  );
}

/** Its 80 lines are of other words than those of other tests. */
async function fill(page: ChatPage, terminal: TcpClient, word: string): Promise<void> {
  for (let i = 1; i <= 80; i++) terminal.send(`${word} ${i}\n`);
  await page.shows(`${word} 80`);
}

test('a terminal and the page hear each other, each under its address', async (t) => {
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

test('two pages hear each other', async (t) => {
  const { open } = await scene(t);
  const [ana, bea] = [await open(), await open()];
  await ana.send('soy Ana');
  await bea.shows('soy Ana');
  await bea.send('soy Bea');
  await ana.shows('soy Bea');
  const [fromAna, fromBea] = await said(bea);
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
    (await enter(t, room.port)).send(`${words}\n`);
    await Promise.all([ana.shows(words), bea.shows(words)]);
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

test('a nickname that could break the format is refused, aloud, and not used', async (t) => {
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

test('the log stays at the newest words', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await fill(page, terminal, 'renglón');
  await page.isAtNewest();
  terminal.send('y uno más\n');
  await page.shows('y uno más');
  await page.isAtNewest();
  assert.equal(await page.pill.count(), 0);
});

test('the log stays at the newest words when the composer gives back the lines of a long text', async (t) => {
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
    assert.equal(await page.pill.count(), 0);
  }
});

test('who reads further up stays there, is told how much is new, and is led back', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await fill(page, terminal, 'verso');
  await page.isAtNewest();
  await page.scrollUp();
  await page.button('Ir a lo último').waitFor();
  const place = await page.positionOf('verso 60');

  for (const words of ['nuevo A', 'nuevo B']) {
    terminal.send(`${words}\n`);
    await page.shows(words);
  }
  await page.button('2 mensajes nuevos').waitFor();
  assert.equal(await page.positionOf('verso 60'), place);

  await page.pill.click();
  await page.isAtNewest();
  await page.pill.waitFor({ state: 'detached' });
});

test('the title counts what was said while the person was away', async (t) => {
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

test('Enter sends; Shift+Enter makes lines, and each line is a message, in order', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  const address = await page.address();
  for (const line of ['uno', 'dos', 'tres']) {
    await page.composer.pressSequentially(line);
    await page.composer.press(line === 'tres' ? 'Enter' : 'Shift+Enter');
  }
  await terminal.receives('tres');
  const lines = ['uno', 'dos', 'tres'].map((line) => `${address} dice: ${line}\n`);
  assert.equal(terminal.received, lines.join(''));
  await page.showsReceipt('tres');
  assert.deepEqual(
    (await said(page)).map(({ words }) => words),
    ['uno', 'dos', 'tres'],
  );
  assert.equal(await page.composer.inputValue(), '');
});

test('a text too long for a message is counted, said to be so, and not sent', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.composer.fill('a'.repeat(31_000));
  await page.page.getByText('31000 de 32000 bytes').waitFor();
  // The composer takes 32,000 characters, whatever they are in bytes.
  await page.composer.fill('ñ'.repeat(16_001));
  await page.alert.filter({ hasText: '32002 de 32000 bytes. Demasiado largo' }).waitFor();
  await page.composer.press('Enter');
  assert.equal((await page.composer.inputValue()).length, 16_001);
  await page.send('corto');
  await terminal.receives('corto');
  assert.ok(!terminal.received.includes('ñññ'));
});

test('the answer of an echo server is shown as its own words to this page, which counts as heard', async (t) => {
  const { open } = await scene(t, await startStack(t, await builtRoom(t, 'echo')));
  const [ana, bea] = [await open(), await open()];
  await ana.send('eco, eco');
  const answer = ana.page.getByRole('figure', { name: /^El servidor, solo a ti · \d+:\d\d$/ });
  await answer.getByText('Eco del servidor: eco, eco').waitFor();
  await ana.showsReceipt('eco, eco');
  await bea.send('yo también');
  await bea.showsReceipt('yo también');
  assert.deepEqual(
    (await bea.messages()).map(({ words }) => words),
    ['yo también'],
  );
});

/** Own messages, and under each what the server says of it. */
async function withAnswers(page: ChatPage): Promise<string[]> {
  return await page.log.locator('chat-message, log-note').evaluateAll((rows) =>
    rows.flatMap((row) => {
      const words = row.querySelector('.words') ?? row.shadowRoot?.querySelector('pre');
      return words ? [words.textContent ?? ''] : [];
    }),
  );
}

for (const [mode, prefix] of [
  ['echo', 'Eco del servidor: '],
  ['ack', 'Mensaje recibido por el servidor (hilo): '],
] as const) {
  test(`each answer of the server stands under its message, also after a reload: ${mode}`, {
    skip: withoutPython,
  }, async (t) => {
    const { open } = await scene(t, await startStack(t, await pythonRoom(t, mode)));
    const page = await open();
    await page.send('uno\ndos\ntres');
    for (const words of ['uno', 'dos', 'tres']) await page.showsReceipt(words);
    const expected = ['uno', 'dos', 'tres'].flatMap((words) => [words, prefix + words]);
    assert.deepEqual(await withAnswers(page), expected);
    await page.page.reload();
    await page.showsReceipt('tres');
    assert.deepEqual(await withAnswers(page), expected);
    await page.send('cuatro');
    await page.showsReceipt('cuatro');
    assert.deepEqual(await withAnswers(page), [...expected, 'cuatro', `${prefix}cuatro`]);
  });
}

test('what the server sends too much is told in one line', async (t) => {
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

test("words in the name of a page that did not say them are marked, on that page and others'", {
  skip: withoutPython,
}, async (t) => {
  const { terminal, open } = await scene(t, await startStack(t, await pythonRoom(t)));
  const [ana, bea] = [await open(), await open()];
  const address = await ana.address();
  await ana.send('verdad');
  await bea.shows('verdad');
  terminal.send(`\n${address} dice: mentira\n`);
  for (const page of [ana, bea]) {
    const warning = 'Esta dirección no lo ha dicho: alguien habla en su nombre.';
    await page.message('mentira').getByText(warning).waitFor();
    assert.equal(await page.message('verdad').getByText(warning).count(), 0);
  }
  const lie = (await ana.messages()).find(({ words }) => words === 'mentira');
  assert.ok(lie?.who.startsWith(address), `${lie?.who} is not ${address}`);
});
