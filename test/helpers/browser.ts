/**
 * A real Chromium, and pages in it as a person sees them.
 */
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import type { Cleanup } from './eventually.ts';

/** No sandbox: tests run as root in containers. The rest keeps it from looking for hosts that are not there. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(t: Cleanup): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: ARGS });
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

  message(words: string): Locator {
    return this.log.getByRole('article').filter({ hasText: words });
  }

  async say(words: string): Promise<void> {
    await this.composer.fill(words);
    await this.composer.press('Enter');
  }

  async hears(words: string): Promise<void> {
    await this.message(words).first().waitFor();
  }

  /** Own words, and the mark that the room has heard them. */
  async isHeard(words: string): Promise<void> {
    await this.message(words).getByRole('img', { name: 'Oído en la sala' }).waitFor();
  }

  /** This page's `IP:PORT` in the room. */
  async address(): Promise<string> {
    await this.status.filter({ hasText: 'En la sala como' }).waitFor();
    return /\S+:\d+/.exec((await this.status.textContent()) ?? '')?.[0] ?? '';
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
  const context = await browser.newContext({ locale: 'es-ES', ...options });
  const page = new ChatPage(await context.newPage());
  await page.page.goto(url);
  await page.address();
  return page;
}
