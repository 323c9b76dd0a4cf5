/**
 * A real Chromium or Firefox, and pages in it as a person sees them.
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  firefox,
  type LaunchOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { findChromium } from '../../../scripts/lib/chromium.ts';
import { findFirefox } from '../../../scripts/lib/firefox.ts';
import { type Cleanup, DEADLINE_MS, eventually } from '../eventually.ts';

/**
 * What Chromium is to do without: what its own windows hold beside the page, which nobody sees here and every context
 * would draw for two seconds of CPU, and what Playwright leaves out too, as only the last such list counts.
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

/** No sandbox: tests run as root in containers. The rest keeps it from looking for hosts that are not there. */
const ARGS = [
  `--disable-features=${LEFT_OUT.join()}`,
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const ADDRESS = /\S+:\d+/;

/** `args` are added to those of every test. */
export async function openBrowser(
  t: Cleanup,
  { args = [], ...options }: LaunchOptions = {},
): Promise<Browser> {
  const executablePath = findChromium() ?? '';
  const browser = await chromium.launch({ executablePath, args: [...ARGS, ...args], ...options });
  t.after(() => browser.close());
  return browser;
}

/** A Firefox as its makers build it: through this channel it is driven by WebDriver BiDi, which needs no patches. */
export async function openFirefox(t: Cleanup): Promise<Browser> {
  const browser = await firefox.launch({ channel: 'moz-firefox', executablePath: findFirefox() ?? '' });
  t.after(() => browser.close());
  return browser;
}

/** A page of the chat, found by what it says to a person who reads Spanish. */
export class ChatPage {
  readonly page: Page;
  /** What the browser's console complained of. */
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

  /** Leads to what was said below, while somebody reads further up. */
  get pill(): Locator {
    return this.button(/^(\d+ mensajes? nuevos?|Ir a lo último)/);
  }

  message(words: string): Locator {
    return this.log.getByRole('article').filter({ hasText: words });
  }

  async send(words: string): Promise<void> {
    await this.composer.fill(words);
    await this.composer.press('Enter');
  }

  async shows(words: string): Promise<void> {
    await this.message(words).first().waitFor();
  }

  /** Own words, and the mark that the room has heard them. */
  async showsReceipt(words: string): Promise<void> {
    await this.message(words).getByRole('img', { name: 'Oído en la sala' }).waitFor();
  }

  /** What the page says of the way of its own words. */
  async showsState(words: string, state: string): Promise<void> {
    await this.message(words).getByText(state, { exact: true }).waitFor();
  }

  async setNickname(name: string): Promise<void> {
    await this.nickname.fill(name);
  }

  async showsStatus(status: string, within: number = DEADLINE_MS): Promise<void> {
    let seen: string[] = [];
    await eventually(
      async () => {
        seen = await this.status.filter({ visible: true }).allTextContents();
        return seen.some((text) => text.includes(status));
      },
      () => `the page does not tell ${status}, but ${seen.join(', ')}`,
      within,
    );
  }

  /** This page's `IP:PORT` in the room, once it is in. */
  async address(): Promise<string> {
    await this.status.filter({ hasText: ADDRESS }).waitFor();
    return ADDRESS.exec((await this.status.textContent()) ?? '')?.[0] ?? '';
  }

  /** After a stay in which it had another one. */
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

  async leave(): Promise<void> {
    await this.chooseFromMenu('Salir');
    await this.farewell.waitFor();
  }

  async rejoin(): Promise<void> {
    await this.farewell.getByRole('button', { name: 'Volver' }).click();
  }

  /** The person looks at another tab, or back at this one. A headless browser shows every tab: this one is told. */
  async setVisible(seen: boolean): Promise<void> {
    await this.page.evaluate(
      (state) => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      },
      seen ? 'visible' : 'hidden',
    );
  }

  /** How far the end of the log is below what can be seen, pixels. */
  async pixelsBelow(): Promise<number> {
    return await this.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  }

  async isAtNewest(): Promise<void> {
    await eventually(
      async () => (await this.pixelsBelow()) < 2,
      () => 'the log does not show its end',
    );
  }

  async scrollUp(): Promise<void> {
    await this.log.hover();
    await this.page.mouse.wheel(0, -500);
    await this.pill.waitFor();
  }

  /** How far down a message stands once it stands still, pixels. */
  async positionOf(words: string): Promise<number> {
    let last = Number.NaN;
    await eventually(
      async () => {
        const before = last;
        last = await this.#paintedAt(words);
        return last === before;
      },
      () => `${words} does not stand still, but is at ${last}`,
    );
    return last;
  }

  /** As a person sees it: after all that a frame settles. */
  async #paintedAt(words: string): Promise<number> {
    return await this.message(words).evaluate(
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

  /** Who said what, in the order of the log. */
  async messages(): Promise<{ who: string; words: string }[]> {
    return await this.log.getByRole('article').evaluateAll((articles) =>
      articles.map((article) => ({
        who: article.getAttribute('aria-label') ?? '',
        words: article.querySelector('.words')?.textContent ?? '',
      })),
    );
  }
}

/** Comes back when the page is in the room. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  return await openTab(await browser.newContext({ locale: 'es-ES', ...options }), url);
}

/** One more page of the same browser. */
export async function openTab(context: BrowserContext, url: string): Promise<ChatPage> {
  context.setDefaultTimeout(DEADLINE_MS);
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  await page.address();
  return page;
}
