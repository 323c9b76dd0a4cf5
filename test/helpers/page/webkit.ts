/**
 * WebKitGTK, the engine of Safari and of every browser on an iPhone, driven by its own WebDriver
 * (https://www.w3.org/TR/webdriver2/). It has no headless mode, so it gets a virtual screen where there is none.
 */
import { type Cleanup, DEADLINE_MS, eventually } from '../eventually.ts';
import { start, without } from '../process.ts';
import { freePort } from '../tcp.ts';
import { AXE_SOURCE, VIOLATIONS } from './axe.ts';

export const withoutWebKit = without('WebKitWebDriver', ...(process.env.DISPLAY ? [] : ['Xvfb']));

/** The key of an element's id in WebDriver messages. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
type Element = Record<typeof ELEMENT, string>;

export const KEYS = {
  enter: '\uE007',
  escape: '\uE00C',
  tab: '\uE004',
  control: '\uE009',
  alt: '\uE00A',
  up: '\uE013',
} as const;

/** Finds elements in shadow roots too, because a selector searches one root only. An empty text fits any element. */
const ALL = `const all = (selector, root = document) => [...root.querySelectorAll('*')].flatMap((element) => [
  ...(element.matches(selector) ? [element] : []), ...(element.shadowRoot ? all(selector, element.shadowRoot) : [])]);
const one = (selector, text) => all(selector).find(({ textContent }) => text === '' || textContent.trim() === text);`;

const ADDRESS = /\d+\.\d+\.\d+\.\d+:\d+/;

/** The texts of the messages, without their headers. */
const WORDS = 'chat-message .words';

async function ask<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T };
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`);
  return value;
}

/** Opens one page at a time, because the driver allows one browser at a time. */
export async function openInWebKit(t: Cleanup, url: string): Promise<WebKitPage> {
  let page: WebKitPage | undefined;
  t.after(() => page?.close()); // The browser closes before its driver ends.
  const port = await freePort();
  const env = process.env.DISPLAY ? {} : { DISPLAY: await openScreen(t) };
  await start(t, 'WebKitWebDriver', [`--port=${port}`], env);
  const driver = `http://127.0.0.1:${port}`;
  await eventually(
    () => ask('GET', `${driver}/status`).catch(() => undefined),
    () => 'the driver does not answer',
  );
  // A script has half a minute by default, which axe exceeds on a busy machine.
  const timeouts = { script: DEADLINE_MS, pageLoad: DEADLINE_MS };
  const session = await ask<{ sessionId: string }>('POST', `${driver}/session`, {
    capabilities: { alwaysMatch: { timeouts } },
  });
  page = new WebKitPage(`${driver}/session/${session.sessionId}`);
  await page.goTo(url);
  await page.address();
  return page;
}

/** Starts Xvfb and returns its display. Xvfb chooses and prints the first free one. */
async function openScreen(t: Cleanup): Promise<string> {
  const screen = await start(t, 'Xvfb', [
    '-displayfd',
    '1',
    '-screen',
    '0',
    '1280x900x24',
    '-nolisten',
    'tcp',
  ]);
  const [number] = await screen.prints(/^\d+\n/);
  return `:${number?.trim()}`;
}

/** Resolves to the box of the first element that matches, after the page has been drawn twice. */
const PLACE_AFTER_TWO_FRAMES = `
  const boxOf = (element) => element ? JSON.stringify(element.getBoundingClientRect()) : '';
  return new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(boxOf(one(arguments[0], arguments[1]))))));
`;

export class WebKitPage {
  readonly #session: string;

  constructor(session: string) {
    this.#session = session;
  }

  async close(): Promise<void> {
    await ask('DELETE', this.#session);
  }

  async goTo(url: string): Promise<void> {
    await ask('POST', `${this.#session}/url`, { url });
  }

  async reload(): Promise<void> {
    await ask('POST', `${this.#session}/refresh`, {});
  }

  /** Runs a script, once more if the page was loaded anew meanwhile. */
  async #run<T>(body: string, ...args: string[]): Promise<T> {
    try {
      return await ask('POST', `${this.#session}/execute/sync`, { script: `${ALL}${body}`, args });
    } catch (error) {
      if (!String(error).includes('no such frame')) throw error;
      return await this.#run(body, ...args);
    }
  }

  async texts(selector: string): Promise<string[]> {
    return await this.#run('return all(arguments[0]).map(({ textContent }) => textContent.trim())', selector);
  }

  async showsIn(selector: string, text: string | RegExp): Promise<string> {
    let seen: string[] = [];
    const isIt = (shown: string) => (typeof text === 'string' ? shown === text : text.test(shown));
    const [found = ''] = await eventually(
      async () => {
        seen = await this.texts(selector);
        const fitting = seen.filter(isIt);
        return fitting.length > 0 ? fitting : undefined;
      },
      () => `no ${text} in ${selector}, but ${JSON.stringify(seen)}`,
    );
    return found;
  }

  async isGone(selector: string): Promise<void> {
    await eventually(
      async () => (await this.texts(selector)).length === 0,
      () => `${selector} is still there`,
    );
  }

  async valueOf(selector: string): Promise<string> {
    return await this.#run('return all(arguments[0])[0].value', selector);
  }

  /** Waits for the first element that matches, with this text. */
  async #find(selector: string, text = ''): Promise<string> {
    const found = await eventually(
      () => this.#run<Element | null>('return one(arguments[0], arguments[1]) ?? null', selector, text),
      () => `there is no ${selector} ${text}`,
    );
    return `${this.#session}/element/${found[ELEMENT]}`;
  }

  /** Waits until the element stands still, because a click at a moving element hits nothing. */
  async click(selector: string, text = ''): Promise<void> {
    let last = '';
    await eventually(
      async () => {
        const before = last;
        last = await this.#run(PLACE_AFTER_TWO_FRAMES, selector, text);
        return last !== '' && last === before;
      },
      () => `${selector} does not stand still: ${last}`,
    );
    await ask('POST', `${await this.#find(selector, text)}/click`, {});
  }

  async type(selector: string, text: string): Promise<void> {
    await ask('POST', `${await this.#find(selector)}/value`, { text });
  }

  /** Sends a key to the focused element. */
  async press(key: string): Promise<void> {
    const actions = [
      { type: 'keyDown', value: key },
      { type: 'keyUp', value: key },
    ];
    await ask('POST', `${this.#session}/actions`, { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** Replaces the text of a field at once. */
  async fill(selector: string, text: string): Promise<void> {
    await this.#find(selector);
    await this.#run(
      `const field = one(arguments[0], '');
      field.value = arguments[1];
      field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));`,
      selector,
      text,
    );
  }

  /** Ends animations first, because a sheet that is half transparent has little contrast. */
  async findings(): Promise<string[]> {
    return await this.#run(`
      if (!('axe' in window)) { ${AXE_SOURCE} }
      for (const animation of all('*').flatMap((element) => element.getAnimations()))
        if (animation.effect.getTiming().iterations !== Infinity) animation.finish();
      return ${VIOLATIONS}`);
  }

  async send(text: string): Promise<void> {
    await this.type('textarea', `${text}${KEYS.enter}`);
  }

  async shows(text: string): Promise<void> {
    await this.showsIn(WORDS, text);
  }

  /** Waits for the last own message with the mark that the room has received it. */
  async showsReceipt(text: string): Promise<void> {
    await eventually(
      () =>
        this.#run<boolean>(
          `const own = all('chat-message').findLast(({ renderRoot }) => renderRoot.textContent.includes(arguments[0]));
          return own?.renderRoot.querySelector('.heard') != null`,
          text,
        ),
      () => `${text} has no receipt`,
    );
  }

  async matches(pattern: RegExp): Promise<string[]> {
    return (await this.texts(WORDS)).join('\n').match(pattern) ?? [];
  }

  async address(): Promise<string> {
    return ADDRESS.exec(await this.showsIn('[role=status]', ADDRESS))?.[0] ?? '';
  }
}
