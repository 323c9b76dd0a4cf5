/**
 * See TCP on the page and on the projector: cards and timeline show what a proxy in front of a Python room has recorded.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { openRecordingProxy } from '../helpers/proxy.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { enter } from '../helpers/tcp.ts';

const options = { skip: withoutPython };
const browser = await openBrowser({ after });
const room = withoutPython ? { port: 0 } : await pythonRoom({ after });
const proxy = await openRecordingProxy({ after }, room.port);
const gateway = withoutPython ? { url: '' } : await startGateway({ after }, proxy.port);

async function open(t: TestContext, query = '?tcp'): Promise<ChatPage> {
  const page = await openPage(browser, `${gateway.url}/${query}`, { locale: 'es-ES' });
  t.after(() => page.page.context().close());
  return page;
}

/** Bytes of each read in the timeline, from the `from`th on. */
async function readsOf(page: Page, from = 0): Promise<number[]> {
  const texts = await page.locator('see-tcp li .aloud').allTextContents();
  return texts.slice(from).map((text) => Number(/(\d+) bytes/.exec(text)?.[1]));
}

async function showsReads(page: Page, count: number, from = 0): Promise<number[]> {
  return await eventually(
    async () => {
      const reads = await readsOf(page, from);
      return reads.length >= count ? reads : undefined;
    },
    () => `the timeline has no ${count} reads`,
  );
}

async function isWatching(page: Page): Promise<void> {
  await page.getByText('Aún no ha llegado nada').waitFor();
}

function cardOf(message: Locator): Locator {
  return message.locator('wire-card');
}

test('card and timeline show three quick messages as the recording has them', options, async (t) => {
  const { page, ...chat } = await open(t);
  await isWatching(page);
  const log = page.getByRole('log', { name: 'Conversación' });
  const terminal = await enter(t, room.port);
  proxy.hold();
  const header = `${terminal.address} dice: `;
  const before = proxy.recorded.length;
  let length = 0;
  for (const text of ['rápido uno\n', 'rápido dos\n', 'rápido tres\n']) {
    terminal.send(text);
    length += Buffer.byteLength(header + text);
    await proxy.holds(length);
  }
  proxy.release();
  assert.deepEqual(await showsReads(page, 1), [length]);
  for (const text of ['uno', 'dos', 'tres']) {
    const message = log.getByRole('article').filter({ hasText: `rápido ${text}` });
    await cardOf(message).getByText('pegado a otros 2 mensajes').waitFor();
    assert.equal(await cardOf(message).locator('.header').first().textContent(), header);
    assert.equal(await cardOf(message).locator('.control').first().textContent(), '\\n');
  }
  const hex = await cardOf(log.getByRole('article').filter({ hasText: 'rápido tres' }))
    .locator('pre')
    .evaluate((pre) => pre.textContent);
  const bytes = (hex ?? '').split('\n').flatMap((line) => line.trim().split(/\s+/).slice(1));
  const recorded = proxy.recorded.subarray(before).subarray(-bytes.length);
  assert.equal(Buffer.from(bytes.join(''), 'hex').toString(), recorded.toString());
  assert.ok(recorded.toString().startsWith(`${header}rápido tres`));
  assert.deepEqual(chat.complaints, []);
  await terminal.leave();
});

test('card and timeline show where reads cut header, text and character', options, async (t) => {
  const { page } = await open(t);
  await isWatching(page);
  const terminal = await enter(t, room.port);
  const header = `${terminal.address} dice: `;
  // 3,000 bytes, of which the server reads 1,024 at a time.
  const text = `${'ñ'.repeat(1_499)}\n`;
  const length = 3 * header.length + Buffer.byteLength(text);
  proxy.hold();
  terminal.send(text);
  await proxy.holds(length);
  // The second is within a character, the third within the second header.
  const cuts = [header.length + 10, header.length + 101, header.length + 1_024 + 8, length];
  for (const [index, cut] of cuts.entries()) {
    proxy.pass(cut - (cuts[index - 1] ?? 0));
    await showsReads(page, index + 1);
  }
  proxy.release();
  const sizes = cuts.map((cut, index) => cut - (cuts[index - 1] ?? 0));
  assert.deepEqual(await readsOf(page), sizes);
  const cards = page.getByRole('log', { name: 'Conversación' }).locator('wire-card');
  for (const place of ['dentro de un carácter', 'en el texto', 'en la cabecera'])
    await cards.getByText(`cortado ${place}`).first().waitFor();
  let broken: string[] = [];
  await eventually(
    async () => {
      broken = await cards.locator('.broken').allTextContents();
      return broken[0] === 'c3' && broken[1] === 'b1';
    },
    () => `the broken bytes are ${broken}`,
  );
  await terminal.leave();
});

test('card shows a message without a newline that the next is glued to', options, async (t) => {
  const { page } = await open(t);
  await isWatching(page);
  const terminal = await enter(t, room.port);
  terminal.send('se me olvida el salto');
  await showsReads(page, 1);
  const other = await enter(t, room.port);
  other.send('y otra cosa\n');
  await showsReads(page, 2);
  const message = page.getByRole('article').filter({ hasText: 'se me olvida el salto' });
  await cardOf(message).getByText('sin salto de línea: el siguiente va pegado').waitFor();
  await terminal.leave();
  await other.leave();
});

test(
  'own message shows its writes and their time, and the ear and the voice their ports',
  options,
  async (t) => {
    const chat = await open(t);
    const { page } = chat;
    await isWatching(page);
    await chat.send('hola, ¿qué tal?');
    await chat.showsReceipt('hola, ¿qué tal?');
    await cardOf(chat.message('hola, ¿qué tal?'))
      .locator('ul li')
      .filter({ hasText: /^1 escritura de 18 bytes, de vuelta en [\d,.]+ ms$/ })
      .waitFor();
    await page.locator('see-tcp summary').press('Enter');
    await page.getByRole('cell', { name: 'oído' }).waitFor();
    const address = await chat.address();
    await page
      .getByRole('row')
      .filter({ hasText: 'voz (tú)' })
      .filter({ hasText: new RegExp(`${address}.*${proxy.port}.*abierta`, 's') })
      .waitFor();
  },
);

test('switch in the menu begins and ends See TCP, and a reload keeps it', options, async (t) => {
  const chat = await open(t, '');
  const { page } = chat;
  const toggle = async (): Promise<void> => {
    await page.locator('room-menu summary').click();
    await chat.button(/Ver TCP/).click();
  };
  await chat.status.getByText(/En la sala/).waitFor();
  assert.equal(await page.locator('see-tcp, wire-card').count(), 0);
  await toggle();
  await isWatching(page);
  await page.waitForURL(/\?tcp$/);
  await page.reload();
  await isWatching(page);
  await chat.send('tras recargar');
  await cardOf(chat.message('tras recargar')).getByText('1 escritura').waitFor();
  await toggle();
  await page.locator('see-tcp').waitFor({ state: 'detached' });
  await page.locator('wire-card').waitFor({ state: 'detached' });
  await page.waitForURL((url) => !url.href.includes('tcp'));
});

test('projector shows cards and timeline, T hides them, and the newest stays visible', options, async (t) => {
  const context = await browser.newContext({ locale: 'es-ES', viewport: { width: 1280, height: 720 } });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(`${gateway.url}/?view=projector&tcp`);
  await isWatching(page.page);
  const terminal = await enter(t, room.port);
  terminal.send('para la pared\n');
  await showsReads(page.page, 1);
  await cardOf(page.message('para la pared')).getByText('1 lectura').waitFor();
  for (let line = 1; line <= 12; line++) terminal.send(`renglón ${line}\n`);
  await cardOf(page.message('renglón 12').last()).getByText('1 lectura').waitFor();
  await page.isAtNewest();
  assert.equal(await page.page.getByRole('button').count(), 0);
  // Within the time after a key, in which a scroll may be a person's.
  const speak = async (text: string) => {
    for (let line = 1; line <= 12; line++) terminal.send(`${text} ${line};\n`);
    await page.message(`${text} 12;`).waitFor();
    await page.isAtNewest();
  };
  await page.page.keyboard.press('t');
  await page.page.locator('see-tcp').waitFor({ state: 'detached' });
  await speak('sin fichas');
  await page.page.keyboard.press('t');
  await isWatching(page.page);
  await speak('con fichas');
  await speak('aún con fichas');
  assert.deepEqual(page.complaints, []);
  await terminal.leave();
});
