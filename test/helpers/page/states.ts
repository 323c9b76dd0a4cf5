/**
 * The states that the page can be in, for tests that check each of them.
 */
import type { Page } from 'playwright-core';
import { LAZY_STRINGS } from '../../../web/ui/lazy-strings.ts';
import { DICTIONARIES } from '../../../web/ui/strings.ts';
import { eventually } from '../eventually.ts';
import type { TcpProxy } from '../proxy.ts';
import type { TcpClient } from '../tcp.ts';
import type { ChatPage } from './browser.ts';
import { isReachable } from './invite.ts';

export const LANGUAGES = { es: 'es-ES', en: 'en-GB' } as const;
export type Language = keyof typeof LANGUAGES;

/** Sends a message of every kind that a log can contain. */
export async function converse(page: ChatPage, terminal: TcpClient): Promise<void> {
  terminal.send('buenas\n<Bea> mira https://example.org/ y `código`\n👋\n```\nls -l\n```\nשלום\n');
  await page.page.getByText('שלום').last().waitFor();
  await page.page.locator('chat-composer textarea').fill('hola a todos');
  await page.page.keyboard.press('Enter');
  await page.page.locator('chat-message').getByText('hola a todos').last().waitFor();
}

/** Every state of the page, with the actions that lead to it from a conversation. */
export const STATES: Record<string, (page: ChatPage, language: Language, way: TcpProxy) => Promise<unknown>> =
  {
    'a busy room': async () => {},
    'the menu': async ({ page }, language) => {
      await page.locator('room-menu summary').click();
      await page.getByRole('button', { name: DICTIONARIES[language].sheets.settings, exact: true }).waitFor();
    },
    'the menu of a message': async (chat) => await openMenu(chat),
    'one person alone': async (chat, language) => {
      const { page } = chat;
      await openMenu(chat);
      await page.getByRole('menuitem', { name: LAZY_STRINGS[language].actions.only }).press('Enter');
      await page.getByRole('button', { name: LAZY_STRINGS[language].actions.showAll }).waitFor();
    },
    people: async (page, language) => await openSheet(page, DICTIONARIES[language].sheets.people),
    invite: async (page, language) => {
      await isReachable(page.page);
      await openSheet(page, DICTIONARIES[language].sheets.invite);
      await page.page.getByRole('button', { name: /websocat/ }).waitFor();
    },
    settings: async (page, language) => await openFromMenu(page, DICTIONARIES[language].sheets.settings),
    help: async (page, language) => await openFromMenu(page, DICTIONARIES[language].sheets.help),
    download: async (page, language) => await openFromMenu(page, DICTIONARIES[language].sheets.download),
    'See TCP': async (page, language) => {
      await chooseFromMenu(page, LAZY_STRINGS[language].seeTcp);
      await page.page.locator('see-tcp p.soft').waitFor();
      await page.page.locator('chat-composer textarea').fill('año nuevo');
      await page.page.keyboard.press('Enter');
      await page.page.locator('wire-card summary').last().click();
      await page.page.locator('see-tcp summary').click();
      await page.page.locator('see-tcp li').first().waitFor();
    },
    'a search': async (page, language) => {
      await search(page, language, '');
    },
    'what was found': async (page, language) => {
      await search(page, language, 'buenas');
      await page.page.locator('search-panel mark').first().waitFor();
    },
    'nothing found': async (page, language) => {
      await search(page, language, 'zzz');
      await page.page.getByText(LAZY_STRINGS[language].notFound('zzz')).waitFor();
    },
    suggestions: async ({ page }) => {
      await page.locator('chat-composer textarea').fill('');
      await page.locator('chat-composer textarea').pressSequentially('/');
      await page.getByRole('option').first().waitFor();
    },
    'the question about a paste': async ({ page }) => {
      await page.locator('chat-composer textarea').fill('uno\ndos\ntres\ncuatro\ncinco');
      for (const key of ['a', 'x', 'v']) await page.keyboard.press(`ControlOrMeta+${key}`);
      await page.locator('paste-question').getByRole('dialog').waitFor();
    },
    'a text that is too long': async ({ page }) => {
      await page.locator('chat-composer textarea').fill('x'.repeat(40_000));
      await page.getByRole('alert').waitFor();
    },
    'a new version': async (page, language) => {
      const body = '<script src="/assets/index-other000.js"></script>';
      await page.page.route('**/', (route) => route.fulfill({ contentType: 'text/html', body }));
      await page.page.route('**/assets/help-sheet-*', (route) => route.abort());
      await chooseFromMenu(page, DICTIONARIES[language].sheets.help);
      await page.page
        .getByRole('dialog')
        .getByRole('button', { name: DICTIONARIES[language].reload.button })
        .waitFor();
      await page.page.keyboard.press('Escape');
      // The sheet shows the same text until it is removed.
      await page.page.locator('side-sheet').waitFor({ state: 'detached' });
      await page.page.getByText(DICTIONARIES[language].reload.outdated).waitFor();
    },
    offline: async (page, language, way) => {
      way.close();
      await page.showsStatus(DICTIONARIES[language].offline);
      await page.page.locator('chat-composer textarea').fill('sin red');
      await page.page.keyboard.press('Enter');
      await page.page.getByText(DICTIONARIES[language].waiting).last().waitFor();
    },
    farewell: async (page, language) => {
      await chooseFromMenu(page, LAZY_STRINGS[language].leave);
      await page.page.getByRole('button', { name: DICTIONARIES[language].rejoin }).waitFor();
    },
  };

/** States from which `backToConversation` does not lead back. */
export const LASTING_STATES: ReadonlySet<string> = new Set([
  'one person alone',
  'See TCP',
  'a text that is too long',
  'a new version',
  'offline',
  'farewell',
]);

/** Parts of the page that overlay the conversation. */
const OVERLAYS =
  'side-sheet, search-panel, paste-question, [role="menu"], [role="option"], room-menu details[open]';

/** Leaves a state that is not lasting, so that the next one needs no new page. */
export async function backToConversation({ page }: ChatPage): Promise<void> {
  const composer = page.locator('chat-composer textarea');
  await page.keyboard.press('Escape');
  await composer.fill('');
  await eventually(
    async () => (await page.locator(OVERLAYS).filter({ visible: true }).count()) === 0,
    () => 'something is still open over the conversation',
  );
}

async function openMenu(chat: ChatPage): Promise<void> {
  await chat.openMenuOf(chat.page.locator('chat-message').filter({ hasText: 'mira' }).last());
}

async function openSheet({ page }: ChatPage, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
  await isOpen(page, name);
}

async function openFromMenu(chat: ChatPage, name: string): Promise<void> {
  await chooseFromMenu(chat, name);
  await isOpen(chat.page, name);
}

/** Waits until the content of the sheet is loaded. */
async function isOpen(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog', { name }).waitFor();
  await page.locator('side-sheet .content > :not(.part)').waitFor();
}

async function chooseFromMenu({ page }: ChatPage, name: string): Promise<void> {
  await page.locator('room-menu summary').click();
  await page.getByRole('button', { name, exact: true }).click();
}

async function search({ page }: ChatPage, language: Language, query: string): Promise<void> {
  await page.getByRole('button', { name: DICTIONARIES[language].search, exact: true }).click();
  await page.getByRole('searchbox').fill(query);
}
