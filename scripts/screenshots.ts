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
import { DICTIONARIES } from '../web/ui/strings.ts';
import { findChromium, HOW_TO_GET_CHROMIUM } from './lib/chromium.ts';
import { inProject } from './lib/project.ts';
import {
  ALL_LOOKS,
  CONVERSATIONS,
  LANGUAGES,
  type Language,
  LOCALES,
  LOOKS,
  type Look,
  RELOADED_BEFORE,
  SAID_OFFLINE,
  STATES,
  say,
} from './lib/screenshot-states.ts';
import { Service } from './lib/service.ts';

/** CSS pixels. */
const HEIGHT = 800;

/** Invitations show the addresses of an example, not those of this machine. */
const INVITATION = { PUBLIC_URL: 'http://192.168.1.20:8080', PUBLIC_ROOM: '192.168.1.20:12345' };

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
    for (const language of LANGUAGES) {
      await inNewRoom({}, (room) => takeThoseIn(language, browser, room));
    }
    await inNewRoom({ ACCESS_CODE: 'tertulia' }, ({ url }) => takeTheDoor(browser, url));
  } finally {
    await browser.close();
  }
}

interface Room {
  tcpPort: number;
  url: string;
  /** Ends both servers. */
  stop(): Promise<unknown>;
}

/** npm start on ports and in a folder of its own, for as long as `visit` takes. */
async function inNewRoom(
  settings: Record<string, string>,
  visit: (room: Room) => Promise<void>,
): Promise<void> {
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
    ...INVITATION,
    ...settings,
  };
  const service = new Service('npm start', ['--import', 'tsx', 'scripts/start.ts'], {
    env,
    echoes: true,
    grace: GRACE,
  });
  try {
    const ended = service.ended.then(({ words }) => Promise.reject(new Error(`npm start ${words}`)));
    await Promise.race([service.output(/Ctrl-C/), ended]);
    await visit({ tcpPort, url: `http://127.0.0.1:${httpPort}`, stop: () => service.stop() });
  } finally {
    await service.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function takeThoseIn(language: Language, browser: Browser, room: Room): Promise<void> {
  const { tcpPort, url } = room;
  const visitor = await enter(browser, url, language, 'Luis');
  await blur(visitor);
  await takeAll(visitor, `empty-${language}`, LOOKS.empty[language]);
  const terminal = connect(tcpPort, '127.0.0.1');
  terminal.resume();
  await once(terminal, 'connect');
  const ana = await enter(browser, url, language, 'Ana');
  for (const [index, [who, words]] of CONVERSATIONS[language].entries()) {
    if (index === RELOADED_BEFORE) await ana.reload();
    if (who === 'terminal') terminal.write(`${words}\n`);
    else await say(who === 'Ana' ? ana : visitor, language, words);
    await visitor.getByRole('article').filter({ hasText: words }).waitFor();
  }
  await hasHeardAll(visitor, language);
  await blur(visitor);
  // As fine as a phone shows it: the READMEs show the narrow one small.
  await takeAll(visitor, language, ALL_LOOKS, 'device');
  await takeProjector(browser, url, language);
  for (const [state, { reach, looks }] of Object.entries(STATES)) {
    for (const look of looks[language]) {
      await wear(visitor, look);
      await visitor.reload();
      await hasHeardAll(visitor, language);
      await reach(visitor, language);
      await take(visitor, `${state}-${language}`, look);
    }
  }
  await visitor.reload();
  await hasHeardAll(visitor, language);
  await ana.context().close();
  await leave(terminal);
  await room.stop();
  await takeOffline(visitor, language);
  await visitor.context().close();
}

async function takeOffline(page: Page, language: Language): Promise<void> {
  await page.getByRole('status').filter({ hasText: DICTIONARIES[language].offline }).waitFor();
  await say(page, language, SAID_OFFLINE[language]);
  await page.getByText(DICTIONARIES[language].waiting).last().waitFor();
  await blur(page);
  await takeAll(page, `offline-${language}`, LOOKS.offline[language]);
}

/** The words of all, and how many they are. */
async function hasHeardAll(page: Page, language: Language): Promise<void> {
  const last = page.getByRole('article').last();
  await last.getByRole('img', { name: DICTIONARIES[language].heard }).waitFor();
  await page.locator('room-header #count').waitFor();
}

async function takeProjector(browser: Browser, url: string, language: Language): Promise<void> {
  const page = await open(browser, `${url}/?view=projector`, language);
  await page.getByText(CONVERSATIONS[language].at(-1)?.[1] ?? '').waitFor();
  await page.getByRole('img', { name: /QR/ }).waitFor();
  await takeAll(page, `projector-${language}`, LOOKS.projector[language]);
  await page.context().close();
}

/** Of a room that asks for a passphrase. */
async function takeTheDoor(browser: Browser, url: string): Promise<void> {
  for (const language of LANGUAGES) {
    const page = await open(browser, url, language);
    await page.getByRole('heading', { name: DICTIONARIES[language].login.title }).waitFor();
    await takeAll(page, `access-${language}`, LOOKS.access[language]);
    await page.context().close();
  }
}

/** A page of its own browser profile. */
async function open(browser: Browser, url: string, language: Language): Promise<Page> {
  const context = await browser.newContext({ locale: LOCALES[language], deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function enter(browser: Browser, url: string, language: Language, nickname: string): Promise<Page> {
  const page = await open(browser, url, language);
  await page.getByRole('textbox', { name: DICTIONARIES[language].nickname }).fill(nickname);
  return page;
}

/** What has the focus there is drawn with a frame, which a person at rest does not see. */
async function blur(page: Page): Promise<void> {
  await page.locator(':focus').last().blur();
}

type Scale = 'css' | 'device';

async function takeAll(page: Page, name: string, looks: Look[], narrow: Scale = 'css'): Promise<void> {
  for (const look of looks) {
    await wear(page, look);
    await take(page, name, look, look.endsWith('-360') ? narrow : 'css');
  }
}

async function wear(page: Page, look: Look): Promise<void> {
  const [scheme, width] = look.split('-');
  await page.emulateMedia({ colorScheme: scheme === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: Number(width), height: HEIGHT });
}

/** Without a blinking cursor: the same page gives the same picture. */
async function take(page: Page, name: string, look: Look, scale: Scale = 'css'): Promise<void> {
  const path = inProject(`docs/screenshots/${name}-${look}.png`);
  await page.screenshot({ path, scale, animations: 'disabled', caret: 'hide' });
}

/** Reads on until the room has closed its side. */
async function leave(terminal: Socket): Promise<void> {
  terminal.end();
  await once(terminal, 'close');
}
