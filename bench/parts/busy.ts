/**
 * A room in which everybody talks at once, on a slow machine: what it costs the page to keep up with it while
 * somebody writes and scrolls, and whether its memory grows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { dataDir, startGateway } from '../../test/helpers/gateway.ts';
import { openBrowser } from '../../test/helpers/page/browser.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { enter, type TcpClient } from '../../test/helpers/tcp.ts';
import { COUNTED, type Cost, costRows, type Memory, PageReader } from '../clients/page-reader.ts';
import { fill } from '../lib/long-log.ts';
import type { Report } from '../lib/report.ts';
import { MINUTES, progress, ROUNDS } from '../lib/settings.ts';
import { table } from '../lib/table.ts';
import { talk } from '../lib/talk.ts';

const MESSAGES = 100_000;
/** So many terminals say so much together, messages a second. */
const TERMINALS = 10;
const RATE = 50;
/** A machine so many times slower than this one. */
const SLOWDOWN = 4;
/** Each of writing and scrolling, ms: 20 s together. */
const ACTIVE_MS = 10_000;

/** Else each bit of work that waits for another program would be slowed as if it had been so long. */
const FIRST =
  "The page's main thread goes before all other programs of this machine, as where there are cores enough.";
const NOT_FIRST =
  'What another program took of the core counts as often as the page slows down: only root can let the page go first.';

/** How Chromium slows a page, which its CPU time has in it. */
const SLOWED = `Slowed: after each bit of work the browser keeps the thread busy for ${SLOWDOWN - 1} times as long, which counts as its CPU time.`;

export async function measureBusy(t: Cleanup): Promise<Report> {
  if (findChromium() === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const dir = dataDir(t);
  await fill(dir, MESSAGES);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: dir });
  const browser = await openBrowser(t);
  const terminals = await Promise.all(Array.from({ length: TERMINALS }, () => enter(t, room.port)));
  t.after(keepTalking(terminals));

  const reader = await PageReader.in(browser);
  await reader.open(gateway.url);
  const isFirst = await reader.goFirst();
  await reader.slowDown(SLOWDOWN);
  const writing: Cost[] = [];
  const scrolling: Cost[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`busy, round ${round} of ${ROUNDS}`);
    writing.push(await reader.writeFor(ACTIVE_MS));
    scrolling.push(await reader.scrollFor(ACTIVE_MS));
  }
  await reader.slowDown(1);
  const memories = await watchMemory(reader);
  await reader.close();
  const text = [
    `Busy: ${MESSAGES} messages, ${RATE} more a second, ${SLOWDOWN} times slower; median and worst of ${ROUNDS} rounds\n`,
    table(
      costRows([
        ['writing at the newest', writing],
        ['scrolling back and forth', scrolling],
      ]),
    ),
    COUNTED,
    `${SLOWED} ${isFirst ? FIRST : NOT_FIRST}`,
    '',
    table([
      ['after minutes', ...memories.map((_, minute) => `${minute}`)],
      ['JS heap, MB', ...memories.map(({ heapBytes }) => (heapBytes / 1_000_000).toFixed(1))],
      ['DOM nodes', ...memories.map(({ nodes }) => `${nodes}`)],
    ]),
  ].join('\n');
  return { text };
}

/** Each in turn, steadily. Gives what ends it. */
function keepTalking(terminals: readonly TcpClient[]): () => void {
  const words = talk(Number.MAX_SAFE_INTEGER, Date.now());
  let turn = 0;
  const timer = setInterval(() => {
    const { value } = words.next();
    const line = value?.text.replaceAll('\n', ' ').slice(0, 1_000);
    terminals[turn++ % terminals.length]?.send(`${line}\n`);
  }, 1_000 / RATE);
  return () => clearInterval(timer);
}

/** It is looked at each minute. */
async function watchMemory(reader: PageReader): Promise<Memory[]> {
  await reader.toEnd();
  const memories = [await reader.memory()];
  for (let minute = 1; minute <= MINUTES; minute++) {
    progress(`busy, minute ${minute} of ${MINUTES}`);
    await sleep(60_000);
    memories.push(await reader.memory());
  }
  return memories;
}
