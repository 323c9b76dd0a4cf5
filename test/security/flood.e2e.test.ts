/**
 * A page's note about a terminal that floods, in a real browser.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startGateway } from '../helpers/gateway.ts';
import { openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

test('page names a flooding terminal in one note', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { LINE_BURST: '5', LINE_RATE: '2' });
  const mallory = await enter(t, room.port);
  const { page } = await openPage(browser, gateway.url);
  t.after(() => page.context().close());
  mallory.send('x\n'.repeat(10));
  const notes = page.getByText(`${mallory.address} envía líneas más deprisa`);
  await notes.waitFor();
  mallory.send(`${'y\n'.repeat(5)}se acabó\n`);
  await page.getByText('se acabó').waitFor();
  assert.equal(await notes.count(), 1);
});
