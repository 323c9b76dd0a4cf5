/**
 * Actions of a whole class at once, from one address: with the default limits, and without limits. The ratio shows
 * whether a limit delays them.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cleanup, eventually } from '../../test/helpers/eventually.ts';
import { type Gateway, openTab, type Tab } from '../../test/helpers/gateway.ts';
import { UNBOUND } from '../bridges/subjects.ts';
import { openPlace, type Place } from '../lib/place.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { progress, ROUNDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';

/** Deadline of an action, ms. */
const WITHIN_MS = 60_000;
/** Messages of history, more than all pages together scroll back. */
const LOGGED = 10_000;

const PAGES = 30;
/** The page requests 20 messages at a time, and draws them within a frame or two. */
const PAGE_MESSAGES = 20;
const DRAW_MS = 33;
const REQUESTS_PER_PAGE = 60;
const JOINING = 200;
const TERMINALS = 300;
const POEM = Array.from({ length: 200 }, (_, line) => `verso ${line} de un poema que alguien ha pegado`);
const LONG_TEXT = 'hola que tal '.repeat(3_000).slice(0, 32_000);

const UNLIMITED = {
  REQUEST_RATE_PER_ADDRESS: '1000000',
  REQUEST_BURST_PER_ADDRESS: '1000000',
  JOIN_RATE: '1000000',
  JOIN_RATE_PER_ADDRESS: '1000000',
  MAX_SESSIONS_PER_ADDRESS: '10000',
  MAX_SOCKETS_PER_ADDRESS: '20000',
  MESSAGE_RATE: '1000000',
  MESSAGE_BURST: '1000000',
  LINE_RATE: '1000000',
  LINE_BURST: '1000000',
};

interface Classroom extends Place {
  /** A proxy's header with the address of the school, because loopback has no limits per address. */
  headers: Record<string, string>;
  /** A browser that has sent nothing yet. */
  tab: Tab;
  scope: Cleanup;
}

/** Resolves when the class has what it wants. Returns the number of refusals. */
type Action = (classroom: Classroom) => Promise<number>;

const ACTIONS: Record<string, Action> = {
  [`${PAGES} pages scroll back as fast as they draw`]: scrollBack,
  [`${JOINING} browsers join at once`]: join,
  [`${TERMINALS} terminals greet at once`]: greet,
  [`a poem of ${POEM.length} lines is pasted`]: paste,
  'a text of 32,000 bytes is pasted': pasteLongText,
};

export async function measureClasses(t: Cleanup): Promise<Report> {
  const limited = await openPlace(t, LOGGED);
  const unlimited = await openPlace(t, LOGGED, UNLIMITED, UNBOUND);
  const rows: string[][] = [];
  for (const [name, act] of Object.entries(ACTIONS)) {
    progress(`classes: ${name}`);
    const times: { limited: number; unlimited: number }[] = [];
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // Another school each time, so that no round uses up the next one's bursts.
      const ip = `203.0.113.${rows.length * ROUNDS + round + 1}`;
      const without = await measure(t, unlimited, act, ip);
      const withLimits = await measure(t, limited, act, ip);
      times.push({ limited: withLimits.ms, unlimited: without.ms });
      refused += withLimits.refused;
    }
    rows.push([
      name,
      median(times.map(({ limited }) => limited)).toFixed(0),
      median(times.map(({ unlimited }) => unlimited)).toFixed(0),
      median(times.map(({ limited, unlimited }) => limited / unlimited)).toFixed(2),
      `${refused}`,
    ]);
  }
  const head = ['a class, from one address', 'limits, ms', 'no limits, ms', 'ratio', 'refused'];
  return { text: [`Classes: medians of ${ROUNDS} rounds`, table([head, ...rows])].join('\n\n') };
}

async function measure(
  t: Cleanup,
  place: Place,
  act: Action,
  ip: string,
): Promise<{ ms: number; refused: number }> {
  return await withCleanup(t, async (scope) => {
    const headers = { 'X-Forwarded-For': ip };
    const classroom = { ...place, headers, scope, tab: await enter(scope, place.gateway, headers) };
    const began = performance.now();
    const refused = await act(classroom);
    return { ms: performance.now() - began, refused };
  });
}

async function enter(t: Cleanup, gateway: Gateway, headers: Record<string, string>): Promise<Tab> {
  return await openTab(t, gateway, undefined, WITHIN_MS, { headers });
}

async function scrollBack({ gateway, headers, tab }: Classroom): Promise<number> {
  let refused = 0;
  const scroll = async (): Promise<void> => {
    let before = tab.welcome?.head ?? 0;
    for (let request = 0; request < REQUESTS_PER_PAGE; request++) {
      const path = `/api/messages?before=${before}&limit=${PAGE_MESSAGES}`;
      const answer = await fetch(gateway.url + path, { headers });
      const { messages } = (await answer.json()) as { messages?: { seq: number }[] };
      if (answer.status !== 200) refused++;
      before = messages?.[0]?.seq ?? before;
      await sleep(DRAW_MS);
    }
  };
  await Promise.all(Array.from({ length: PAGES }, scroll));
  return refused;
}

async function join({ gateway, headers, scope }: Classroom): Promise<number> {
  const tabs = await Promise.allSettled(
    Array.from({ length: JOINING }, () => enter(scope, gateway, headers)),
  );
  return tabs.filter(({ status }) => status === 'rejected').length;
}

async function greet({ roomPort, tab, scope }: Classroom): Promise<number> {
  const missing = new Set(Array.from({ length: TERMINALS }, (_, number) => `hola, soy ${number}`));
  tab.onEntry = ({ text }) => {
    for (const line of text.split('\n')) missing.delete(line);
  };
  for (const greeting of missing) {
    const socket = connect(roomPort, '127.0.0.1', () => socket.write(`${greeting}\n`));
    socket.on('error', () => {}).resume();
    scope.after(() => socket.end());
  }
  await eventually(
    () => missing.size === 0,
    () => `${missing.size} greetings did not arrive`,
    WITHIN_MS,
  );
  return 0;
}

/** The page sends each line as a message. */
async function paste({ tab }: Classroom): Promise<number> {
  const ids = POEM.map((line) => tab.say(line));
  return await settled(tab, ids);
}

async function pasteLongText({ tab }: Classroom): Promise<number> {
  return await settled(tab, [tab.say(LONG_TEXT)]);
}

/** Returns the number of messages that did not reach the room. */
async function settled(tab: Tab, ids: string[]): Promise<number> {
  const states = (): (string | undefined)[] => ids.map((id) => tab.receipts.get(id)?.state);
  await eventually(
    () => states().every((state) => state !== undefined),
    () => `receipts: ${states()}`,
    WITHIN_MS,
  );
  return states().filter((state) => state !== 'heard').length;
}
