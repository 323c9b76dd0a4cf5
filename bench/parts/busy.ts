/**
 * A busy room on a slow machine. Measures the page's cost while a person writes and scrolls, and the growth of its
 * memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry } from '../../gateway/protocol.ts';
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
/** Terminals, and their rate together in messages a second. */
const TERMINALS = 10;
const RATE = 50;
/** Factor by which the machine is slowed. */
const SLOWDOWN = 4;
/** Time of writing and of scrolling, ms. Together they take 20 s. */
const ACTIVE_MS = 10_000;

/** Shorter waits, because Chromium would slow waits for other programs too. */
const FIRST =
  "The page's main thread goes before all other programs of this machine, as where there are cores enough.";
const NOT_FIRST =
  'What another program took of the core counts as often as the page slows down: only root can let the page go first.';

/** Name of the throttling in the CPU times of Chromium. */
const SLOWED = `Slowed: after each bit of work the browser keeps the thread busy for ${SLOWDOWN - 1} times as long, which counts as its CPU time.`;

export async function measureBusy(t: Cleanup): Promise<Report> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const dir = dataDir(t);
  await fill(dir, MESSAGES);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: dir });
  const browser = await openBrowser(t, { executablePath });
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

/** Sends from each terminal in turn, at a steady rate. Returns a function that stops it. */
function keepTalking(terminals: readonly TcpClient[]): () => void {
  const words = talk(Number.MAX_SAFE_INTEGER, Date.now());
  let turn = 0;
  const timer = setInterval(() => {
    const { value } = words.next();
    const { text } = JSON.parse(value.json) as Entry;
    const line = text.replaceAll('\n', ' ').slice(0, 1_000);
    terminals[turn++ % terminals.length]?.send(`${line}\n`);
  }, 1_000 / RATE);
  return () => clearInterval(timer);
}

/** Interval between samples, ms. */
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
