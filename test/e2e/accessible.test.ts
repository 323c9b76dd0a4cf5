/**
 * Accessibility of the page: axe runs on every state, in both languages, dark and with contrast.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { startGateway } from '../helpers/gateway.ts';
import { COLOUR_RULES, findings } from '../helpers/page/axe.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/page/browser.ts';
import { converse, LANGUAGES, type Language, STATES } from '../helpers/page/states.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };

const LIGHT = { colorScheme: 'light', contrast: 'no-preference' } as const;
const DARK = { ...LIGHT, colorScheme: 'dark' } as const;
const CONTRAST = { ...LIGHT, contrast: 'more' } as const;

/**
 * The second language has the elements and colours of the first, so its texts are looked at where they have least room.
 * Dark and contrast change only colours, which are the same on both screens.
 */
const LOOKS = {
  es: [
    { look: LIGHT, viewport: PHONE },
    { look: LIGHT, viewport: DESKTOP },
    { look: DARK, viewport: PHONE },
    { look: CONTRAST, viewport: DESKTOP },
  ],
  en: [{ look: LIGHT, viewport: PHONE }],
} as const;

const room = await builtRoom({ after });
/** Keeps the messages of earlier tests out of the page, because axe takes longer for a longer log. */
const gateway = await startGateway({ after }, room.port, { HISTORY_ENTRIES: '0' });
const way = await openProxy({ after }, gateway.port);
const { url } = way;

async function open(t: TestContext, language: Language, at = url): Promise<ChatPage> {
  const page = await openPage(browser, at, { locale: LANGUAGES[language], reducedMotion: 'reduce' });
  t.after(() => page.page.context().close());
  return page;
}

async function hasNoFindings({ page }: ChatPage, language: Language): Promise<void> {
  for (const { look, viewport } of LOOKS[language]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia(look);
    const where = `${language} ${look.colorScheme} ${look.contrast} ${viewport.width}`;
    assert.deepEqual(await findings(page, look === LIGHT ? undefined : COLOUR_RULES), [], where);
  }
}

test('axe finds no violation in an empty room', async (t) => {
  const empty = await startGateway(t, (await builtRoom(t)).port);
  for (const language of ['es', 'en'] as const)
    await hasNoFindings(await open(t, language, empty.url), language);
});

for (const [name, reach] of Object.entries(STATES)) {
  test(`axe finds no violation: ${name}`, async (t) => {
    for (const language of ['es', 'en'] as const) {
      way.open();
      const page = await open(t, language);
      await converse(page, await enter(t, room.port));
      await reach(page, language, way);
      await hasNoFindings(page, language);
    }
  });
}
