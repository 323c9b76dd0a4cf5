/**
 * Accessibility of the page: axe runs on every state, in both languages, dark and with contrast.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Cleanup } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { COLOUR_RULES, findings } from '../helpers/page/axe.ts';
import { type ChatPage, LAPTOP, openBrowser, openPage } from '../helpers/page/browser.ts';
import {
  backToConversation,
  converse,
  LANGUAGES,
  LASTING_STATES,
  type Language,
  STATES,
} from '../helpers/page/states.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
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

async function open(t: Cleanup, language: Language): Promise<ChatPage> {
  const page = await openPage(browser, way.url, { locale: LANGUAGES[language], reducedMotion: 'reduce' });
  t.after(() => page.page.context().close());
  return page;
}

async function openConversation(t: Cleanup, language: Language): Promise<ChatPage> {
  way.open();
  const page = await open(t, language);
  await converse(page, await enter(t, room.port));
  return page;
}

async function hasNoFindings({ page }: ChatPage, language: Language): Promise<void> {
  for (const { look, viewport } of LOOKS[language]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia(look);
    const where = `${language} ${look.colorScheme} ${look.contrast} ${viewport.width}`;
    assert.deepEqual(await findings(page, look === LIGHT ? undefined : COLOUR_RULES), [], where);
  }
  await page.setViewportSize(LAPTOP);
  await page.emulateMedia(LIGHT);
}

test('axe finds no violation in an empty room', async (t) => {
  for (const language of ['es', 'en'] as const) await hasNoFindings(await open(t, language), language);
});

for (const language of ['es', 'en'] as const) {
  describe(`page in ${language}`, () => {
    /** One page for the states that can be left. */
    const shared = sharedFixture(async (t) => ({ chat: await openConversation(t, language) }));

    for (const [name, reach] of Object.entries(STATES)) {
      test(`axe finds no violation in ${language}: ${name}`, async (t) => {
        const isLasting = LASTING_STATES.has(name);
        const chat = isLasting ? await openConversation(t, language) : shared.chat;
        await reach(chat, language, way);
        await hasNoFindings(chat, language);
        if (!isLasting) await backToConversation(chat);
      });
    }
  });
}
