/**
 * A room in which everybody talks at once, on a slow machine: what it costs the page to keep up with it while
 * somebody writes and scrolls, and whether its memory grows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/chromium.ts';
import { openBrowser } from '../helpers/browser.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { dataDir, startGateway } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { fill } from './long-log.ts';
import { COUNTED, type Cost, costRows, type Memory, Reader } from './reader.ts';
import type { Report } from './report.ts';
import { MINUTES, progress, ROUNDS } from './settings.ts';
import { summary, table } from './table.ts';
import { talk } from './talk.ts';

const MESSAGES = 100_000;
/** So many terminals say so much together, messages a second. */
const TERMINALS = 10;
const RATE = 50;
/** A machine so many times slower than this one. */
const SLOWDOWN = 4;
/** Each of writing and scrolling, ms: 20 s together. */
const ACTIVE_MS = 10_000;

/** How Chromium slows a page, which its CPU time has in it. */
const SLOWED =
  `Slowed: after each bit of work the browser keeps the thread busy for ${SLOWDOWN - 1} times as long, which counts as its CPU time. ` +
  'So does, as often, what another program took of that bit: only a quiet machine tells. ' +
  `What a task takes of a machine so slow that has nothing else to do is ${SLOWDOWN} times its CPU time at full speed:`;

interface Costs {
  writing: Cost[];
  scrolling: Cost[];
}

export async function measureBusy(t: Cleanup): Promise<Report> {
  if (findChromium() === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const dir = dataDir(t);
  await fill(dir, MESSAGES);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: dir });
  const browser = await openBrowser(t);
  const terminals = await Promise.all(Array.from({ length: TERMINALS }, () => enter(t, room.port)));
  t.after(keepTalking(terminals));

  const reader = await Reader.in(browser);
  await reader.open(gateway.url);
  const slowed: Costs = { writing: [], scrolling: [] };
  const atFullSpeed: Costs = { writing: [], scrolling: [] };
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`busy, round ${round} of ${ROUNDS}`);
    await reader.slowDown(SLOWDOWN);
    await act(reader, slowed);
    await reader.slowDown(1);
    await act(reader, atFullSpeed);
  }
  const memories = await watchMemory(reader);
  await reader.close();
  const text = [
    `Busy: ${MESSAGES} messages, ${RATE} more a second, ${SLOWDOWN} times slower; median and worst of ${ROUNDS} rounds\n`,
    table(
      costRows([
        ['writing at the newest', slowed.writing],
        ['scrolling back and forth', slowed.scrolling],
        ['writing, at full speed', atFullSpeed.writing],
        ['scrolling, at full speed', atFullSpeed.scrolling],
      ]),
    ),
    COUNTED,
    SLOWED,
    table([
      [`${SLOWDOWN} times the most CPU, ms`, 'median', 'worst'],
      ['writing', ...summary(atFullSpeed.writing.map(({ cpu }) => SLOWDOWN * cpu))],
      ['scrolling', ...summary(atFullSpeed.scrolling.map(({ cpu }) => SLOWDOWN * cpu))],
    ]),
    '',
    table([
      ['after minutes', ...memories.map((_, minute) => `${minute}`)],
      ['JS heap, MB', ...memories.map(({ heapBytes }) => (heapBytes / 1_000_000).toFixed(1))],
      ['DOM nodes', ...memories.map(({ nodes }) => `${nodes}`)],
    ]),
  ].join('\n');
  return { text };
}

async function act(reader: Reader, { writing, scrolling }: Costs): Promise<void> {
  writing.push(await reader.writeFor(ACTIVE_MS));
  scrolling.push(await reader.scrollFor(ACTIVE_MS));
}

/** Each in turn, steadily. Gives what ends it. */
function keepTalking(terminals: readonly TcpClient[]): () => void {
  const words = talk(Number.MAX_SAFE_INTEGER, Date.now());
  let turn = 0;
  const timer = setInterval(() => {
    const { value } = words.next();
    const line = value?.text.replaceAll('\n', ' ').slice(0, 1_000);
    terminals[turn++ % terminals.length]?.say(`${line}\n`);
  }, 1_000 / RATE);
  return () => clearInterval(timer);
}

/** It is looked at each minute. */
async function watchMemory(reader: Reader): Promise<Memory[]> {
  await reader.toEnd();
  const memories = [await reader.memory()];
  for (let minute = 1; minute <= MINUTES; minute++) {
    progress(`busy, minute ${minute} of ${MINUTES}`);
    await sleep(60_000);
    memories.push(await reader.memory());
  }
  return memories;
}
