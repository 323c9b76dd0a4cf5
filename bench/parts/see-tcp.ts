/**
 * See TCP in a room with 200 messages a second: what a watcher costs the gateway, and what the bytes cost the page and
 * the projector.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import { findChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { type Gateway, openTab, startGateway } from '../../test/helpers/gateway.ts';
import { openBrowser } from '../../test/helpers/page/browser.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { COUNTED, type Cost, costRows, PageReader } from '../clients/page-reader.ts';
import { TerminalSender } from '../clients/terminal.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { isWanted, progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';
import { Processes } from '../lib/usage.ts';

/** Messages a second, of as many terminals as a small class has. */
const RATE = 200;
const TERMINALS = 20;
/** Browsers in the room. */
const MEMBERS = [0, 30];
/** Length of one measurement, ms. The gateway works so little that a shorter one varies more than a watcher costs. */
const MEASURED_MS = SECONDS * 2_000;
/** Time in which the programs get used to the load, ms. The gateway compiles its code for some seconds. */
const WARM_UP_MS = 8_000;
/** Time before each measurement, ms: the gateway compiles the path of a message again when a watcher comes or leaves. */
const SETTLE_MS = 5_000;
/** Rounds with a page, which differ little. */
const PAGE_ROUNDS = Math.min(ROUNDS, 3);

const WATCHED = { 'the page': '?tcp', 'the projector': '?view=projector&tcp' };

export async function measureSeeTcp(t: Cleanup): Promise<Report> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_CHROMIUM);
  const watching: string[][] = [];
  for (const members of MEMBERS.filter(isWanted)) {
    progress(`see-tcp: the gateway with ${members} members`);
    watching.push(await withCleanup(t, (scope) => measureGateway(scope, members)));
  }
  const drawing: [string, Cost[]][] = [];
  for (const [title, query] of Object.entries(WATCHED)) {
    progress(`see-tcp: ${title}`);
    drawing.push([title, await withCleanup(t, (scope) => measurePage(scope, executablePath, query))]);
  }
  const text = [
    `See TCP: ${RATE} messages a second from ${TERMINALS} terminals; medians of ${ROUNDS} rounds\n`,
    table([
      ['gateway CPU, µs/message', 'nobody watches', 'a watcher adds', 'of it', 'of a core', 'watcher KB/s'],
      ...watching,
    ]),
    '',
    table(costRows(drawing)),
    COUNTED,
  ].join('\n');
  return { text };
}

interface Watcher {
  bytes: number;
  leave(): Promise<void>;
}

/** Measures with and without a watcher by turns. */
async function measureGateway(t: Cleanup, members: number): Promise<string[]> {
  const { gateway, talk } = await openRoom(t);
  for (let member = 0; member < members; member++) await openTab(t, gateway);
  const use = new Processes(gateway.program.child.pid ?? 0);
  const cost = async (watcher?: Watcher): Promise<number> => {
    await talk(SETTLE_MS);
    if (watcher) watcher.bytes = 0;
    const before = use.cpuUs;
    const messages = await talk(MEASURED_MS);
    return (use.cpuUs - before) / messages;
  };
  const first = await watch(t, gateway);
  await talk(WARM_UP_MS);
  await first.leave();
  const costs: { without: number; more: number; kbPerS: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    // The gateway gets faster meanwhile, so each comes first by turns.
    const isWatchedFirst = round % 2 === 0;
    const before = isWatchedFirst ? undefined : await cost();
    const watcher = await watch(t, gateway);
    const watched = await cost(watcher);
    const kbPerS = watcher.bytes / MEASURED_MS;
    await watcher.leave();
    const without = before ?? (await cost());
    costs.push({ without, more: watched - without, kbPerS });
  }
  const without = median(costs.map((cost) => cost.without));
  const more = median(costs.map((cost) => cost.more));
  const kbPerS = median(costs.map((cost) => cost.kbPerS));
  return [
    `${members} members`,
    without.toFixed(0),
    more.toFixed(0),
    `${((more / without) * 100).toFixed(1)} %`,
    `${((more * RATE) / 10_000).toFixed(2)} %`,
    kbPerS.toFixed(0),
  ];
}

async function measurePage(t: Cleanup, executablePath: string, query: string): Promise<Cost[]> {
  const { gateway, talk } = await openRoom(t);
  const browser = await openBrowser(t, { executablePath });
  const reader = await PageReader.in(browser);
  const costs: Cost[] = [];
  await reader.openSeeTcp(`${gateway.url}/${query}`);
  await reader.goFirst();
  await talk(WARM_UP_MS);
  for (let round = 1; round <= PAGE_ROUNDS; round++) costs.push(await reader.during(() => talk(MEASURED_MS)));
  await reader.close();
  return costs;
}

interface BusyRoom {
  gateway: Gateway;
  /** All terminals send together at RATE. Returns the number of messages. */
  talk(ms: number): Promise<number>;
}

async function openRoom(t: Cleanup): Promise<BusyRoom> {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port);
  const terminals: TerminalSender[] = [];
  while (terminals.length < TERMINALS) terminals.push(await TerminalSender.connect(t, room.port));
  return {
    gateway,
    talk: async (ms) => {
      const sent = await Promise.all(
        terminals.map(async (terminal, index) => {
          // Not all at the same moment.
          await sleep((index * 1_000) / RATE);
          return await terminal.talk(RATE / TERMINALS, ms);
        }),
      );
      return sent.reduce((sum, count) => sum + count, 0);
    },
  };
}

async function watch(t: Cleanup, { port }: Gateway): Promise<Watcher> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  const watcher: Watcher = {
    bytes: 0,
    leave: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (data: Buffer) => {
    watcher.bytes += data.length;
  });
  socket.send(JSON.stringify({ type: 'watch', watching: true }));
  await once(socket, 'message');
  return watcher;
}
