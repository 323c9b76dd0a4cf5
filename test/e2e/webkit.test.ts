/**
 * The main stories of the page in a third engine, WebKit. They are skipped where its driver is missing.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { talkThroughCuts } from '../helpers/cuts.ts';
import { startGateway } from '../helpers/gateway.ts';
import { KEYS, openInWebKit, type WebKitPage, withoutWebKit } from '../helpers/page/webkit.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

/** In CI a missing WebKit is a failure, because nobody reads that tests were skipped. */
const skip = process.env.CI !== 'true' && withoutWebKit;

interface Scene {
  /** A proxy between the browser and the gateway. */
  way: TcpProxy;
  terminal: TcpClient;
  page: WebKitPage;
}

async function scene(t: TestContext): Promise<Scene> {
  const room = await builtRoom(t);
  const way = await openProxy(t, (await startGateway(t, room.port)).port);
  const terminal = await enter(t, room.port);
  return { way, terminal, page: await openInWebKit(t, way.url) };
}

describe('WebKit', { skip }, () => {
  test("page and terminal receive each other's messages", async (t) => {
    const { page, terminal } = await scene(t);
    terminal.send('desde la terminal\n');
    await page.shows('desde la terminal');
    await page.type('input', 'Ana');
    await page.send('¿qué tal?');
    await page.showsReceipt('¿qué tal?');
    await terminal.receives(`${await page.address()} dice: <Ana> ¿qué tal?\n`);
  });

  test('page loses no message and keeps its address when its connection is cut repeatedly', async (t) => {
    const { page, terminal, way } = await scene(t);
    const address = await page.address();
    const { mine, others, last } = await talkThroughCuts(page, terminal, way);
    await page.showsReceipt(last);
    await page.shows(others.at(-1) ?? '');
    assert.deepEqual(terminal.received.match(/mía-\d+;/g), mine);
    assert.deepEqual(await page.matches(/mía-\d+;/g), mine);
    assert.deepEqual(await page.matches(/suya-\d+;/g), others);
    assert.equal(await page.address(), address);
  });

  test('page keeps its address, draft and log across a reload', async (t) => {
    const { page } = await scene(t);
    const address = await page.address();
    await page.send('antes');
    await page.showsReceipt('antes');
    await page.type('textarea', 'a medio escr');
    await page.reload();
    assert.equal(await page.address(), address);
    assert.equal(await page.valueOf('textarea'), 'a medio escr');
    await page.shows('antes');
    await page.press(KEYS.enter);
    await page.showsReceipt('a medio escr');
  });

  test('each sheet in the header opens, and Escape closes it', async (t) => {
    const { page } = await scene(t);
    for (const name of ['Who is here', 'Invite']) {
      await page.click(`button[aria-label="${name}"]`);
      await page.showsIn('h2', name);
      await page.press(KEYS.escape);
      await page.isGone('dialog');
    }
  });

  test('search finds a message and leads to it', async (t) => {
    const { page, terminal } = await scene(t);
    terminal.send('nos vemos en el café\n');
    await page.shows('nos vemos en el café');
    await page.click('button[aria-label="Search"]');
    await page.type('input[type=search]', 'cafe');
    await page.showsIn('ol:not(.old) mark', 'café');
    await page.click('ol:not(.old) mark');
    await page.showsIn('chat-message.found .words', 'nos vemos en el café');
  });
});
