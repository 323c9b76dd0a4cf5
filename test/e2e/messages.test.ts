/**
 * Use of the messages of the log: copies, mentions, filters.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { type ChatPage, LAPTOP, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });
const room = await builtRoom({ after });
/** Without history, so that each test sees its own messages alone. */
const { url } = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });

async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<ChatPage> {
  const page = await openPage(browser, url, options);
  t.after(() => page.page.context().close());
  return page;
}

const CODE = 'def f(x):\n    return x + 1\nprint(f(2))';

/** Hides the clipboard API, as a browser does on plain http. The test reads the clipboard by it. */
async function hideClipboard(page: ChatPage): Promise<void> {
  await page.page.evaluate(() => {
    Object.assign(window, { hidden: navigator.clipboard });
    Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
  });
}

/** Waits for a text in the clipboard. The browser writes it beside the page. */
async function hasCopied(page: ChatPage, text: string | RegExp): Promise<void> {
  let copied = '';
  await eventually(
    async () => {
      copied = await page.page.evaluate(async () => {
        const { hidden } = window as { hidden?: Clipboard };
        return await (hidden ?? navigator.clipboard).readText();
      });
      return typeof text === 'string' ? copied === text : text.test(copied);
    },
    () => `the clipboard holds ${JSON.stringify(copied)}`,
  );
}

test('lines of code sent one by one are one block, which is copied, also on plain http', async (t) => {
  const ana = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const bea = await open(t);
  await bea.send(`mirad:\n\`\`\`python\n${CODE}\n\`\`\`\n¿sí?`);
  await bea.showsReceipt('¿sí?');
  await ana.shows('¿sí?');
  for (const page of [ana, bea]) {
    const block = page.log.locator('pre');
    await block.filter({ hasText: CODE }).waitFor();
    assert.equal(await block.count(), 1);
    assert.equal(await block.locator('code').textContent(), CODE);
    assert.match(await block.locator('code').evaluate((code) => getComputedStyle(code).fontFamily), /mono/);
  }
  const copy = ana.log.getByRole('button', { name: 'Copiar' });
  await copy.click();
  await ana.log.getByText('Copiado').first().waitFor();
  await hasCopied(ana, CODE);

  await hideClipboard(ana);
  (await enter(t, room.port)).send('```\nls -l\n```\n');
  await ana.shows('ls -l');
  await copy.last().click();
  await ana.log.getByText('Copiado').last().waitFor();
  await hasCopied(ana, 'ls -l');
});

/** Terminals that take turns, so that each message has a name of its own. */
async function speakers(t: TestContext, count: number): Promise<TcpClient[]> {
  return await Promise.all(Array.from({ length: count }, () => enter(t, room.port)));
}

/** Number of messages that are whole in the visible part of the log. */
async function wholeMessages(page: ChatPage): Promise<number> {
  return await page.log.evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll('chat-message')].filter((row) => {
      const parts = [...row.querySelectorAll('.avatar, .speaker, .words')].map((part) =>
        part.getBoundingClientRect(),
      );
      return parts.every((part) => part.top >= top - 4 && part.bottom <= bottom + 4);
    }).length;
  });
}

test('13 messages of one line are whole at 1280 x 800, and 16 in a compact log', async (t) => {
  const page = await open(t, { viewport: { width: 1280, height: 800 } });
  const [one, other] = await speakers(t, 2);
  for (let i = 0; i < 20; i++) {
    (i % 2 === 0 ? one : other)?.send(`línea ${i};\n`);
    await page.shows(`línea ${i};`);
  }
  await page.isAtNewest();
  const normal = await wholeMessages(page);
  assert.ok(normal >= 13, `${normal} messages`);
  await page.chooseFromMenu('Ajustes');
  await page.page.getByRole('radio', { name: 'Compacto' }).check();
  await page.page.keyboard.press('Escape');
  await page.isAtNewest();
  const compact = await wholeMessages(page);
  assert.ok(compact >= 16, `${compact} messages`);
});

test('address of a named person is shown on hover and on focus alone', async (t) => {
  const page = await open(t);
  const [ana] = await speakers(t, 1);
  ana?.send('<Ana> con nombre;\n');
  await page.shows('con nombre;');
  const address = page.message('con nombre;').locator('.address');
  assert.equal(await address.textContent(), ana?.address);
  await address.waitFor({ state: 'hidden' });
  await page.message('con nombre;').hover();
  await address.waitFor({ state: 'visible' });
  await page.page.mouse.move(0, 0);
  await address.waitFor({ state: 'hidden' });
  await page.log.focus();
  await page.page.keyboard.press('Alt+ArrowUp');
  await address.waitFor({ state: 'visible' });
});

test('consecutive own messages have one tick, whose meaning is shown on tap', async (t) => {
  const page = await open(t, { hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } });
  const [other] = await speakers(t, 1);
  for (const words of ['uno;', 'dos;', 'tres;']) await page.send(words);
  for (const words of ['uno;', 'dos;', 'tres;']) await page.showsReceipt(words);
  other?.send('ajeno;\n');
  await page.shows('ajeno;');
  await page.send('cuatro;');
  await page.showsReceipt('cuatro;');
  const tick = page.log.locator('.heard');
  await eventually(
    async () => (await tick.filter({ visible: true }).count()) === 2,
    () => 'there are not two ticks',
  );
  assert.equal(await page.message('tres;').locator('.heard').isVisible(), true);
  await page.message('dos;').tap();
  const meaning = (await tick.first().getAttribute('aria-label')) ?? 'no tick';
  const infoOf = (message: Element) => getComputedStyle(message, '::after').getPropertyValue('content');
  await eventually(
    async () => (await page.message('dos;').evaluate(infoOf)).includes(meaning),
    () => `the message does not say ${meaning}`,
  );
});

test('terminals have a square prompt, people a tinted circle in the hue of their name', async (t) => {
  const [page, ana] = [await open(t), await open(t)];
  await ana.setNickname('Ana');
  await ana.send('desde un navegador;');
  const [terminal] = await speakers(t, 1);
  terminal?.send('<Ana> desde una terminal;\n');
  await page.shows('desde un navegador;');
  await page.shows('desde una terminal;');
  const avatars = await Promise.all(
    ['un navegador;', 'una terminal;'].map((words) =>
      page.message(words).evaluate((row) => ({
        avatar: row.querySelector('.avatar')?.textContent,
        hue: getComputedStyle(row).getPropertyValue('--hue'),
      })),
    ),
  );
  assert.deepEqual(
    avatars.map(({ avatar }) => avatar),
    ['A', '>_'],
  );
  assert.equal(avatars[0]?.hue, avatars[1]?.hue);
});

/** Waits for a draft in a composer that has the focus. */
async function drafts(page: ChatPage, draft: string): Promise<void> {
  await eventually(
    async () => (await page.composer.and(page.page.locator(':focus')).inputValue()) === draft,
    () => `the focused draft is not ${draft}`,
  );
}

test('click on a name mentions the person', async (t) => {
  const page = await open(t);
  const [ana] = await speakers(t, 1);
  ana?.send('<Ana María> aquí;\n');
  await page.shows('aquí;');
  await page.message('aquí;').getByText('Ana María', { exact: true }).click();
  await drafts(page, '@Ana María ');
  await page.page.keyboard.type('¿vienes?');
  await page.holds('@Ana María ¿vienes?');
});

test('menu of a message copies, quotes and mentions, by keys and by pointer', async (t) => {
  const page = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const [ana] = await speakers(t, 1);
  ana?.send('<Ana> una frase;\n');
  await page.shows('una frase;');
  const item = (name: string) => page.page.getByRole('menuitem', { name });
  await page.message('una frase;').hover();
  await page.button('Qué hacer con este mensaje').click();
  await item('Copiar').click();
  await page.page.getByText('Copiado', { exact: true }).waitFor();
  await hasCopied(page, 'una frase;');

  await page.composer.fill('sí');
  await page.log.focus();
  await page.page.keyboard.press('Alt+ArrowUp');
  await page.page.keyboard.press('Enter');
  await item('Copiar').waitFor();
  await page.page.keyboard.press('ArrowDown');
  await page.page.keyboard.press('Enter');
  await drafts(page, '> Ana: una frase;\nsí');
});

test('menu shows one person alone, hides a person, and shows everyone again', async (t) => {
  const page = await open(t, { hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } });
  const [ana, luis] = await speakers(t, 2);
  ana?.send('<Ana> de Ana;\n');
  await page.shows('de Ana;');
  luis?.send('<Luis> de Luis;\n');
  await page.shows('de Luis;');
  const choose = async (words: string, name: string) => {
    await page.message(words).tap();
    await page.button('Qué hacer con este mensaje').tap();
    await page.page.getByRole('menuitem', { name }).tap();
  };
  const all = page.button('Ver a todos');
  await choose('de Ana;', 'Solo esta persona');
  await page.message('de Luis;').waitFor({ state: 'detached' });
  await page.page.getByText(/^Solo Ana: \d+ mensajes?/).waitFor();
  await all.tap();
  await page.shows('de Luis;');
  await choose('de Ana;', 'Ocultar a esta persona aquí');
  await page.message('de Ana;').waitFor({ state: 'detached' });
  ana?.send('<Ana> otra de Ana;\n');
  luis?.send('<Luis> otra de Luis;\n');
  await page.shows('otra de Luis;');
  assert.equal(await page.message('otra de Ana;').count(), 0);
  await all.tap();
  await page.shows('otra de Ana;');
});

test('copied selection holds names and words, without addresses and times', async (t) => {
  const page = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const [ana] = await speakers(t, 1);
  for (const words of ['primera;', 'segunda;']) {
    ana?.send(`<Ana> ${words}\n`);
    await page.shows(words);
  }
  await page.isAtNewest();
  const from = await page.message('primera;').locator('.speaker b').boundingBox();
  const to = await page.message('segunda;').locator('.words').boundingBox();
  assert.ok(from && to);
  await page.page.mouse.move(from.x + 1, from.y + from.height / 2);
  await page.page.mouse.down();
  await page.page.mouse.move(to.x + to.width + 20, to.y + to.height / 2, { steps: 5 });
  await page.page.mouse.up();
  await page.page.keyboard.press('Control+C');
  await hasCopied(page, /^\s*Ana\s*\n\s*primera;\s*\n\s*segunda;\s*$/);
});

/** More than a page shows without a button. */
const LONG_CODE = Array.from({ length: 60 }, (_, line) => `x${line} = f(${line})`).join('\n');

const LONG_TEXT = 'palabra '.repeat(1_500).trim();

/** Prints on paper that holds three fifths of the page, and counts the sheets. */
async function countSheets(page: Page, height: number): Promise<number> {
  const pdf = await page.pdf({ width: `${LAPTOP.width}px`, height: `${Math.ceil(0.6 * height)}px` });
  return pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
}

/** Height of a page in print, without the margins of the paper, pixels. */
async function printedHeight(page: Page): Promise<number> {
  await page.emulateMedia({ media: 'print' });
  return await page.evaluate(() => document.documentElement.scrollHeight);
}

test('printed page shows long messages whole, without buttons, and fills its sheets', async (t) => {
  const terminal = await enter(t, room.port);
  const chat = await open(t);
  const { page, log } = chat;
  const printsWhole = async (text: string) => {
    const more = log.getByRole('button', { name: /^Mostrar todo/ }).last();
    await more.waitFor();
    // Rows that are drawn after the measurement need more paper.
    await eventually(
      async () => {
        // As a browser does before and after it prints.
        await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
        await log.locator('.words').last().filter({ hasText: text }).waitFor();
        const height = await printedHeight(page);
        assert.equal(await page.getByRole('button').count(), 0, 'a printed page has buttons');
        await page.evaluate(() => dispatchEvent(new Event('afterprint')));
        await page.emulateMedia({ media: null });
        await more.waitFor();
        return (await countSheets(page, height)) === 2;
      },
      () => 'the messages do not fit on two sheets',
    );
    await more.waitFor();
  };
  terminal.send('va el código:\n');
  await chat.shows('va el código:');
  terminal.send(`\`\`\`\n${LONG_CODE}\n\`\`\`\n`);
  await printsWhole(LONG_CODE);
  await chat.send(LONG_TEXT);
  await chat.showsReceipt('palabra');
  await printsWhole(LONG_TEXT);
});

test('saved page has a long message on the sheet where it begins', async (t) => {
  const page = await open(t);
  await page.send(`para papel:\n\`\`\`\n${LONG_CODE}\n\`\`\``);
  await page.showsReceipt('para papel:');
  const answer = await page.page.request.get(`${url}/api/transcript?format=html`);
  const saved = await page.page.context().newPage();
  await saved.setContent(await answer.text());
  await saved.locator('article').evaluateAll((articles) => {
    for (const other of articles.slice(0, -1)) other.remove();
  });
  const height = await printedHeight(saved);
  // The paper has margins of 18 mm.
  assert.equal(await countSheets(saved, height + 250), 2);
});

test('one day is saved as a page with its code, and printed', async (t) => {
  const page = await open(t);
  // A print dialog would stop the test.
  await page.page.addInitScript(() => {
    window.print = () => Object.assign(window.top ?? window, { printed: document.body.textContent });
  });
  await page.page.reload();
  await page.send(`para llevar:\n${CODE}`);
  await page.showsReceipt('para llevar:');
  await page.chooseFromMenu('Guardar o imprimir');
  await page.page.getByRole('radio', { name: 'Un día' }).check();
  const days = page.page.getByLabel('Día', { exact: true });
  const day = await days.inputValue();
  const named = new Intl.DateTimeFormat('es', { dateStyle: 'full' }).format(new Date(`${day}T12:00`));
  assert.deepEqual(
    await days.locator('option').allTextContents(),
    [named],
    'days without messages are listed',
  );
  const [download] = await Promise.all([
    page.page.waitForEvent('download'),
    page.page.getByRole('link', { name: 'Guardar como página' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `tertulia-${day}.html`);
  const saved = await page.page.context().newPage();
  const complaints: string[] = [];
  saved.on('console', (message) => complaints.push(message.text()));
  const file = join(dataDir(t), download.suggestedFilename());
  await download.saveAs(file);
  await saved.goto(pathToFileURL(file).href);
  await saved.locator('pre').filter({ hasText: CODE }).last().waitFor();
  assert.equal(await saved.locator('h2').count(), 1);
  assert.equal(await saved.locator('body').evaluate((body) => getComputedStyle(body).maxWidth), '768px');
  assert.deepEqual(complaints, []);
  await saved.emulateMedia({ media: 'print' });
  const frames = await saved
    .locator('pre')
    .last()
    .evaluate((block) =>
      [block, block.querySelector('code') ?? block].map((one) => getComputedStyle(one).borderTopWidth),
    );
  assert.deepEqual(frames, ['1px', '0px'], 'printed code has one frame');

  await page.button('Imprimir…').click();
  await page.page.waitForFunction((code) => String(Object(window).printed).includes(code), CODE);

  const note = page.page.getByText('Solo la parte cargada de la conversación.');
  assert.equal(await note.isVisible(), false);
  await page.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await note.waitFor();
  const paper = await page.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, 'rgb(255, 255, 255)', 'a dark page is printed on white paper');
  await page.composer.waitFor({ state: 'hidden' });
  assert.deepEqual(page.complaints, []);
});
