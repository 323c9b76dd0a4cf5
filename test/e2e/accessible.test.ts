/**
 * The page for those who do not see it, see little, or use no mouse: what axe finds, and what a hand can reach.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { DICTIONARIES } from '../../web/strings.ts';
import { findings } from '../helpers/axe.ts';
import { type ChatPage, openBrowser, openPage } from '../helpers/browser.ts';
import { startGateway } from '../helpers/gateway.ts';
import { openProxy } from '../helpers/proxy.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

const LANGUAGES = { es: 'es-ES', en: 'en-GB' } as const;
type Language = keyof typeof LANGUAGES;

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };

const LIGHT = { colorScheme: 'light', contrast: 'no-preference' } as const;
const LOOKS = [LIGHT, { ...LIGHT, colorScheme: 'dark' }, { ...LIGHT, contrast: 'more' }] as const;

/** Every state of the page, by how one gets there from a conversation. */
const STATES: Record<string, (page: ChatPage, language: Language) => Promise<unknown>> = {
  'a busy room': async () => {},
  'the menu': async ({ page }) => await page.locator('room-menu summary').click(),
  people: async (page, language) => await openSheet(page, DICTIONARIES[language].sheets.people),
  invite: async (page, language) => {
    await openSheet(page, DICTIONARIES[language].sheets.invite);
    await page.page.getByRole('button', { name: /websocat/ }).waitFor();
  },
  settings: async (page, language) => await chooseFromMenu(page, DICTIONARIES[language].sheets.settings),
  help: async (page, language) => await chooseFromMenu(page, DICTIONARIES[language].sheets.help),
  'a search': async (page, language) => {
    await search(page, language, '');
  },
  'what was found': async (page, language) => {
    await search(page, language, 'buenas');
    await page.page.locator('search-panel mark').first().waitFor();
  },
  'nothing found': async (page, language) => {
    await search(page, language, 'zzz');
    await page.page.getByText(DICTIONARIES[language].notFound('zzz')).waitFor();
  },
  'a text that is too long': async ({ page }) => {
    await page.locator('chat-composer textarea').fill('x'.repeat(40_000));
    await page.getByRole('alert').waitFor();
  },
  offline: async (page, language) => {
    way.close();
    await page.status.filter({ hasText: DICTIONARIES[language].offline }).waitFor();
    await page.page.locator('chat-composer textarea').fill('sin red');
    await page.page.keyboard.press('Enter');
    await page.page.getByText(DICTIONARIES[language].waiting).last().waitFor();
  },
  farewell: async (page, language) => {
    await chooseFromMenu(page, DICTIONARIES[language].leave);
    await page.page.getByRole('button', { name: DICTIONARIES[language].comeBack }).waitFor();
  },
};

async function openSheet({ page }: ChatPage, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('dialog', { name }).waitFor();
  await page.locator('side-sheet > :not(dialog)').waitFor();
}

async function chooseFromMenu({ page }: ChatPage, name: string): Promise<void> {
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name, exact: true }).click();
}

async function search({ page }: ChatPage, language: Language, query: string): Promise<void> {
  await page.getByRole('button', { name: DICTIONARIES[language].search, exact: true }).click();
  await page.getByRole('searchbox').fill(query);
}

const room = await builtRoom({ after });
const way = await openProxy({ after }, (await startGateway({ after }, room.port)).port);
const { url } = way;

async function open(t: TestContext, language: Language, at = url): Promise<ChatPage> {
  const page = await openPage(browser, at, { locale: LANGUAGES[language], reducedMotion: 'reduce' });
  t.after(() => page.page.context().close());
  return page;
}

/** A bit of all that can stand in a log. */
async function converse(page: ChatPage, terminal: TcpClient): Promise<void> {
  terminal.say('buenas\n<Bea> mira https://example.org/ y `código`\n👋\nשלום\n');
  await page.page.getByText('שלום').last().waitFor();
  await page.page.locator('chat-composer textarea').fill('hola a todos');
  await page.page.keyboard.press('Enter');
  await page.page.locator('chat-message').getByText('hola a todos').last().waitFor();
}

/** In every look on every screen; in the second language the colours are those of the first. */
async function hasNoFindings({ page }: ChatPage, language: Language): Promise<void> {
  for (const look of language === 'es' ? LOOKS : [LIGHT]) {
    for (const viewport of [PHONE, DESKTOP]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia(look);
      const where = `${language} ${look.colorScheme} ${look.contrast} ${viewport.width}`;
      assert.deepEqual(await findings(page), [], where);
    }
  }
}

test('axe finds nothing in an empty room', async (t) => {
  const empty = await startGateway(t, (await builtRoom(t)).port);
  for (const language of ['es', 'en'] as const)
    await hasNoFindings(await open(t, language, empty.url), language);
});

for (const [name, reach] of Object.entries(STATES)) {
  test(`axe finds nothing: ${name}`, async (t) => {
    for (const language of ['es', 'en'] as const) {
      way.open();
      const page = await open(t, language);
      await converse(page, await enter(t, room.port));
      await reach(page, language);
      await hasNoFindings(page, language);
    }
  });
}
