/**
 * The screenshots: a conversation, and the states of the page that are reached from it.
 */
import type { Page } from 'playwright-core';
import { DICTIONARIES } from '../../web/ui/strings.ts';

export type Language = keyof typeof DICTIONARIES;
export const LANGUAGES: Language[] = ['es', 'en'];
export const LOCALES: Record<Language, string> = { es: 'es-ES', en: 'en-GB' };

/** Colours, and width in CSS pixels: `light-360`. */
export type Look = `${'light' | 'dark'}-${360 | 768 | 1280}`;

type Who = 'me' | 'Ana' | 'terminal';

export const CONVERSATIONS: Record<Language, [who: Who, words: string][]> = {
  es: [
    ['terminal', 'hola, yo estoy con nc'],
    ['Ana', 'Yo con el navegador. ¿Te llega bien?'],
    ['terminal', 'sí, con tu dirección y tu nombre'],
    ['me', '¿Y los acentos y los emojis? ñ, ü, ☕'],
    ['terminal', 'todo llega ✓'],
    ['Ana', 'He recargado la página y no me falta ningún mensaje.'],
    ['me', 'Entonces, ¿el servidor es el mismo de siempre?'],
    ['terminal', 'el mismo, no sabe que existen los navegadores'],
    ['me', 'Pues que no se entere.'],
  ],
  en: [
    ['terminal', 'hello, I am here with nc'],
    ['Ana', 'And I with a browser. Do you read me?'],
    ['terminal', 'yes, with your address and your name'],
    ['me', 'What about accents and emojis? ñ, ü, ☕'],
    ['terminal', 'all of it arrives ✓'],
    ['Ana', 'I have reloaded the page, and no message is missing.'],
    ['me', 'So the server is the same as ever?'],
    ['terminal', 'the same, it does not know that there are browsers'],
    ['me', 'Then let us not tell.'],
  ],
};

/** Ana reloads her page before this message, so that its text is true. */
export const RELOADED_BEFORE = 4;

/** Lines that a terminal sends at once, so that the room reads them as one. */
export const QUICK: Record<Language, string[]> = {
  es: ['tres líneas', 'en una sola', 'escritura'],
  en: ['three lines', 'in a single', 'write'],
};

const SEARCHED: Record<Language, string> = { es: 'navegador', en: 'browser' };
export const SAID_OFFLINE: Record<Language, string> = { es: '¿Seguís ahí?', en: 'Are you still there?' };

type Reach = (page: Page, language: Language) => Promise<unknown>;

interface State {
  reach: Reach;
  /** Looks in which each state is drawn narrow and wide, light and dark, in both languages. */
  looks: Record<Language, Look[]>;
}

/** Actions from a page that shows the conversation. */
export const STATES: Record<string, State> = {
  invite: {
    reach: async (page, language) => {
      await press(page, DICTIONARIES[language].sheets.invite);
      await page.locator('copy-line').first().waitFor();
    },
    looks: { es: ['light-360'], en: ['dark-1280'] },
  },
  settings: {
    reach: async (page, language) => await chooseFromMenu(page, DICTIONARIES[language].sheets.settings),
    looks: { es: ['light-1280'], en: ['dark-360'] },
  },
  help: {
    reach: async (page, language) => await chooseFromMenu(page, DICTIONARIES[language].sheets.help),
    looks: { es: ['dark-360'], en: ['light-768'] },
  },
  search: {
    reach: async (page, language) => {
      await press(page, DICTIONARIES[language].search);
      await page.getByRole('searchbox').fill(SEARCHED[language]);
      await page.locator('search-panel mark').first().waitFor();
    },
    looks: { es: ['dark-768'], en: ['light-360'] },
  },
  // Last, because the list of people stays beside the conversation on a wide screen.
  people: {
    reach: async (page, language) => {
      await press(page, DICTIONARIES[language].sheets.people);
      await page.locator('person-row').first().waitFor();
    },
    looks: { es: ['dark-1280'], en: ['light-360'] },
  },
};

export const ALL_LOOKS: Look[] = [
  'light-360',
  'light-768',
  'light-1280',
  'dark-360',
  'dark-768',
  'dark-1280',
];

/** Preparations for the states that need a new room or a stopped gateway. */
export const LOOKS = {
  empty: { es: ['light-360'], en: ['dark-768'] },
  offline: { es: ['light-360'], en: ['dark-1280'] },
  projector: { es: ['light-1280'], en: ['dark-1280'] },
  access: { es: ['light-768'], en: ['dark-360'] },
  tcp: { es: ['light-1280', 'dark-360'], en: ['dark-1280', 'light-360'] },
  lab: { es: ['dark-1280', 'light-360'], en: ['light-1280', 'dark-360'] },
} satisfies Record<string, Record<Language, Look[]>>;

export async function say(page: Page, language: Language, words: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: DICTIONARIES[language].message });
  await composer.fill(words);
  await composer.press('Enter');
}

/** Becomes a host, and writes a line and half a character in the lab. */
export async function openLab(page: Page, language: Language, code: string): Promise<void> {
  const { host, lab } = DICTIONARIES[language].sheets;
  await chooseFromMenu(page, host);
  await page.locator('host-sheet input[type=password]').fill(code);
  await page.keyboard.press('Enter');
  await page.locator('host-sheet h3').first().waitFor();
  await page.keyboard.press('Escape');
  await chooseFromMenu(page, lab);
  const text = page.locator('lab-sheet textarea');
  await text.fill('ma\\xc3\n\\xb1ana\\n');
  await text.press('Control+Enter');
  await page.locator('lab-sheet .dump').nth(1).waitFor();
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

async function chooseFromMenu(page: Page, name: string): Promise<void> {
  await page.locator('room-menu summary').click();
  await press(page, name);
  await page.locator('side-sheet .content > :not(.part)').waitFor();
}
