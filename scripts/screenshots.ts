/**
 * npm run screenshots: takes docs/screenshots/ of the real page in a real Chromium. Each language of the page has a
 * new room with two browsers and a terminal. The pictures show one of the browsers.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Service } from '../cli/service.ts';
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
  openLab,
  QUICK,
  RELOADED_BEFORE,
  SAID_OFFLINE,
  STATES,
  say,
} from './lib/screenshot-states.ts';

/** Passphrase of the host whose lab is shown. */
const HOST_CODE = 'tertulia';

/** CSS pixels. */
const HEIGHT = 800;

/** Invitations show the addresses of an example, not those of this machine. */
const INVITATION = { PUBLIC_URL: 'http://192.168.1.20:8080', PUBLIC_ROOM: '192.168.1.20:12345' };

/** Longest shutdown of both servers, ms. */
const GRACE_MS = 15_000;

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
    for (const language of LANGUAGES) {
      await inNewRoom({ LAB: 'true', HOST_CODE }, (room) => takeTcp(browser, room, language));
    }
  } finally {
    await browser.close();
  }
}

interface Room {
  tcpPort: number;
  url: string;
  /** Stops both servers. */
  stop(): Promise<unknown>;
}

/** Runs `npm start` on ports and in a folder of its own while `visit` runs. */
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
    env: { ...process.env, ...env, LC_ALL: 'C' },
    cwd: inProject(),
    onOutput: (text) => process.stdout.write(text),
    graceMs: GRACE_MS,
  });
  try {
    const ended = service.ended.then(({ exitCode }) =>
      Promise.reject(new Error(`npm start ended with exit code ${exitCode}`)),
    );
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
  // The READMEs show the narrow picture small, so it has the resolution of a phone.
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

/** Waits for the conversation, and for the number of people. */
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

/** Opens the page of a room with a passphrase. */
async function takeTheDoor(browser: Browser, url: string): Promise<void> {
  for (const language of LANGUAGES) {
    const page = await open(browser, url, language);
    await page.getByRole('heading', { name: DICTIONARIES[language].locked }).waitFor();
    await takeAll(page, `access-${language}`, LOOKS.access[language]);
    await page.context().close();
  }
}

/** Takes three messages that came as one, in See TCP, and a connection of the lab. */
async function takeTcp(browser: Browser, { tcpPort, url }: Room, language: Language): Promise<void> {
  const page = await open(browser, `${url}/?tcp`, language);
  await page.locator('see-tcp p.soft').waitFor();
  const terminal = connect(tcpPort, '127.0.0.1');
  terminal.resume();
  await once(terminal, 'connect');
  terminal.write(QUICK[language].map((line) => `${line}\n`).join(''));
  await page
    .locator('wire-card')
    .nth(QUICK[language].length - 1)
    .waitFor();
  await takeAll(page, `tcp-${language}`, LOOKS.tcp[language]);
  await page.goto(url);
  await openLab(page, language, HOST_CODE);
  await takeAll(page, `lab-${language}`, LOOKS.lab[language]);
  await page.context().close();
  await leave(terminal);
}

/** Opens a page in a browser profile of its own. */
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

/** Removes the focus, because its ring would be in the picture. */
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

/** Hides the blinking cursor, so that the same page gives the same picture. */
async function take(page: Page, name: string, look: Look, scale: Scale = 'css'): Promise<void> {
  const path = inProject(`docs/screenshots/${name}-${look}.png`);
  await page.screenshot({ path, scale, animations: 'disabled', caret: 'hide' });
}

/** Reads until the room has closed its side. */
async function leave(terminal: Socket): Promise<void> {
  terminal.end();
  await once(terminal, 'close');
}
