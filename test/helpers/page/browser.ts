/**
 * A real Chromium or Firefox, and pages in it as a person sees them.
 */
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  LaunchOptions,
  Locator,
  Page,
} from 'playwright-core';
import { findChromium, findHeadlessChromium } from '../../../scripts/lib/chromium.ts';
import { findFirefox } from '../../../scripts/lib/firefox.ts';
import { chromium, firefox } from '../../../scripts/lib/playwright.ts';
import { type Cleanup, DEADLINE_MS, eventually } from '../eventually.ts';

/**
 * Features of Chromium to disable. Its own windows beside the page cost each context two seconds of CPU. The list
 * repeats Playwright's, because only the last such list counts.
 */
const LEFT_OUT = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'Translate',
];

/**
 * Tests run as root in containers, where the sandbox fails. The options of V8 are those of the programs, because pages
 * live for seconds too. The other arguments prevent requests to hosts that do not exist here.
 */
const ARGS = [
  `--disable-features=${LEFT_OUT.join()}`,
  '--no-sandbox',
  '--js-flags=--no-opt --single-threaded',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const ADDRESS = /\S+:\d+/;

/** It only bounds a hang, ms: on a busy machine Firefox takes two minutes to start. */
const FIREFOX_STARTS_WITHIN_MS = 600_000;

/** Starts a Chromium. `args` are added to those of every test. */
export async function openBrowser(
  t: Cleanup,
  { args = [], ...options }: LaunchOptions = {},
): Promise<Browser> {
  const executablePath = findHeadlessChromium() ?? '';
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args], ...options });
  t.after(() => browser.close());
  return browser;
}

/** Starts a Chromium that keeps pages which were left. The one without windows keeps none. */
export async function openCachingBrowser(t: Cleanup): Promise<Browser> {
  return await openBrowser(t, {
    executablePath: findChromium() ?? '',
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

/**
 * Starts an unpatched Firefox. This channel drives it by WebDriver BiDi, which emulates no media: neither colour schemes
 * nor reduced motion. Preferences can.
 */
export async function openFirefox(t: Cleanup, options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findFirefox() ?? '';
  const browser = await firefox.launch({
    channel: 'moz-firefox',
    executablePath,
    timeout: FIREFOX_STARTS_WITHIN_MS,
    ...options,
  });
  t.after(() => browser.close());
  return browser;
}

/** A page of the chat. It finds elements by the Spanish texts that a person reads. */
export class ChatPage {
  readonly page: Page;
  /** Errors and warnings of the browser's console. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Conversación' });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Mensaje' });
  }

  get status(): Locator {
    return this.page.getByRole('status');
  }

  get nickname(): Locator {
    return this.page.getByRole('textbox', { name: 'Tu nombre' });
  }

  get alert(): Locator {
    return this.page.getByRole('alert');
  }

  get farewell(): Locator {
    return this.page.getByRole('region', { name: 'Has salido de la tertulia.' });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The button that leads to newer messages below, while the log is scrolled up. */
  get pill(): Locator {
    return this.button(/^(\d+ mensajes? nuevos?|Ir al final)/);
  }

  message(text: string): Locator {
    return this.log.getByRole('article').filter({ hasText: text });
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async shows(text: string): Promise<void> {
    await this.message(text).first().waitFor();
  }

  /** Waits for an own message that the room has received. The last of consecutive ones shows the mark. */
  async showsReceipt(text: string): Promise<void> {
    await this.message(text).and(this.page.locator('.mine:not(.pending)')).waitFor();
  }

  /** Waits for the delivery state of an own message. */
  async showsState(text: string, state: string): Promise<void> {
    await this.message(text).getByText(state, { exact: true }).waitFor();
  }

  async setNickname(name: string): Promise<void> {
    await this.nickname.fill(name);
  }

  /** Waits until the composer holds this text. */
  async holds(draft: string): Promise<void> {
    let held = '';
    await eventually(
      async () => {
        held = await this.composer.inputValue();
        return held === draft;
      },
      () => `the composer holds ${JSON.stringify(held)}, not ${JSON.stringify(draft)}`,
    );
  }

  async showsStatus(status: string, withinMs: number = DEADLINE_MS): Promise<void> {
    let seen: string[] = [];
    await eventually(
      async () => {
        seen = await this.status.filter({ visible: true }).allTextContents();
        return seen.some((text) => text.includes(status));
      },
      () => `the page does not show ${status}, but ${seen.join(', ')}`,
      withinMs,
    );
  }

  /** This page's `IP:PORT` in the room. It waits until the page has joined. */
  async address(): Promise<string> {
    const told = await this.status.filter({ hasText: ADDRESS }).textContent();
    return ADDRESS.exec(told ?? '')?.[0] ?? '';
  }

  /** Waits until the page has another address than before. */
  async addressOtherThan(old: string): Promise<string> {
    return await eventually(
      async () => {
        const address = await this.address();
        return address === old ? undefined : address;
      },
      () => `the page is still ${old}`,
    );
  }

  get menu(): Locator {
    return this.page.locator('summary').and(this.page.getByLabel('Más', { exact: true }));
  }

  async chooseFromMenu(name: string): Promise<void> {
    await this.menu.click();
    await this.button(name).click();
  }

  /** Opens the menu of a message by keyboard. */
  async openMenuOf(message: Locator): Promise<void> {
    await message.focus();
    // The focus loads the menu.
    await this.page.locator('message-menu .more').waitFor();
    await message.press('Enter');
    await this.page.getByRole('menuitem').first().waitFor();
  }

  async leave(): Promise<void> {
    await this.chooseFromMenu('Salir');
    await this.farewell.waitFor();
  }

  async rejoin(): Promise<void> {
    await this.farewell.getByRole('button', { name: 'Volver a entrar' }).click();
  }

  /** Shows or hides the tab. A headless browser shows every tab, so the page is told by an event. */
  async setVisible(seen: boolean): Promise<void> {
    await this.page.evaluate(
      (state) => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      },
      seen ? 'visible' : 'hidden',
    );
  }

  /** Distance from the visible part of the log to its end, pixels. */
  async pixelsBelow(): Promise<number> {
    return await this.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  }

  /** Waits until the log shows its end, and no button that leads there. */
  async isAtNewest(): Promise<void> {
    await eventually(
      async () => (await this.pixelsBelow()) < 2 && (await this.pill.count()) === 0,
      () => 'the log does not show its end',
    );
  }

  async scrollUp(): Promise<void> {
    await this.log.hover();
    await this.page.mouse.wheel(0, -500);
    await this.pill.waitFor();
  }

  /** Vertical position of a message once it has stopped moving, pixels. */
  async positionOf(text: string): Promise<number> {
    let last = Number.NaN;
    await eventually(
      async () => {
        const before = last;
        last = await this.#paintedAt(text);
        return last === before;
      },
      () => `${text} keeps moving, now at ${last}`,
    );
    return last;
  }

  /** Position as a person sees it, after the layout of a frame. */
  async #paintedAt(text: string): Promise<number> {
    return await this.message(text).evaluate(
      (message) =>
        new Promise<number>((resolve) => {
          const observer = new IntersectionObserver(([entry]) => {
            observer.disconnect();
            resolve(entry?.boundingClientRect.y ?? Number.NaN);
          });
          observer.observe(message);
        }),
    );
  }

  /** The drawn messages with their speakers, in order. */
  async messages(): Promise<{ who: string; words: string }[]> {
    return await this.log.getByRole('article').evaluateAll((articles) =>
      articles.map((article) => ({
        who: article.getAttribute('aria-label') ?? '',
        words: article.querySelector('.words')?.textContent ?? '',
      })),
    );
  }
}

/** Narrower than the screens on which the people are docked. */
export const LAPTOP = { width: 1180, height: 720 };

/** The card for newcomers would take room from the log. */
function dismissCard(): void {
  try {
    localStorage['tertulia-preferences'] ??= '{"card":"dismissed"}';
  } catch {
    // Storage is refused.
  }
}

/** Opens a page in a context of its own and waits until it has joined the room. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  return await openTab(await browser.newContext({ locale: 'es-ES', viewport: LAPTOP, ...options }), url);
}

/** Opens another page of the same browser context. */
export async function openTab(context: BrowserContext, url: string): Promise<ChatPage> {
  context.setDefaultTimeout(DEADLINE_MS);
  await context.addInitScript(dismissCard);
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  await page.address();
  return page;
}
