/**
 * A long transcript. Measures the page's cost to open it and to scroll through it, and the gateway's time for a
 * search.
 */
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { dataDir, type Gateway, startGateway } from '../../test/helpers/gateway.ts';
import { openBrowser } from '../../test/helpers/page/browser.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { COUNTED, type Cost, costRows, type Memory, PageReader } from '../clients/page-reader.ts';
import { fill } from '../lib/long-log.ts';
import type { Report } from '../lib/report.ts';
import { progress, ROUNDS } from '../lib/settings.ts';
import { summary, table } from '../lib/table.ts';
import { SEARCHES } from '../lib/talk.ts';

const MESSAGES = 100_000;
/** Messages to scroll back, and then forward. The page loads some more than it shows. */
const BACK = 3_100;
const FORWARD = 2_000;
/** Pages requested in one round, each of 100 messages, around the middle of the log. */
const PAGES = Array.from({ length: SEARCHES.length }, (_, i) => MESSAGES / 2 + i * 317);

interface Reading {
  opening: Cost;
  back: Cost;
  forward: Cost;
  newest: Cost;
  memory: Memory;
}

const STEPS = [
  ['opening', 'opening'],
  ['back', `scrolling back, ${BACK}`],
  ['forward', `scrolling forward, ${FORWARD}`],
  ['newest', 'to the newest'],
] as const;

export async function measureHistory(t: Cleanup): Promise<Report> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const dir = dataDir(t);
  await fill(dir, MESSAGES);
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { DATA_DIR: dir });
  const browser = await openBrowser(t, { executablePath });
  const readings: Reading[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`history, round ${round} of ${ROUNDS}`);
    readings.push(await read(await PageReader.in(browser), gateway));
  }
  const costs = STEPS.map(([step, title]) => [title, readings.map((reading) => reading[step])] as const);
  const searches = await answers(
    gateway,
    SEARCHES.map((words) => `q=${encodeURIComponent(words)}`),
  );
  const pages = await answers(
    gateway,
    PAGES.map((before) => `before=${before}&limit=100`),
  );
  const text = [
    `History: ${MESSAGES} messages; median and worst of ${ROUNDS} rounds\n`,
    table([...costRows(costs), [], ...memoryRows(readings)]),
    COUNTED,
    '',
    table([
      ['', 'median', 'worst'],
      [`search, ms (${SEARCHES.length} searches)`, ...summary(searches, 1)],
      ['page of 100 in the middle, ms', ...summary(pages, 1)],
    ]),
  ].join('\n');
  return { text };
}

async function read(reader: PageReader, { url }: Gateway): Promise<Reading> {
  const opening = await reader.open(url, MESSAGES);
  const back = await reader.scrollBackTo(MESSAGES - BACK);
  const forward = await reader.scrollForwardTo(MESSAGES - BACK + FORWARD);
  const newest = await reader.toNewest(MESSAGES);
  const memory = await reader.memory();
  await reader.close();
  return { opening, back, forward, newest, memory };
}

/** Times of the requests to their last byte, ms. */
async function answers(gateway: Gateway, queries: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const query of queries) {
      const began = performance.now();
      const answer = await gateway.get(`/api/messages?${query}`);
      await answer.text();
      times.push(performance.now() - began);
      if (!answer.ok) throw new Error(`ask for ${query}: ${answer.status}`);
    }
  }
  return times;
}

function memoryRows(readings: readonly Reading[]): string[][] {
  const memories = readings.map(({ memory }) => memory);
  return [
    [
      'JS heap at the end, MB',
      ...summary(
        memories.map(({ heapBytes }) => heapBytes / 1_000_000),
        1,
      ),
    ],
    ['DOM nodes at the end', ...summary(memories.map(({ nodes }) => nodes))],
  ];
}
