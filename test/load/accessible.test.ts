/**
 * Accessibility of the page in Firefox and WebKit: axe runs on its states, in one session of each. Chromium's test is
 * test/e2e/accessible.test.ts, and has more looks.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findFirefox, HOW_TO_GET_FIREFOX } from '../../scripts/lib/firefox.ts';
import { LAZY_STRINGS } from '../../web/ui/lazy-strings.ts';
import { DICTIONARIES } from '../../web/ui/strings.ts';
import { startGateway } from '../helpers/gateway.ts';
import { COLOUR_RULES, findings } from '../helpers/page/axe.ts';
import { type ChatPage, openFirefox, openPage } from '../helpers/page/browser.ts';
import { backToConversation, converse, LANGUAGES, LASTING_STATES, STATES } from '../helpers/page/states.ts';
import { KEYS, openInWebKit, type WebKitPage, withoutWebKit } from '../helpers/page/webkit.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const isCi = process.env.CI === 'true';
const PHONE = { width: 360, height: 740 };
const CODE = 'cátedra';

const room = await builtRoom({ after });
const gateway = await startGateway({ after }, room.port, {
  HISTORY_ENTRIES: '0',
  HOST_CODE: CODE,
  LAB: 'true',
});
const way = await openProxy({ after }, gateway.port);

test('axe finds no violation in any state of the page in Firefox', {
  skip: findFirefox() === undefined && !isCi && HOW_TO_GET_FIREFOX,
}, async (t) => {
  // A sheet that fades in has little contrast.
  const firefox = await openFirefox(t, { firefoxUserPrefs: { 'ui.prefersReducedMotion': 1 } });
  const open = async (path = '') => {
    way.open();
    return await openPage(firefox, `${way.url}${path}`, { locale: LANGUAGES.es });
  };
  const talk = async () => {
    const page = await open();
    await converse(page, await enter(t, room.port));
    return page;
  };
  const hasNoFindings = async ({ page }: Pick<ChatPage, 'page'>, state: string) => {
    await page.setViewportSize(PHONE);
    assert.deepEqual(await findings(page), [], state);
    await wear(page, 'dark');
    assert.deepEqual(await findings(page, COLOUR_RULES), [], `${state}, dark`);
    await wear(page, 'light');
  };
  const chat = await talk();
  for (const [name, reach] of Object.entries(STATES)) {
    const isLasting = LASTING_STATES.has(name);
    const page = isLasting ? await talk() : chat;
    await reach(page, 'es', way);
    await hasNoFindings(page, name);
    if (isLasting) await page.page.context().close();
    else await backToConversation(page);
  }
  const host = await open();
  await host.chooseFromMenu('Anfitrión');
  await host.page.getByLabel('Contraseña de anfitrión').fill(CODE);
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('button', { name: 'Pausar los navegadores' }).click();
  await hasNoFindings(host, 'host');
  await chat.page.locator('room-board').waitFor();
  await hasNoFindings(chat, 'paused');
  await host.page.getByRole('button', { name: 'Terminar la pausa' }).click();
  await host.page.keyboard.press('Escape');
  await host.page.locator('side-sheet').waitFor({ state: 'detached' });
  await host.chooseFromMenu('Laboratorio');
  await host.page.getByRole('heading', { name: 'Experimentos' }).waitFor();
  await hasNoFindings(host, 'lab');
  const wall = await chat.page.context().newPage();
  await wall.goto(`${way.url}/?view=projector`);
  await wall.getByText('hola a todos').last().waitFor();
  await hasNoFindings({ page: wall }, 'projector');
});

/** Sets the theme as the page's own setting does. */
async function wear(page: Page, theme: string): Promise<void> {
  await page.locator('html').evaluate((root, name) => {
    root.dataset.theme = name;
  }, theme);
}

const { sheets, search } = DICTIONARIES.en;
const { actions, leave, seeTcp, host } = LAZY_STRINGS.en;

async function choose(page: WebKitPage, name: string): Promise<void> {
  await page.click('summary');
  await page.click('button', name);
}

async function openSheet(page: WebKitPage, name: string): Promise<void> {
  if ([sheets.people, sheets.invite].includes(name)) await page.click(`button[aria-label="${name}"]`);
  else await choose(page, name);
  await page.showsIn('h2', name);
  await page.showsIn('.content > :not(.part)', '');
}

async function openMenu(page: WebKitPage): Promise<void> {
  await page.type('.scroller', KEYS.alt + KEYS.up + KEYS.up);
  await page.click('.more');
  await page.showsIn('[role=menuitem]', actions.copy);
}

/** The actions that lead to each state from the state before it. */
const WAYS: Record<string, (page: WebKitPage) => Promise<unknown>> = {
  'a busy room': async () => {},
  'the menu of a message': openMenu,
  'one person alone': async (page) => {
    await page.click('[role=menuitem]', actions.only);
    await page.showsIn('button', actions.showAll);
  },
  'the menu': async (page) => {
    await page.click('button', actions.showAll);
    await page.click('summary');
    await page.showsIn('button', sheets.settings);
    await page.press(KEYS.escape);
  },
};
for (const name of [sheets.people, sheets.invite, sheets.settings, sheets.help, sheets.download, sheets.host])
  WAYS[name] = async (page) => {
    await page.press(KEYS.escape);
    await page.isGone('side-sheet');
    await openSheet(page, name);
  };
Object.assign(WAYS, {
  'what was found': async (page) => {
    await page.press(KEYS.escape);
    await page.isGone('side-sheet');
    await page.click(`button[aria-label="${search}"]`);
    await page.type('input[type=search]', 'buenas');
    await page.showsIn('mark', 'buenas');
  },
  suggestions: async (page) => {
    await page.press(KEYS.escape);
    await page.isGone('search-panel');
    await page.type('textarea', '/');
    await page.showsIn('[role=option]', /nick/);
  },
  'the question about a paste': async (page) => {
    await page.fill('textarea', 'uno\ndos\ntres\ncuatro\ncinco');
    await page.type('textarea', `${KEYS.control}axv`);
    await page.showsIn('dialog[open]', /\S/);
  },
  'a text that is too long': async (page) => {
    await page.press(KEYS.escape);
    await page.isGone('paste-question');
    await page.fill('textarea', 'x'.repeat(40_000));
    await page.showsIn('.over', /\S/);
  },
  'See TCP': async (page) => {
    await page.fill('textarea', '');
    await choose(page, seeTcp);
    await page.showsIn('summary', /Connections/);
  },
  'a host who pauses the browsers': async (page) => {
    await openSheet(page, sheets.host);
    await page.type('input[type=password]', `${CODE}${KEYS.enter}`);
    await page.click('button', host.pause);
    await page.showsIn('button', host.resume);
  },
  'the lab': async (page) => {
    await page.click('button', host.resume);
    await page.showsIn('button', host.pause);
    await page.press(KEYS.escape);
    await page.isGone('side-sheet');
    await openSheet(page, sheets.lab);
    await page.showsIn('h3', 'Experiments');
  },
  'the projector': async (page) => {
    await page.goTo(`${way.url}/?view=projector`);
    await page.showsIn('.only-here', /\S/);
  },
  offline: async (page) => {
    await page.goTo(way.url);
    await page.address();
    way.close();
    await page.showsIn('[role=status]', DICTIONARIES.en.offline);
  },
  farewell: async (page) => {
    await choose(page, leave);
    await page.showsIn('button', DICTIONARIES.en.rejoin);
  },
} satisfies typeof WAYS);

test('axe finds no violation in the states of the page in WebKit', {
  skip: !isCi && withoutWebKit,
}, async (t: TestContext) => {
  way.open();
  const page = await openInWebKit(t, way.url);
  const terminal = await enter(t, room.port);
  terminal.send('buenas\n<Bea> mira https://example.org/ y `código`\n👋\n```\nls -l\n```\nשלום\n');
  await page.shows('שלום');
  await page.send('hola a todos');
  await page.showsReceipt('hola a todos');
  for (const [state, reach] of Object.entries(WAYS)) {
    await reach(page);
    assert.deepEqual(await page.findings(), [], state);
  }
});
