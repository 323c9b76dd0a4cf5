/**
 * 50 members that talk, and one attacker. Measures a message's round trip from a member to the room and back,
 * alternately in quiet and under each attack.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { dataDir, type Gateway, openTab, startGateway, type Tab } from '../../test/helpers/gateway.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { ATTACKS, type Attack } from '../clients/attacks.ts';
import { fill } from '../lib/long-log.ts';
import type { Report } from '../lib/report.ts';
import { isWantedAttack, progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, quantile, table } from '../lib/table.ts';

const MEMBERS = 50;
/** Rate of each member. */
const SAYS_PER_SECOND = 2;
const MEASURE_MS = 5_000 * (SECONDS / 2);
/** Longest wait for messages in flight at the end of a measurement, ms. */
const HEARD_WITHIN_MS = 20_000;

/** Messages of history, to make searches and downloads costly. */
const LOGGED = 100_000;

interface Trips {
  /** Round trips from the say to its own message in the log, ms. */
  times: number[];
  unheard: number;
}

export async function measureAttack(t: Cleanup): Promise<Report> {
  // As npm start runs them: the room has a port for the gateway.
  const room = await builtRoom(t, 'broadcast', { TCP_GATEWAY_PORT: '0' });
  const [, gatewayPort = ''] = await room.program.prints(/Pasarelas: escuchando en .*:(\d+)/);
  const dir = dataDir(t);
  await fill(dir, LOGGED);
  // Loopback has no limits per address, since it may be a proxy. So this test names the attacker's address as a proxy
  // does.
  const gateway = await startGateway(t, Number(gatewayPort), {
    DATA_DIR: dir,
    ROOM_PROXY_PROTOCOL: 'v2',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  await isIndexed(gateway);
  const members: Tab[] = [];
  for (let i = 0; i < MEMBERS; i++) members.push(await openTab(t, gateway));
  await talk(members);
  const rows: string[][] = [];
  for (const attack of ATTACKS.filter(isWantedAttack)) {
    const quiet: Trips[] = [];
    const attacked: Trips[] = [];
    progress(`attack: ${attack}`);
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(await talk(members));
      const stop = await begin(attack, gateway.port, room.port);
      attacked.push(await talk(members));
      await stop();
    }
    rows.push(rowOf(attack, quiet, attacked));
  }
  const head = ['attack', 'quiet p50', 'p99', 'attacked p50', 'p99', 'ratio of p99', 'unheard'];
  return {
    text: [
      `Round trip of ${MEMBERS} members, ${SAYS_PER_SECOND} says a second each, ms; medians of ${ROUNDS} rounds`,
      '',
      table([head, ...rows]),
    ].join('\n'),
  };
}

function rowOf(attack: Attack, quiet: Trips[], attacked: Trips[]): string[] {
  const at = (trips: Trips[], share: number): number =>
    median(trips.map(({ times }) => quantile(times, share)));
  const ratios = attacked.map(
    ({ times }, i) => quantile(times, 0.99) / quantile(quiet[i]?.times ?? [], 0.99),
  );
  const unheard = [...quiet, ...attacked].reduce((sum, trips) => sum + trips.unheard, 0);
  return [
    attack,
    ...[at(quiet, 0.5), at(quiet, 0.99), at(attacked, 0.5), at(attacked, 0.99)].map((ms) => ms.toFixed(1)),
    median(ratios).toFixed(2),
    `${unheard}`,
  ];
}

/** Waits for the search index, which is built after the start when another program wrote the log. */
async function isIndexed(gateway: Gateway): Promise<void> {
  for (;;) {
    const answer = (await (await gateway.get('/api/messages?q=de&limit=1')).json()) as { isComplete?: false };
    if (answer.isComplete !== false) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Sends from all members, evenly spread over time. */
async function talk(members: readonly Tab[]): Promise<Trips> {
  const times: number[] = [];
  const under = new Map<string, number>();
  for (const tab of members) {
    tab.onEntry = ({ text }) => {
      const begin = under.get(text);
      if (begin === undefined || !text.startsWith(`${tab.you} `)) return;
      under.delete(text);
      times.push(performance.now() - begin);
    };
  }
  let count = 0;
  const end = performance.now() + MEASURE_MS;
  await new Promise<void>((resolve) => {
    const every = 1000 / (MEMBERS * SAYS_PER_SECOND);
    let due = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      for (; due <= now && due < end; due += every) {
        const tab = members[count++ % MEMBERS] as Tab;
        const text = `${tab.you} ${count} ${Math.random()}`;
        under.set(text, performance.now());
        tab.say(text);
      }
      if (now < end) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  const last = performance.now() + HEARD_WITHIN_MS;
  while (under.size > 0 && performance.now() < last) await new Promise((resolve) => setTimeout(resolve, 10));
  return { times, unheard: under.size };
}

/** Starts the attack and waits until it is at full strength. Returns a function that ends it. */
async function begin(attack: Attack, ...ports: number[]): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('../clients/attacker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, attack, ...ports.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'close');
    child.stdin.end();
    await gone;
  };
}
