/**
 * npm run screenshots: docs/screenshots/, taken of the real page in a real Chromium. For each language of the
 * page a new room, in which two browsers and a terminal talk; the pictures are what one of the browsers shows.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { freePort } from '../test/helpers/tcp.ts';
import { DICTIONARIES } from '../web/strings.ts';
import { findChromium, HOW_TO_GET_CHROMIUM } from './chromium.ts';
import { inProject } from './project.ts';
import { Service } from './service.ts';

type Language = keyof typeof DICTIONARIES;

const LOCALES: Record<Language, string> = { es: 'es-ES', en: 'en-GB' };
const SCHEMES = ['light', 'dark'] as const;
/** CSS pixels. The phone's picture is taken as fine as a phone shows it: it is shown small. */
const SCREENS = [
  { width: 360, height: 800, scale: 'device' },
  { width: 768, height: 800, scale: 'css' },
  { width: 1280, height: 800, scale: 'css' },
] as const;

type Who = 'me' | 'Ana' | 'terminal';

const CONVERSATIONS: Record<Language, [who: Who, words: string][]> = {
  es: [
    ['terminal', 'hola, yo estoy con nc'],
    ['Ana', 'Yo con el navegador. ¿Te llega bien?'],
    ['terminal', 'sí, con tu dirección y tu nombre'],
    ['me', '¿Y los acentos y los emojis? ñ, ü, 👋'],
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
    ['me', 'What about accents and emojis? ñ, ü, 👋'],
    ['terminal', 'all of it arrives ✓'],
    ['Ana', 'I have reloaded the page, and no message is missing.'],
    ['me', 'So the server is the same as ever?'],
    ['terminal', 'the same, it does not know that there are browsers'],
    ['me', 'Then let us not tell.'],
  ],
};

/** Ana reloads her page before this one, so that what she says after it is true. */
const RELOADED_BEFORE = 4;

/** How long both servers may take to end, ms. */
const GRACE = 15_000;

await takeScreenshots();

async function takeScreenshots(): Promise<void> {
  const executablePath = findChromium();
  if (!executablePath) {
    console.error(HOW_TO_GET_CHROMIUM);
    process.exitCode = 1;
    return;
  }
  mkdirSync(inProject('docs/screenshots'), { recursive: true });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    for (const language of ['es', 'en'] as const) {
      await inNewRoom((tcpPort, url) => takeThoseIn(language, browser, tcpPort, url));
    }
  } finally {
    await browser.close();
  }
}

/** npm start on ports and in a folder of its own, for as long as `visit` takes. */
async function inNewRoom(visit: (tcpPort: number, url: string) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tertulia-screenshots-'));
  const [tcpPort, httpPort] = [await freePort(), await freePort()];
  const env = {
    TCP_HOST: '127.0.0.1',
    TCP_PORT: `${tcpPort}`,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: `${httpPort}`,
    ROOM_HOST: '127.0.0.1',
    ROOM_PORT: `${tcpPort}`,
    DATA_DIR: dataDir,
  };
  const service = new Service('npm start', ['--import', 'tsx', 'scripts/start.ts'], {
    env,
    echoes: true,
    grace: GRACE,
  });
  try {
    const ended = service.ended.then(({ words }) => Promise.reject(new Error(`npm start ${words}`)));
    await Promise.race([service.output(/Ctrl-C/), ended]);
    await visit(tcpPort, `http://127.0.0.1:${httpPort}`);
  } finally {
    await service.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function takeThoseIn(
  language: Language,
  browser: Browser,
  tcpPort: number,
  url: string,
): Promise<void> {
  const terminal = connect(tcpPort, '127.0.0.1');
  terminal.resume();
  await once(terminal, 'connect');
  const ana = await enter(browser, url, language, 'Ana');
  const visitor = await enter(browser, url, language, 'Luis');
  for (const [index, [who, words]] of CONVERSATIONS[language].entries()) {
    if (index === RELOADED_BEFORE) await ana.reload();
    if (who === 'terminal') terminal.write(`${words}\n`);
    else await say(who === 'Ana' ? ana : visitor, language, words);
    await visitor.getByRole('article').filter({ hasText: words }).waitFor();
  }
  await visitor
    .getByRole('article')
    .last()
    .getByRole('img', { name: DICTIONARIES[language].heard })
    .waitFor();
  await takeAll(visitor, language);
  await ana.context().close();
  await visitor.context().close();
  await leave(terminal);
}

/** A page of its own browser profile, with that nickname. */
async function enter(browser: Browser, url: string, language: Language, nickname: string): Promise<Page> {
  const context = await browser.newContext({ locale: LOCALES[language], deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('textbox', { name: DICTIONARIES[language].nickname }).fill(nickname);
  return page;
}

async function say(page: Page, language: Language, words: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: DICTIONARIES[language].message });
  await composer.fill(words);
  await composer.press('Enter');
}

async function takeAll(page: Page, language: Language): Promise<void> {
  // No blinking cursor: the same page gives the same picture.
  await page.getByRole('textbox', { name: DICTIONARIES[language].message }).blur();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const { width, height, scale } of SCREENS) {
      await page.setViewportSize({ width, height });
      const path = inProject(`docs/screenshots/${language}-${colorScheme}-${width}.png`);
      await page.screenshot({ path, scale, animations: 'disabled' });
    }
  }
}

/** Reads on until the room has closed its side. */
async function leave(terminal: Socket): Promise<void> {
  terminal.end();
  await once(terminal, 'close');
}
