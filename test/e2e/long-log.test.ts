/**
 * A log of a month: scrolling, searching and the drawn part of it.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, JSHandle, Locator } from 'playwright-core';
import { fill } from '../../bench/lib/long-log.ts';
import type { ChatMessage } from '../../web/log-view/chat-message.ts';
import { STEP_ROWS } from '../../web/log-view/render-window.ts';
import { PAGE_MESSAGES, READING_MAX_MESSAGES } from '../../web/timeline/history.ts';
import type { HistoryPage } from '../../web/timeline/history-api.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

const MESSAGES = 2_000;
/** More messages than a page keeps, but few enough to scroll to the first. */
const FEW = 500;
/** A word of one message, so far back that the page holds it apart from the newest. */
const OLD_WORD = 'café229';
/** Messages that a page gets without a request: HISTORY_ENTRIES. */
const HISTORY = 100;
/** Messages that a page loads in three requests. */
const OLDER = 300;
/** Upper limit of drawn messages at this window height. */
const DRAWN_MOST = 160;

interface Place {
  url: string;
  roomPort: number;
}

/** Shared by tests that send at most one message. */
const shared = await place({ after });

interface Scene {
  terminal: TcpClient;
  open(options?: BrowserContextOptions): Promise<ChatPage>;
}

async function place(t: Cleanup, messages = MESSAGES, env: Record<string, string> = {}): Promise<Place> {
  const dir = dataDir(t);
  await fill(dir, messages);
  const { port: roomPort } = await builtRoom(t);
  const { url } = await startGateway(t, roomPort, { DATA_DIR: dir, ...env });
  return { url, roomPort };
}

async function scene(t: TestContext, { url, roomPort } = shared): Promise<Scene> {
  const open = async (options = {}) => {
    const page = await openPage(browser, url, { viewport: { width: 1280, height: 800 }, ...options });
    t.after(() => page.page.context().close());
    return page;
  };
  return { terminal: await enter(t, roomPort), open };
}

async function drawn(page: ChatPage): Promise<number> {
  return await page.log.getByRole('article').count();
}

/** Turns the wheel until `fact` holds. */
async function scrollUntil(page: ChatPage, delta: number, fact: () => Promise<boolean>): Promise<void> {
  await page.log.hover();
  await eventually(
    async () => {
      await page.page.mouse.wheel(0, delta);
      return await fact();
    },
    () => 'scrolled in vain',
  );
}

/** Adds the drawn days and returns their number. Each day is drawn once. */
async function daysOf(page: ChatPage, days: Set<string>): Promise<number> {
  const texts = await page.log.locator('.day').allTextContents();
  assert.equal(new Set(texts).size, texts.length);
  for (const text of texts) days.add(text);
  return days.size;
}

/** Resolves after ten frames without a change. */
async function isDrawn(page: ChatPage): Promise<void> {
  await page.log.locator('.lines').evaluate(async (lines) => {
    let still = 0;
    const changes = new MutationObserver(() => {
      still = 0;
    });
    changes.observe(lines, { childList: true });
    while (still++ < 10) await new Promise(requestAnimationFrame);
    changes.disconnect();
  });
}

/** Collects the messages of each drawing from now on. */
async function drawingsOf(page: ChatPage): Promise<JSHandle<ChatMessage[][]>> {
  return await page.log.locator('.lines').evaluateHandle((lines) => {
    const drawings: ChatMessage[][] = [];
    new MutationObserver((changes) => {
      const rows = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      drawings.push(rows.filter((row) => row.nodeName === 'CHAT-MESSAGE') as ChatMessage[]);
    }).observe(lines, { childList: true });
    return drawings;
  });
}

/** Says something in each frame, so that a page that draws slowly gets no more at once. */
function talkInStep(t: Cleanup, page: ChatPage, terminal: TcpClient): void {
  let isTalking = true;
  t.after(() => {
    isTalking = false;
  });
  const talk = async (): Promise<void> => {
    while (isTalking) {
      terminal.send('sigue;\n');
      await page.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  };
  // The page closes at the end of the test.
  void talk().catch(() => {});
}

async function search(page: ChatPage, words: string): Promise<void> {
  await page.button('Buscar').click();
  await page.page.getByRole('searchbox').fill(words);
}

test('log draws few messages at the newest and not many more further up', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  assert.ok((await drawn(page)) < 60, `${await drawn(page)} at the newest`);

  let most = 0;
  const days = new Set<string>();
  const first = await page.log.getByRole('article').first().textContent();
  await scrollUntil(page, -2_000, async () => {
    most = Math.max(most, await drawn(page));
    return (await daysOf(page, days)) > 6;
  });
  assert.notEqual(await page.log.getByRole('article').first().textContent(), first);
  assert.ok(most < DRAWN_MOST, `${most} further up`);

  await page.pill.click();
  await page.isAtNewest();
  terminal.send('lo último;\n');
  await page.shows('lo último;');
  await page.isAtNewest();
  assert.ok((await drawn(page)) < 100, `${await drawn(page)} back at the newest`);
});

async function showOnly(page: ChatPage, message: Locator): Promise<void> {
  // A found message has the focus already, and its button leaves when the rows are drawn anew.
  await eventually(
    async () => {
      await message.blur();
      await message.focus();
      return await page.button('Qué hacer con este mensaje').isVisible();
    },
    () => 'the message has no button',
  );
  await message.press('Enter');
  await page.page.getByRole('menuitem', { name: 'Solo esta persona' }).press('Enter');
}

test('filter of one person looks further back for a message, and says how many are shown', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  await showOnly(page, page.log.locator('chat-message.leads').filter({ hasText: '10.0.0.' }).last());
  const said = page.page
    .locator('message-menu')
    .getByRole('status')
    .filter({ hasText: 'entre los cargados' });
  await said.waitFor();
  const before = await said.textContent();
  assert.match(before ?? '', /^Solo 10\.0\.0\.\d+:\d+: \d+ mensajes? entre los cargados$/);
  await page.button('Buscar más atrás').press('Enter');
  const found = page.log.locator('chat-message.found.leads').first();
  await found.waitFor();
  const frame = await found.evaluate((row) => Number.parseFloat(getComputedStyle(row, '::before').top));
  assert.ok(frame >= 0, 'the frame covers what is above the message');
  await said.getByText(before ?? '', { exact: true }).waitFor({ state: 'detached' });
  await page.button('Ver a todos').press('Enter');
  await said.waitFor({ state: 'detached' });
  await page.pill.waitFor();
});

test('filter loads newer messages by scrolling, and ends at a found message of another person', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  await showOnly(page, page.log.locator('chat-message.leads').filter({ hasText: '10.0.0.' }).last());
  await page.button('Ver a todos').waitFor();
  await search(page, OLD_WORD);
  await page.page.getByRole('search').getByRole('listitem').getByRole('button').click();
  await page.button('Ver a todos').waitFor({ state: 'detached' });
  const old = page.message(OLD_WORD).and(page.page.locator('.found'));
  await showOnly(page, old);
  await page.button('Ver a todos').waitFor();
  await old.waitFor();
  const days = new Set<string>();
  await scrollUntil(
    page,
    2_000,
    async () => (await daysOf(page, days)) > 0 && !(await page.pill.isVisible()),
  );
  await page.isAtNewest();
  assert.equal(await page.log.locator('.day + :not(chat-message)').count(), 0);
  assert.ok(days.size > 6, [...days].join());
});

test('pill shows the newest of a busy room from afar a few messages at a time', async (t) => {
  const { terminal, open } = await scene(t, await place(t));
  const page = await open();
  await page.isAtNewest();
  const days = new Set<string>();
  await scrollUntil(page, -2_000, async () => (await daysOf(page, days)) > 10);
  await isDrawn(page);
  talkInStep(t, page, terminal);
  await page.pill.filter({ hasText: /\d{2}/ }).waitFor();
  const drawings = await drawingsOf(page);
  await page.pill.click();
  await page.isAtNewest();
  const seqs = await drawings.evaluate((all) => all.map((rows) => rows.flatMap((row) => row.seqs)));
  assert.ok(Math.min(...seqs.flat()) > MESSAGES - HISTORY, `${seqs.flat()}`);
  const most = Math.max(...seqs.map(({ length }) => length));
  assert.ok(most <= STEP_ROWS, `${most} at once`);
});

test('wheel scrolls a busy room as far as a quiet one, up and down', async (t) => {
  const { terminal, open } = await scene(t, await place(t));
  const page = await open();
  await page.isAtNewest();
  const talk = setInterval(() => terminal.send('sigue;\n'), 20);
  t.after(() => clearInterval(talk));
  await page.log.hover();
  await page.page.mouse.wheel(0, -600);
  await page.pill.filter({ hasText: /\d{2}/ }).waitFor();
  const row = await page.log.evaluateHandle((log) => {
    const { top } = log.getBoundingClientRect();
    return [...log.querySelectorAll('chat-message')].find((row) => row.getBoundingClientRect().top > top);
  });
  const topOf = () => row.evaluate((message) => message?.getBoundingClientRect().top ?? 0);
  for (const delta of [-10, 10]) {
    const due = (await topOf()) - 40 * delta;
    for (let i = 0; i < 40; i++) await page.page.mouse.wheel(0, delta);
    let top = 0;
    await eventually(
      async () => {
        top = await topOf();
        return Math.abs(top - due) < 2;
      },
      () => `the message is at ${top}, not at ${due}`,
    );
  }
});

test('slow finger leads away from the newest, though messages come between its steps', async (t) => {
  const { terminal, open } = await scene(t, await place(t));
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await page.isAtNewest();
  const device = await page.page.context().newCDPSession(page.page);
  const touch = (type: 'touchStart' | 'touchMove', y: number) =>
    device.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: 180, y }] });
  // The steps follow one another at once, however slow this machine is.
  await page.page.evaluate((now) => (performance.now = () => now), 60_000);
  await touch('touchStart', 200);
  for (let step = 1; step <= 15; step++) {
    await touch('touchMove', 200 + 5 * step);
    terminal.send(`paso ${step};\n`);
    await page.shows(`paso ${step};`);
  }
  await page.pill.waitFor();
});

test('messages that are no longer drawn leave nothing in the page', async (t) => {
  const { terminal, open } = await scene(t, await place(t));
  const page = await open();
  for (let group = 1; group <= 12; group++) {
    for (let i = 1; i <= 20; i++) terminal.send(`grupo ${group}, ${i};\n`);
    await page.shows(`grupo ${group}, 20;`);
  }
  await page.isAtNewest();
  const nodes = await page.log.locator('.lines').evaluate((lines) => lines.childNodes.length);
  // Each row stands between two markers. From 3.3.1 on lit-html leaves one of them: package.json holds it back.
  assert.ok(nodes < 4 * (await drawn(page)), `${nodes} nodes for ${await drawn(page)} messages`);
});

test('log keeps a selected text however far it is scrolled away', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  const row = page.log.getByRole('article').last();
  const key = await row.getAttribute('data-at');
  await row.locator('.words').click({ clickCount: 3 });
  const days = new Set<string>();
  await scrollUntil(page, -2_000, async () => (await daysOf(page, days)) > 1);
  assert.ok((await drawn(page)) > 60);
  assert.equal(await page.log.getByRole('article').last().getAttribute('data-at'), key);
});

test('key End leads from far to the newest, also when the focused message is gone', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  await page.log.focus();
  await page.page.keyboard.press('Alt+ArrowUp');
  const focused = page.log.locator('chat-message:focus');
  const newest = await focused.textContent();
  const days = new Set<string>();
  await scrollUntil(page, -2_000, async () => (await daysOf(page, days)) > 2);
  assert.equal(await focused.count(), 0);
  await page.page.keyboard.press('End');
  await page.isAtNewest();
  assert.equal(await page.log.getByRole('article').last().textContent(), newest);
});

test('key End holds when an older page of the log is still loading', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  let entries = HISTORY;
  let answer: (() => void) | undefined;
  await page.page.route('**/api/messages?*', async (route) => {
    entries += PAGE_MESSAGES;
    // This answer would make the page evict the newest messages.
    if (entries > READING_MAX_MESSAGES) await new Promise<void>((resolve) => (answer = resolve));
    await route.continue();
  });
  await scrollUntil(page, -2_000, async () => answer !== undefined);
  await page.log.focus();
  await page.page.keyboard.press('End');
  await page.pill.waitFor({ state: 'detached' });
  const answered = page.page.waitForResponse('**/api/messages?*');
  answer?.();
  await (await answered).finished();
  await isDrawn(page);
  await page.isAtNewest();
});

/** Holds the page's main thread, as a slow machine does. Returns what lets it go on. */
async function holdMainThread(page: ChatPage): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.page.route('**/held', async (route) => {
    await released;
    await route.fulfill({ body: '' });
  });
  const isHeld = page.page.waitForRequest('**/held');
  await page.page.evaluate(() => {
    setTimeout(() => {
      const request = new XMLHttpRequest();
      request.open('GET', './held', false);
      request.send();
    });
  });
  await isHeld;
  return release;
}

test('log stays at the newest after the key End when a wheel scroll is still under way', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.isAtNewest();
  await page.scrollUp();
  await page.log.focus();
  await isDrawn(page);
  const release = await holdMainThread(page);
  // The compositor scrolls at once. The page learns of it after the key.
  const inputs = [-100, -100, -100].map((delta) => page.page.mouse.wheel(0, delta));
  inputs.push(page.page.keyboard.press('End'));
  release();
  await Promise.all(inputs);
  await isDrawn(page);
  await page.isAtNewest();
});

test('log shows the day where it changes', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  const days = new Set<string>();
  await scrollUntil(page, -800, async () => (await daysOf(page, days)) > 2);
  for (const day of days)
    assert.match(day, /^(lunes|martes|miércoles|jueves|viernes|sábado|domingo), \d+ de \w+$/);
});

test('log shows its beginning after scrolling back', async (t) => {
  const { open } = await scene(t, await place(t, FEW));
  const page = await open();
  await scrollUntil(
    page,
    -20_000,
    async () => await page.log.getByText('Aquí empieza la conversación').isVisible(),
  );
});

test('log says that older messages are loading', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.page.route('**/api/messages?*', async (route) => {
    await answered;
    await route.continue();
  });
  const loading = page.log.getByText('Cargando…');
  await scrollUntil(page, -2_000, async () => await loading.isVisible());
  const before = await page.log.getByRole('article').first().textContent();
  answer();
  await scrollUntil(
    page,
    -500,
    async () => (await page.log.getByRole('article').first().textContent()) !== before,
  );
});

test('rate-limited page says so and loads all messages to the beginning', async (t) => {
  const careful = await place(t, HISTORY + OLDER, {
    TRUSTED_PROXIES: '127.0.0.1',
    REQUEST_BURST_PER_ADDRESS: '1',
    REQUEST_RATE_PER_ADDRESS: '0.25',
  });
  const { open } = await scene(t, careful);
  const page = await open({ extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.7' } });
  const pages: number[][] = [];
  let refused = 0;
  page.page.on('response', async (answer) => {
    if (answer.status() === 429) refused++;
    if (!answer.url().includes('/api/messages') || !answer.ok()) return;
    const { messages } = (await answer.json()) as HistoryPage;
    pages.push(messages.map(({ seq }) => seq));
  });
  const told = await page.status.evaluateHandle((status) => {
    const texts: string[] = [];
    const changes = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => texts.push(status.textContent ?? '')).observe(status, changes);
    return texts;
  });
  await scrollUntil(
    page,
    -20_000,
    async () => await page.log.getByText('Aquí empieza la conversación').isVisible(),
  );
  const isTold = (await told.jsonValue()).some((text) => text.includes('el historial tardará un poco más'));
  // A slow machine may make its requests within the limit.
  assert.equal(isTold, refused > 0);
  await page.showsStatus('En la sala como');
  // The answers are read again for the test, which may take longer than the page.
  await eventually(
    () => pages.flat().includes(1),
    () => `${pages.flat().length} were read`,
  );
  const read = pages.toReversed().flat();
  // The entry for the gateway's downtime may move one more message out of the newest.
  assert.ok([OLDER, OLDER + 1].includes(read.length), `${read.length} were read`);
  assert.deepEqual(
    read,
    Array.from(read, (_, i) => i + 1),
  );
  assert.equal(await page.log.locator('missing-note').count(), 0);
});

test('log says that loading failed and loads at a retry', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  await page.page.route('**/api/messages?*', (route) => route.abort());
  const failed = page.alert.filter({ hasText: 'No se pudo cargar.' });
  await scrollUntil(page, -2_000, async () => (await failed.count()) > 0);
  const before = await page.log.getByRole('article').first().textContent();
  await page.page.unroute('**/api/messages?*');
  await page.button('Reintentar').click();
  await failed.waitFor({ state: 'detached' });
  await scrollUntil(
    page,
    -500,
    async () => (await page.log.getByRole('article').first().textContent()) !== before,
  );
});

test('search result leads to its marked place, and the pill leads back', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  await search(page, 'cafe clase');
  const results = page.page.getByRole('search').getByRole('listitem');
  await results.first().waitFor();
  assert.match((await results.last().locator('mark').allTextContents()).join(' '), /café|clase/);
  const when = await results.last().getByRole('time').getAttribute('datetime');
  await results.last().getByRole('button').click();
  const found = page.log.locator('chat-message.found');
  await found.waitFor();
  await page.page.getByRole('search').waitFor({ state: 'detached' });
  await eventually(
    () =>
      found.evaluate((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top < innerHeight && bottom > 0;
      }),
    () => 'the found message is not on the screen',
  );
  assert.ok(when !== null && (await found.textContent()) !== '');

  terminal.send('mientras;\n');
  await page.button('1 mensaje nuevo').click();
  await page.shows('mientras;');
  await page.isAtNewest();
});

test('search result on the last screen shows the newest, without a pill', async (t) => {
  const { terminal, open } = await scene(t);
  const page = await open();
  terminal.send('el ornitorrinco;\n');
  await page.shows('el ornitorrinco;');
  await page.isAtNewest();
  // The jump itself must tell, because a log that stands at its end already does not scroll.
  await page.log.evaluate((log) =>
    log.getRootNode().addEventListener('scroll', (event) => event.stopImmediatePropagation(), true),
  );
  for (const word of ['ornitorrinco', 'ornit']) {
    await search(page, word);
    await page.page.getByRole('search').getByRole('listitem').first().getByRole('button').click();
    await page.page.getByRole('search').waitFor({ state: 'detached' });
    await page.log.locator('chat-message.found').filter({ hasText: 'ornitorrinco' }).waitFor();
    await page.isAtNewest();
  }
});

test('search says that it is running, found nothing or failed', async (t) => {
  const { open } = await scene(t);
  const page = await open();
  const panel = page.page.getByRole('search');
  await search(page, 'murciélago');
  await panel.getByText('No hay mensajes con «murciélago».').waitFor();
  let fail = () => {};
  const failed = new Promise<void>((resolve) => (fail = resolve));
  await page.page.route('**/api/messages?*', async (route) => {
    await failed;
    await route.abort();
  });
  await page.page.getByRole('searchbox').fill('café');
  await panel.getByText('Buscando…').waitFor();
  fail();
  await page.alert.filter({ hasText: 'No se pudo buscar.' }).waitFor();
  await page.page.unroute('**/api/messages?*');
  await page.button('Reintentar').click();
  await panel.getByRole('listitem').first().waitFor();
  await page.page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});
