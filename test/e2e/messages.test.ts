/**
 * Use of the messages of the log: copies, mentions, filters.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

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

async function clipboardOf(page: ChatPage): Promise<string> {
  return await page.page.evaluate(async () => {
    const { hidden } = window as { hidden?: Clipboard };
    return await (hidden ?? navigator.clipboard).readText();
  });
}

test('lines of code sent one by one are one block, which is copied, also on plain http', async (t) => {
  const ana = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  const bea = await open(t);
  await bea.send(`mirad:\n\`\`\`python\n${CODE}\n\`\`\`\n¿sí?`);
  await bea.showsReceipt('¿sí?');
  await ana.shows('¿sí?');
  for (const page of [ana, bea]) {
    const block = page.log.locator('pre');
    assert.equal(await block.count(), 1);
    assert.equal(await block.locator('code').textContent(), CODE);
    assert.match(await block.locator('code').evaluate((code) => getComputedStyle(code).fontFamily), /mono/);
  }
  const copy = ana.log.getByRole('button', { name: 'Copiar' });
  await copy.click();
  await ana.log.getByText('Copiado').first().waitFor();
  assert.equal(await clipboardOf(ana), CODE);

  await hideClipboard(ana);
  (await enter(t, room.port)).send('```\nls -l\n```\n');
  await ana.shows('ls -l');
  await copy.last().click();
  await ana.log.getByText('Copiado').last().waitFor();
  assert.equal(await clipboardOf(ana), 'ls -l');
});
