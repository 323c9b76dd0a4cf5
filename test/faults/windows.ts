/**
 * Tabs of a real Chromium in the same busy room: faults of the browser, and what a person sees afterwards.
 */
import type { BrowserContext } from 'playwright-core';
import { toPageText } from '../../common/control-characters.ts';
import type { ChatMessage } from '../../web/log-view/chat-message.ts';
import { eventually } from '../helpers/eventually.ts';
import { ChatPage, openCachingBrowser, openTab } from '../helpers/page/browser.ts';
import { openProxy, type TcpProxy } from '../helpers/proxy.ts';
import type { Finding, KeptLog } from './check.ts';
import type { Kind } from './kind.ts';
import type { World } from './world.ts';

/** Number of windows. Each of them draws every message. */
const WINDOWS = 1;
/** Longest wait for a busy page on a busy machine, ms. */
const SEES_WITHIN_MS = 60_000;
/** Longest absence of a tab, ms. */
const AWAY_MS = 3_000;

const FROM_COPY = 'desde la copia;';

interface Window {
  name: string;
  chat: ChatPage;
  context: BrowserContext;
  network: TcpProxy;
  /** Its messages since the last check. */
  said: string[];
}

/** A row of the log as the page draws it. Messages that are not in the log yet have no numbers. */
interface Row {
  seqs: number[];
  text: string;
  drawn: string;
  state: string | undefined;
}

type Break = (window: Window, world: World) => Promise<void>;

/** Makes a kind of fault that hits one window, which sends before and after it. */
export function inChromium(id: string, title: string, breaks: Break, initScript?: () => void): Kind {
  let windows: Window[] = [];
  let struck: { window: Window; after: number } | undefined;
  let count = 0;
  const say = async (window: Window): Promise<void> => {
    const text = `${window.name} ${++count} desde una ventana;`;
    window.said.push(text);
    await window.chat.send(text);
  };
  return {
    id,
    title,
    room: 'ours',
    inBrowser: true,
    async begin(world) {
      windows = await openWindows(world, initScript);
    },
    async strike(world) {
      const window = world.dice.oneOf(windows);
      struck = { window, after: newestOf(await rowsOf(window)) };
      await say(window);
      await breaks(window, world);
      await window.chat.address();
      await say(window);
    },
    async check(world) {
      return struck ? await look(struck.window, world, struck.after) : [];
    },
  };
}

/** Runs in the page before its own code. */
function refuseStorage(): void {
  for (const name of ['sessionStorage', 'localStorage']) {
    Object.defineProperty(globalThis, name, {
      get() {
        throw new DOMException('refused', 'SecurityError');
      },
    });
  }
}

export const IN_CHROMIUM: readonly Kind[] = [
  inChromium('6a', 'Chromium: offline and back', goOffline),
  inChromium('6b', 'Chromium: reload', async ({ chat }) => {
    await chat.page.reload();
  }),
  inChromium('6c', 'Chromium: tab frozen', freeze),
  inChromium('6d', 'Chromium: back-forward cache', goAwayAndBack),
  inChromium('6e', 'Chromium: tab duplicated', duplicate),
  inChromium('6f', 'Chromium: storage refused', cutOff, refuseStorage),
];

async function openWindows(world: World, initScript: (() => void) | undefined): Promise<Window[]> {
  const browser = await openCachingBrowser(world);
  const windows: Window[] = [];
  for (let number = 0; number < WINDOWS; number++) {
    const context = await browser.newContext({ locale: 'es-ES' });
    if (initScript !== undefined) await context.addInitScript(initScript);
    const network = await openProxy(world, world.gateway.port);
    const chat = await openTab(context, network.url);
    windows.push({ name: `w${number}`, chat, context, network, said: [] });
  }
  return windows;
}

async function goOffline({ context, network }: Window, world: World): Promise<void> {
  await context.setOffline(true);
  network.close();
  await world.pause(world.dice.between(0, AWAY_MS));
  network.open();
  await context.setOffline(false);
}

async function freeze({ chat, network }: Window, world: World): Promise<void> {
  const tab = await chat.page.context().newCDPSession(chat.page);
  await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
  await world.pause(world.dice.between(0, AWAY_MS));
  if (world.dice.next() < 0.5) network.cut();
  await tab.send('Page.setWebLifecycleState', { state: 'active' });
  await tab.detach();
}

async function goAwayAndBack({ chat, network }: Window, world: World): Promise<void> {
  await chat.page.goto(`${network.url}/healthz`);
  await world.pause(world.dice.between(0, AWAY_MS));
  await chat.page.goBack({ waitUntil: 'commit' });
}

/**
 * Duplicates the tab. The copy takes the session over, sends, and closes. The first tab continues under a new
 * session.
 */
async function duplicate(window: Window, { comparison }: World): Promise<void> {
  const { chat, network } = window;
  const opening = chat.page.context().waitForEvent('page');
  await chat.page.evaluate((url) => void globalThis.open(url), network.url);
  const copy = new ChatPage(await opening);
  await copy.address();
  await copy.send(FROM_COPY);
  // The row of a message in a busy room is gone before it is looked for, but not one that is under way.
  await eventually(
    async () => (await comparison.entriesAfter(comparison.log.head)).some(({ text }) => text === FROM_COPY),
    () => 'the room did not hear the copy of the tab',
  );
  await until({ ...window, chat: copy }, (rows) => !rows.some(isUnderWay), 'the copy has no receipt');
  await copy.page.close();
}

async function cutOff({ network }: Window, world: World): Promise<void> {
  network.close();
  await world.pause(world.dice.between(0, AWAY_MS));
  network.open();
}

/** Waits until the window has caught up, reads it back to `after`, and compares it with the log. */
async function look(window: Window, world: World, after: number): Promise<Finding[]> {
  const { log } = world.comparison;
  const { chat, name } = window;
  const find = (fault: Finding['fault'], what: string): Finding => ({ fault, what: `${name}: ${what}` });
  const findings = chat.complaints
    .splice(0)
    .filter((complaint) => !/Failed to load resource|ERR_|WebSocket connection/.test(complaint))
    .map((complaint) => find('wrong', complaint));
  await until(window, (rows) => newestOf(rows) >= log.head, `${name} did not see ${log.head}`);
  await until(window, (rows) => !rows.some(isUnderWay), `${name}: words are still under way`);
  const pending = new Set(
    (await rowsOf(window)).filter(({ seqs }) => seqs.length === 0).map(({ text }) => text),
  );
  const heardSince = new Set((await world.comparison.entriesAfter(log.head)).map(({ text }) => text));
  const seen = new Set<number>();
  // A continuation is drawn with the message that it continues.
  const begin = Math.min(...log.between(after, log.head).map(({ seq, continues }) => continues ?? seq));
  for (let first = Number.POSITIVE_INFINITY; first > begin; ) {
    const rows = await readBack(window, first);
    first = firstOf(rows);
    findings.push(...checkRows(rows, log).map(({ fault, what }) => find(fault, what)));
    for (const seq of rows.flatMap(({ seqs }) => seqs)) seen.add(seq);
  }
  for (const { seq, text, gap } of log.between(after, log.head)) {
    if (!gap && !seen.has(seq)) findings.push(find('lost', `does not show ${seq}: ${text}`));
  }
  // Entries since the log was read are checked the next time.
  for (const text of window.said.splice(0)) {
    if (heardSince.has(text)) {
      window.said.push(text);
      continue;
    }
    const count = log.entries.filter((entry) => entry.text === text).length;
    const isOpen = pending.has(text);
    if (count > 1 || (count === 1 && isOpen))
      findings.push(find('doubled', `said ${text} ${count} times, open: ${isOpen}`));
    if (count === 0 && !isOpen) findings.push(find('lost', `${text} is nowhere`));
  }
  await toNewest(window);
  return findings;
}

/** Waits until a row before `first` is shown. */
async function readBack(window: Window, first: number): Promise<Row[]> {
  return await until(
    window,
    (rows) => firstOf(rows) < first,
    `${window.name}: nothing is above ${first}`,
    async () => await window.chat.log.press('Home'),
  );
}

function checkRows(rows: readonly Row[], log: KeptLog): Finding[] {
  const findings: Finding[] = [];
  let before = 0;
  for (const { seqs, text, drawn } of rows) {
    const [seq] = seqs;
    if (seq === undefined) continue;
    if (seq <= before) findings.push({ fault: 'doubled', what: `${seq} is shown after ${before}` });
    before = seq;
    if (seqs.some((each) => each > log.head)) continue;
    const said = toPageText(seqs.map((each) => log.bySeq.get(each)?.text ?? '').join(''));
    if (text !== said || !drawn.includes(text.slice(0, 20).trim())) {
      findings.push({ fault: 'wrong', what: `shows ${text} (${drawn}) at ${seq}, not ${said}` });
    }
  }
  return findings;
}

/** Presses again while the button exists, because the keys that scrolled up may still be moving the page. */
async function toNewest({ chat, name }: Window): Promise<void> {
  await eventually(
    async () => {
      if ((await chat.pill.count()) === 0) return true;
      await chat.pill.click();
      return false;
    },
    () => `${name} does not stay at the newest`,
    SEES_WITHIN_MS,
  );
}

async function until(
  window: Window,
  fact: (rows: Row[]) => boolean,
  missing: string,
  help: () => Promise<void> = async () => {},
): Promise<Row[]> {
  return await eventually(
    async () => {
      const rows = await rowsOf(window);
      if (fact(rows)) return rows;
      await help();
      return undefined;
    },
    () => missing,
    SEES_WITHIN_MS,
  );
}

async function rowsOf({ chat }: Window): Promise<Row[]> {
  return await chat.page.locator('chat-message').evaluateAll((rows) =>
    rows.map((row) => {
      const { message, seqs } = row as ChatMessage;
      const drawn = row.querySelector('.words')?.textContent ?? '';
      const state = 'state' in message ? message.state : undefined;
      return { seqs: [...seqs], text: message.text, drawn, state };
    }),
  );
}

function isUnderWay({ state }: Row): boolean {
  return state === 'waiting' || state === 'sending';
}

function newestOf(rows: readonly Row[]): number {
  return Math.max(0, ...rows.flatMap(({ seqs }) => seqs));
}

function firstOf(rows: readonly Row[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...rows.flatMap(({ seqs }) => seqs));
}
