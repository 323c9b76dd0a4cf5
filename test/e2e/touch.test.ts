/**
 * The page on touch screens, narrow phones, at high zoom, and with reduced motion.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator, ViewportSize } from 'playwright-core';
import { startGateway } from '../helpers/gateway.ts';
import { ChatPage, LAPTOP, openBrowser, openPage } from '../helpers/page/browser.ts';
import { backToConversation, converse, LASTING_STATES, STATES } from '../helpers/page/states.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

const PHONE = { width: 360, height: 740 };
const NARROWEST = { width: 320, height: 568 };
/** The viewport of 1280 x 800 at a zoom of 200%. */
const ZOOMED = { width: 640, height: 400 };

/** Smallest size of a touch target, CSS pixels. */
const MIN_TARGET_PX = 44;

const TARGETS = 'a[href], button, input, select, textarea, summary, [role="option"]';

/** Links within a text. They are as high as their line, because more would move the lines apart. */
const IN_TEXT = '.words a';

/** Parts that overlay the page and close themselves when something else is used. */
const OVER_THE_REST = [
  'side-sheet',
  'paste-question',
  'message-menu [role="menu"]',
  'room-menu details[open]',
  'completion-list:has([role="option"])',
];

const room = await builtRoom({ after });
const way = await openProxy({ after }, (await startGateway({ after }, room.port)).port);
// The room has a history, so that every log is longer than its screen.
(await enter({ after }, room.port)).send('buenas\n<Bea> mira https://example.org/ y `código`\n'.repeat(40));

async function open(t: TestContext, options: BrowserContextOptions, url = way.url): Promise<ChatPage> {
  way.open();
  const page = await openPage(browser, url, { reducedMotion: 'reduce', ...options });
  t.after(() => page.page.context().close());
  return page;
}

/** Waits until the page is drawn at its new size. */
async function resize({ page }: ChatPage, size: ViewportSize): Promise<void> {
  await page.setViewportSize(size);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** Emulates a device with a touch screen and without a mouse. Returns what brings the mouse back. */
async function touch({ page }: ChatPage): Promise<() => Promise<void>> {
  const device = await page.context().newCDPSession(page);
  const emulate = async (enabled: boolean) => {
    await device.send('Emulation.setTouchEmulationEnabled', { enabled });
    await page.waitForFunction(
      (isTouch) => matchMedia('(hover: none) and (pointer: coarse)').matches === isTouch,
      enabled,
    );
  };
  await emulate(true);
  return () => emulate(false);
}

/** Touch targets that are too small. A radio button is as large as its label. */
async function tooSmall({ page }: ChatPage): Promise<string[]> {
  return await page.locator(TARGETS).evaluateAll(
    (targets, { least, inText }) =>
      targets.flatMap((target) => {
        if (!target.checkVisibility({ visibilityProperty: true }) || target.matches(inText)) return [];
        const { width, height } = (target.closest('label') ?? target).getBoundingClientRect();
        return Math.min(width, height) < least - 0.01 ? [`${width}x${height} ${target.outerHTML}`] : [];
      }),
    { least: MIN_TARGET_PX, inText: IN_TEXT },
  );
}

/** A table that scrolls sideways in its own frame. */
const SCROLLED = '.table';

/** Elements that extend beyond a side of the screen. */
async function tooWide({ page }: ChatPage): Promise<string[]> {
  return await page.locator('body *:not(.aloud)').evaluateAll(
    (elements, scrolled) =>
      elements.flatMap((element) => {
        const isScrolled = element.parentElement?.closest(scrolled);
        if (isScrolled || !element.checkVisibility({ visibilityProperty: true })) return [];
        const { left, right } = element.getBoundingClientRect();
        return left < -0.5 || right > innerWidth + 0.5 ? [`${left} to ${right}: ${element.outerHTML}`] : [];
      }),
    SCROLLED,
  );
}

async function inReach({ page }: ChatPage): Promise<Locator> {
  for (const over of OVER_THE_REST) {
    if ((await page.locator(over).count()) > 0) return page.locator(over).locator(TARGETS);
  }
  return page.locator(TARGETS);
}

/** Elements that can not be scrolled to where a pointer reaches them. */
async function outOfReach(page: ChatPage): Promise<string[]> {
  return await (await inReach(page)).evaluateAll((targets) =>
    targets.flatMap((target) => {
      if (!target.checkVisibility({ visibilityProperty: true })) return [];
      const area = target.closest('label') ?? target;
      area.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      const { left, top, width, height } = area.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      let hit = document.elementFromPoint(x, y);
      for (;;) {
        const inner = hit?.shadowRoot?.elementFromPoint(x, y);
        if (!inner || inner === hit) break;
        hit = inner;
      }
      return area.contains(hit) ? [] : [`${target.outerHTML} is under ${hit?.outerHTML ?? 'nothing'}`];
    }),
  );
}

/** Elements with an animation longer than an instant, pseudo-elements included. */
async function moving({ page }: ChatPage): Promise<string[]> {
  return await page.locator('*').evaluateAll((elements) =>
    elements.flatMap((element) =>
      ['', '::before', '::after', '::backdrop'].flatMap((part) => {
        const style = getComputedStyle(element, part);
        if (style.transitionDuration === '') return []; // style sheet still loading
        const durations = `${style.transitionDuration}, ${style.animationName === 'none' ? '0s' : style.animationDuration}`;
        const isStill = durations.split(', ').every((duration) => Number.parseFloat(duration) <= 0.01);
        return isStill && style.scrollBehavior !== 'smooth'
          ? []
          : [`${element.localName}${part}: ${durations}`];
      }),
    ),
  );
}

/** Problems, each with the state in which it was found. */
interface Faults {
  moving: string[];
  tooWide: string[];
  outOfReach: string[];
  tooSmall: string[];
}

/**
 * Reaches each state once, because that takes the time, and checks everything there. Touch is last, because it
 * removes the mouse.
 */
async function lookAtStates(t: TestContext): Promise<Faults> {
  const faults: Faults = { moving: [], tooWide: [], outOfReach: [], tooSmall: [] };
  const conversation = async () => {
    const page = await open(t, {});
    await converse(page, await enter(t, room.port));
    return page;
  };
  const shared = await conversation();
  for (const [name, reach] of Object.entries(STATES)) {
    const isLasting = LASTING_STATES.has(name);
    const page = isLasting ? await conversation() : shared;
    const note = (kind: keyof Faults, found: string[]) =>
      faults[kind].push(...found.map((fault) => `${name}: ${fault}`));
    await reach(page, 'es', way).catch((cause) => assert.fail(`${name} is not reached: ${cause}`));
    note('moving', await moving(page));
    await resize(page, NARROWEST);
    note('tooWide', await tooWide(page));
    await resize(page, PHONE);
    note('tooSmall', await tooSmall(page));
    await resize(page, ZOOMED);
    note('outOfReach', await outOfReach(page)); // It scrolls, which closes overlays.
    const withMouse = await touch(page);
    await resize(page, PHONE);
    note('tooSmall', await tooSmall(page));
    if (isLasting) {
      await page.page.context().close();
    } else {
      await withMouse();
      await resize(page, LAPTOP);
      await backToConversation(page);
    }
  }
  return faults;
}

let faults: Promise<Faults> | undefined;

/** The result for all tests. The first test computes it. */
async function faultsOfStates(t: TestContext): Promise<Faults> {
  faults ??= lookAtStates(t);
  return await faults;
}

test('touch targets are large enough in every state on a phone', async (t) => {
  assert.deepEqual((await faultsOfStates(t)).tooSmall, []);
});

test('page is never wider than the narrowest phone, in any state', async (t) => {
  assert.deepEqual((await faultsOfStates(t)).tooWide, []);
});

test('every control can be scrolled to at a zoom of 200%, in every state', async (t) => {
  assert.deepEqual((await faultsOfStates(t)).outOfReach, []);
});

test('nothing moves with reduced motion, in any state', async (t) => {
  assert.deepEqual((await faultsOfStates(t)).moving, []);
});

test('search result is scrolled to with motion, and without it when motion is reduced', async (t) => {
  for (const reducedMotion of ['reduce', 'no-preference'] as const) {
    const page = await open(t, { reducedMotion });
    await converse(page, await enter(t, room.port));
    await STATES['what was found']?.(page, 'es', way);
    await page.page.locator('search-panel li button').first().click();
    await page.page.locator('chat-message.found').waitFor();
    assert.equal((await moving(page)).length === 0, reducedMotion === 'reduce');
  }
});

test('passphrase form works by touch, on a narrow phone and at a zoom of 200%', async (t) => {
  const { url } = await startGateway(t, room.port, { ACCESS_CODE: 'vermut' });
  const context = await browser.newContext({ locale: 'es-ES' });
  t.after(() => context.close());
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  await page.page.getByLabel('Contraseña de la sala').waitFor();
  for (const viewport of [PHONE, NARROWEST, ZOOMED]) {
    await resize(page, viewport);
    assert.deepEqual(await tooSmall(page), []);
    assert.deepEqual(await tooWide(page), []);
    assert.deepEqual(await outOfReach(page), []);
  }
});
