/**
 * A reader of the log in a real browser, and the cost to the page's main thread.
 *
 * During a measurement it finds elements by selector, because a search by role takes the page some ms.
 */
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type ElementHandle, errors } from 'playwright-core';
import { DEADLINE_MS } from '../../test/helpers/eventually.ts';
import { ChatPage } from '../../test/helpers/page/browser.ts';
import type { ChatLog } from '../../web/log-view/chat-log.ts';
import type { ChatMessage } from '../../web/log-view/chat-message.ts';
import { summary } from '../lib/table.ts';

/** One scroll of a quick finger, pixels. */
const WHEEL_PX = 800;
/** Interval between two turns of the wheel, ms, and turns until the direction changes. */
const WHEEL_GAP_MS = 50;
const TURN = 60;
/** Interval between the keys of a quick typist, ms, and the text. */
const KEY_GAP_MS = 100;
const LETTERS = [...Array.from('que no se entere nadie de esto '), 'Enter'];
/** Longest scroll in one direction, ms. */
const SCROLL_WITHIN_MS = 60_000;
/** The highest priority. Linux sets it for one thread, which for a page is the main one. */
const FIRST = constants.priority.PRIORITY_HIGHEST;
/** A long task by the browser's definition, ms. */
const LONG_TASK_MS = 50;
/** Explains the figures of a Cost. */
export const COUNTED =
  'A task: all that the main thread of the page does at a stretch. Over 50 ms: by the clock, as the browser tells the page; ' +
  'by CPU: without the time in which something else had the core.';
/** The only trace category, with the times of all tasks. More detail slows a page by half. */
const TRACED = ['toplevel'];
const TASK = 'ThreadControllerImpl::RunTask';

/** The cost of one action of the reader. */
export interface Cost {
  /** Duration of the longest task and most CPU time of a task, ms. */
  longest: number;
  cpu: number;
  /** Number of tasks over LONG_TASK_MS, by the browser's report and by CPU time. */
  long: number;
  longByCpu: number;
  took: number;
}

export interface Memory {
  heapBytes: number;
  nodes: number;
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** µs */
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

declare global {
  interface Window {
    /** An empty page has none. */
    longTasks?: PerformanceObserver;
    longTasksSeen: number;
  }
}

export class PageReader {
  readonly #browser: Browser;
  readonly #chat: ChatPage;
  #log!: ElementHandle<ChatLog>;

  private constructor(browser: Browser, chat: ChatPage) {
    this.#browser = browser;
    this.#chat = chat;
  }

  static async in(browser: Browser): Promise<PageReader> {
    const context = await browser.newContext({ locale: 'es-ES', viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(DEADLINE_MS);
    const chat = new ChatPage(await context.newPage());
    await chat.page.addInitScript(() => {
      window.longTasksSeen = 0;
      window.longTasks = new PerformanceObserver((list) => {
        window.longTasksSeen += list.getEntries().length;
      });
      window.longTasks.observe({ type: 'longtask', buffered: true });
    });
    return new PageReader(browser, chat);
  }

  /** Waits until the log has caught up with `newest`, or with its own newest entry. */
  async open(url: string, newest = 0): Promise<Cost> {
    return await this.#cost(async () => {
      await this.#chat.page.goto(url);
      const log = await this.#chat.page.waitForFunction(() =>
        document.querySelector('tertulia-app')?.shadowRoot?.querySelector('chat-log'),
      );
      this.#log = log as ElementHandle<ChatLog>;
      await this.#isAt(newest);
    });
  }

  /** Opens a page with See TCP, and waits until it watches. */
  async openSeeTcp(url: string): Promise<void> {
    await this.#chat.page.goto(url);
    await this.#chat.page.getByText('Aún no ha llegado nada').waitFor();
  }

  /** The cost of what happens meanwhile. */
  async during(act: () => Promise<unknown>): Promise<Cost> {
    return await this.#cost(async () => void (await act()));
  }

  async scrollBackTo(seq: number): Promise<Cost> {
    await this.#chat.log.hover();
    return await this.#cost(() => this.#wheelUntil(-WHEEL_PX, (first) => first <= seq));
  }

  async scrollForwardTo(seq: number): Promise<Cost> {
    return await this.#cost(() => this.#wheelUntil(WHEEL_PX, (_, last) => last >= seq));
  }

  async toNewest(newest: number): Promise<Cost> {
    const box = await this.#chat.pill.boundingBox();
    if (box === null) throw new Error('go to the newest: nothing leads there');
    return await this.#cost(async () => {
      await this.#chat.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await this.#isAt(newest);
    });
  }

  /** Slows the page as on a machine that many times slower. */
  async slowDown(times: number): Promise<void> {
    const devtools = await this.#chat.page.context().newCDPSession(this.#chat.page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: times });
  }

  /** Raises the priority of the main thread above all other programs. It returns false without root. */
  async goFirst(): Promise<boolean> {
    const devtools = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    try {
      for (const { id } of processInfo.filter(({ type }) => type === 'renderer')) setPriority(id, FIRST);
      return true;
    } catch {
      return false;
    }
  }

  /** Types letter by letter, with a message now and then. */
  async writeFor(ms: number): Promise<Cost> {
    await this.#chat.composer.focus();
    return await this.#cost(async () => {
      const end = performance.now() + ms;
      for (let i = 0; performance.now() < end; i++) {
        const letter = LETTERS[i % LETTERS.length] as string;
        await this.#chat.page.keyboard.press(letter);
        await sleep(KEY_GAP_MS);
      }
    });
  }

  /** Scrolls back and forward, a few screens each way. */
  async scrollFor(ms: number): Promise<Cost> {
    await this.#chat.log.hover();
    return await this.#cost(async () => {
      const end = performance.now() + ms;
      for (let i = 0; performance.now() < end; i++) {
        await this.#chat.page.mouse.wheel(0, i % TURN < TURN / 2 ? -WHEEL_PX / 4 : WHEEL_PX / 4);
        await sleep(WHEEL_GAP_MS);
      }
    });
  }

  /** Scrolls from the current position. */
  async toEnd(): Promise<void> {
    await this.#chat.log.press('End');
    await this.#chat.isAtNewest();
  }

  /** Memory after a garbage collection. */
  async memory(): Promise<Memory> {
    const devtools = await this.#chat.page.context().newCDPSession(this.#chat.page);
    await devtools.send('HeapProfiler.collectGarbage');
    await devtools.send('Performance.enable');
    const { metrics } = await devtools.send('Performance.getMetrics');
    const values = new Map(metrics.map(({ name, value }) => [name, value]));
    return { heapBytes: values.get('JSHeapUsedSize') ?? 0, nodes: values.get('Nodes') ?? 0 };
  }

  async close(): Promise<void> {
    await this.#chat.page.context().close();
  }

  async #cost(act: () => Promise<void>): Promise<Cost> {
    const { page } = this.#chat;
    await this.#takeLongTasks();
    await this.#browser.startTracing(page, { categories: TRACED });
    const began = performance.now();
    await act();
    const took = performance.now() - began;
    // Tasks that it has queued belong to its cost.
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 })));
    const long = await this.#takeLongTasks();
    const tasks = mainThreadTasks(String(await this.#browser.stopTracing()));
    return {
      longest: Math.max(0, ...tasks.map(({ ms }) => ms)),
      cpu: Math.max(0, ...tasks.map(({ cpuMs }) => cpuMs)),
      long,
      longByCpu: tasks.filter(({ cpuMs }) => cpuMs > LONG_TASK_MS).length,
      took,
    };
  }

  async #takeLongTasks(): Promise<number> {
    return await this.#chat.page.evaluate(() => {
      const seen = window.longTasksSeen + (window.longTasks?.takeRecords().length ?? 0);
      window.longTasksSeen = 0;
      return seen;
    });
  }

  async #wheelUntil(delta: number, isThere: (first: number, last: number) => boolean): Promise<void> {
    const end = performance.now() + SCROLL_WITHIN_MS;
    for (;;) {
      const [first, last] = await this.#ends();
      if (isThere(first, last)) return;
      if (performance.now() > end) throw new errors.TimeoutError(`scroll: only at ${first} to ${last}`);
      await this.#chat.page.mouse.wheel(0, delta);
    }
  }

  /** Numbers of the first and the last message in the log. */
  async #ends(): Promise<[number, number]> {
    return await this.#log.evaluate((log) => {
      const messages = (log.shadowRoot as ShadowRoot).querySelectorAll<ChatMessage>('chat-message');
      return [messages[0]?.seqs[0] ?? 0, messages[messages.length - 1]?.seqs[0] ?? 0];
    });
  }

  async #isAt(newest: number): Promise<void> {
    await this.#chat.page.waitForFunction(
      ({ log, newest }) => {
        const root = log.shadowRoot as ShadowRoot;
        const scroller = root.querySelector('.scroller');
        const messages = root.querySelectorAll<ChatMessage>('chat-message');
        if (scroller === null || scroller.ariaBusy === 'true') return false;
        const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
        return below < 2 && (messages[messages.length - 1]?.seqs.at(-1) ?? 0) >= newest;
      },
      { log: this.#log, newest },
    );
  }
}

/** Formats a row for each action, with the median and the worst of each figure. */
export function costRows(steps: readonly (readonly [title: string, costs: readonly Cost[]])[]): string[][] {
  const columns = ['longest task, ms', 'most CPU, ms', 'over 50 ms', 'by CPU', 'took, ms'];
  return [
    ['', ...columns.flatMap((column) => [column, 'worst'])],
    ...steps.map(([title, costs]) => [
      title,
      ...summary(costs.map(({ longest }) => longest)),
      ...summary(costs.map(({ cpu }) => cpu)),
      ...summary(costs.map(({ long }) => long)),
      ...summary(costs.map(({ longByCpu }) => longByCpu)),
      ...summary(costs.map(({ took }) => took)),
    ]),
  ];
}

function mainThreadTasks(trace: string): { ms: number; cpuMs: number }[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const pages = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const threads = new Set(pages.map(({ pid, tid }) => `${pid} ${tid}`));
  return (
    traceEvents
      .filter(({ name, pid, tid }) => name === TASK && threads.has(`${pid} ${tid}`))
      // CPU time is counted in ticks, so a short task may show more of it than its duration.
      .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / 1_000, cpuMs: Math.min(dur, tdur) / 1_000 }))
  );
}
