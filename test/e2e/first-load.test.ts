/**
 * The first load of the page, with an empty cache and over a slow network.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Route } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { openBrowser } from '../helpers/page/browser.ts';
import { loadFirst, served } from '../helpers/page/first-load.ts';
import { builtRoom } from '../helpers/room.ts';

/**
 * Budget for scripts, bytes. A page of 45 KiB loads within a second on a slow phone. The Lounge 4.5 needs 144 KiB and
 * 12 KiB of styles, gzip.
 */
const SCRIPT_BYTES = 45 * 1024;
const STYLE_BYTES = 8 * 1024;

const browser = await openBrowser({ after });

async function gatewayUrl(t: TestContext): Promise<string> {
  return (await startGateway(t, (await builtRoom(t)).port)).url;
}

test('first load is small, compressed, cached for ever and from this host only', async (t) => {
  const url = await gatewayUrl(t);
  const { fetched } = await loadFirst(browser, url);
  assert.deepEqual(
    fetched.filter((one) => new URL(one.url).origin !== url),
    [],
  );
  const sizes = { script: 0, stylesheet: 0 };
  for (const { type, url } of fetched) {
    if (type !== 'script' && type !== 'stylesheet') continue;
    const { status, encoding, cacheControl, bytes } = await served(url);
    assert.deepEqual(
      { status, encoding, cacheControl },
      { status: 200, encoding: 'gzip', cacheControl: 'public, max-age=31536000, immutable' },
      url,
    );
    assert.match(url, /\/assets\/[\w-]+-[\w-]{8}\.(js|css)$/);
    sizes[type] += bytes;
  }
  t.diagnostic(JSON.stringify(sizes));
  assert.ok(sizes.script > 0 && sizes.script <= SCRIPT_BYTES, `${sizes.script} bytes of JavaScript`);
  assert.ok(sizes.stylesheet > 0 && sizes.stylesheet <= STYLE_BYTES, `${sizes.stylesheet} bytes of CSS`);
});

test('page paints before any script has loaded', async (t) => {
  const url = await gatewayUrl(t);
  const page = await browser.newPage();
  t.after(() => page.close());
  const held: Route[] = [];
  await page.route('**/*.js', (route) => void held.push(route));
  await page.goto(url, { waitUntil: 'commit' });
  await eventually(
    () => page.evaluate(() => performance.getEntriesByName('first-paint').length > 0),
    () => 'nothing was painted',
  );
  await eventually(
    () => held.length > 0,
    () => 'no script was requested',
  );
  for (const route of held) await route.continue();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('page is served with brotli where accepted, and uncompressed where nothing is', async (t) => {
  const url = await gatewayUrl(t);
  for (const [accepted, encoding] of [
    ['br, gzip', 'br'],
    ['identity', null],
  ] as const) {
    const answer = await fetch(url, { headers: { 'accept-encoding': accepted } });
    assert.equal(answer.headers.get('content-encoding'), encoding);
    assert.match(answer.headers.get('vary') ?? '', /accept-encoding/i);
    assert.match(await answer.text(), /^<!doctype html>/);
  }
});
