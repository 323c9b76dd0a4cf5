/**
 * The space of a phone whose keyboard is open, and typing, pasting and dropping anywhere.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { eventually } from '../helpers/eventually.ts';
import { openBrowser } from '../helpers/page/browser.ts';
import { enterRoom, startStack } from '../helpers/page/scene.ts';
import { builtRoom } from '../helpers/room.ts';

const browser = await openBrowser({ after });
const shared = await startStack({ after }, await builtRoom({ after }));

interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** The boxes of all elements of a locator, in one layout. */
async function boxesOf(elements: Locator): Promise<Box[]> {
  return await elements.evaluateAll((all) =>
    all.map((one) => {
      const { top, bottom, left, right } = one.getBoundingClientRect();
      return { top, bottom, left, right };
    }),
  );
}

async function boxOf(element: Locator): Promise<Box> {
  await element.waitFor();
  const [box] = await boxesOf(element);
  assert.ok(box);
  return box;
}

for (const [width, height, messages] of [
  [360, 330, 4],
  [640, 180, 1],
] as const) {
  test(`phone with an open keyboard shows ${messages} messages at ${width} x ${height}`, async (t) => {
    const { terminal, open } = await enterRoom(t, browser, shared);
    const page = await open({ viewport: { width, height }, hasTouch: true, isMobile: true });
    for (const name of ['Ana', 'Tom', 'Luis', 'Noa', 'Hugo'])
      terminal.send(`<${name}> en el bus ${width};\n`);
    const last = page.message(`en el bus ${width};`).nth(4);
    await last.waitFor();
    await page.isAtNewest();
    const log = await boxOf(page.log);
    let whole: Box[] = [];
    await eventually(
      async () => {
        const boxes = await boxesOf(page.log.getByRole('article'));
        whole = boxes.filter(({ top, bottom }) => top >= log.top - 1 && bottom <= log.bottom + 1);
        return whole.length >= messages;
      },
      () => `${whole.length} messages are whole`,
    );
    for (const part of [page.nickname, page.composer, page.button('Enviar')]) {
      const box = await boxOf(part);
      assert.ok(box.left >= 0 && box.right <= width && box.bottom <= height, JSON.stringify(box));
      assert.ok(box.top >= log.bottom, 'a part of the composer lies over the log');
    }
    await page.setNickname('Elena');
    await page.composer.fill('x'.repeat(28_000));
    const count = page.page.getByText(/^[0-9]+ de [0-9]+ bytes$/);
    await count.waitFor();
    if (height < 240)
      assert.ok((await boxOf(count)).bottom > (await boxOf(page.composer)).top, 'the count has a line');
    else {
      const isCut = await page.nickname.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
      assert.equal(isCut, false, 'a short name is cut beside a draft');
    }
    await page.composer.fill('una línea\n'.repeat(30));
    const grown = await boxOf(page.composer);
    assert.ok(grown.bottom - grown.top <= Math.max(height * 0.3, 45) + 1, JSON.stringify(grown));
    assert.equal(await page.page.evaluate(() => document.documentElement.scrollWidth), width);
  });
}

test('name, message and Send are one row of one height, at every text size', async (t) => {
  const { open } = await enterRoom(t, browser, shared);
  for (const width of [360, 1280, 1920]) {
    const page = await open({ viewport: { width, height: 800 } });
    const row = page.nickname.or(page.composer).or(page.button('Enviar'));
    const boxes = await boxesOf(row);
    assert.equal(boxes.length, 3);
    for (const { top, bottom } of boxes) {
      assert.ok(Math.abs(top - (boxes[0]?.top ?? 0)) < 1, `${width}: ${JSON.stringify(boxes)}`);
      assert.ok(Math.abs(bottom - (boxes[0]?.bottom ?? 0)) < 1, `${width}: ${JSON.stringify(boxes)}`);
    }
  }
});

test('letters that are typed anywhere go into the message, and a slash searches', async (t) => {
  const { open } = await enterRoom(t, browser, shared);
  const page = await open();
  await page.button('Invitar').focus();
  await page.page.keyboard.type('hola 2');
  await page.holds('hola 2');
  await page.button('Invitar').focus();
  await page.page.keyboard.press('/');
  await page.page.getByRole('searchbox').waitFor();
  await page.page.keyboard.type('hola');
  await page.holds('hola 2');
});

test('file that is pasted or dropped is answered, and the page stays', async (t) => {
  const { open } = await enterRoom(t, browser, shared);
  const page = await open();
  const answer = page.alert.filter({ hasText: 'La sala solo lleva texto' });
  const paste = () =>
    page.composer.evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['x'], 'foto.png', { type: 'image/png' }));
      field.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }),
      );
    });
  await paste();
  await answer.waitFor();
  await page.composer.fill('otra cosa');
  await answer.waitFor({ state: 'detached' }).catch(() => answer.waitFor({ state: 'hidden' }));
  const isKept = await page.log.evaluate((log) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'foto.png', { type: 'image/png' }));
    return log.dispatchEvent(
      new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true, composed: true }),
    );
  });
  assert.equal(isKept, false, 'the browser would open the file');
  await answer.waitFor();
});

test('first message without a name is preceded by a hint, and later ones are not', async (t) => {
  const { open } = await enterRoom(t, browser, shared);
  const page = await open();
  const hint = page.page.getByText('Sin nombre, los demás solo verán tu dirección.');
  assert.equal(await hint.count(), 0);
  await page.composer.fill('a ver');
  await hint.waitFor();
  await page.composer.press('Enter');
  await page.composer.fill('otra vez');
  await eventually(
    async () => (await hint.count()) === 0,
    () => 'the hint is still shown',
  );
  // A row can be drawn anew between two looks, and then has no lines at all.
  const name = page.message('a ver').locator('.speaker b').first();
  const { text, lines } = await eventually(
    async () => {
      const drawn = await name.evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return { text: element.textContent, lines: range.getClientRects().length };
      });
      return drawn.lines > 0 ? drawn : undefined;
    },
    () => 'the name is not drawn',
  );
  assert.deepEqual([text, lines], ['Tú', 1], 'the name breaks into several lines');
});
