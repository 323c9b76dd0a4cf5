/**
 * The room server beside Python's and `ncat --chat`, with terminals alone: how many deliveries a second.
 */
import type { Cleanup } from '../helpers/eventually.ts';
import { start, without } from '../helpers/process.ts';
import { pythonRoom } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { freePort } from '../helpers/tcp.ts';
import { type AcceptingRoom, Crowd } from './crowd.ts';
import type { Report } from './report.ts';
import { inScope } from './scope.ts';
import { isWanted, progress, ROUNDS, SECONDS } from './settings.ts';
import { median, table } from './table.ts';
import { Terminal } from './terminal.ts';
import { isOpen } from './wait.ts';

const SIZES = [50, 200, 1000];
const FLOOD_DELIVERIES = 500_000 * SECONDS;
const HEARD_WITHIN_MS = 30_000;
const PYTHON = "Python's server";
/** What one terminal may say is bounded by default; here the bound would be all that is measured. */
const UNBOUND = { TCP_MAX_RATE: `${1024 * 1024 * 1024}`, TCP_MAX_BACKLOG: `${256 * 1024 * 1024}` };

interface Kind {
  name: string;
  maxMembers: number;
  start(t: Cleanup): Promise<AcceptingRoom>;
}

const ROOMS: readonly Kind[] = [
  { name: 'room server', maxMembers: 10_000, start: (t) => builtRoom(t, 'broadcast', UNBOUND) },
  { name: PYTHON, maxMembers: 10_000, start: (t) => pythonRoom(t) },
  // It waits with select, which knows 1024 files.
  { name: 'ncat --chat', maxMembers: 200, start: ncat },
];

async function ncat(t: Cleanup): Promise<AcceptingRoom> {
  const port = await freePort();
  const program = await start(t, 'ncat', ['--broker', '--chat', '-m', '900', '-l', '127.0.0.1', `${port}`]);
  await isOpen(port);
  return { port, program, isSilent: true };
}

type Row = Record<'lockStep' | 'flood' | 'lost' | 'wrong', number> & { name: string };

export async function measureRooms(t: Cleanup): Promise<Report> {
  const missing = without('ncat');
  const tables: string[] = missing ? [`Skipped: ncat --chat (${missing}).`] : [];
  for (const members of SIZES.filter(isWanted)) {
    const kinds = ROOMS.filter(
      ({ name, maxMembers }) => members <= maxMembers && !(missing && name.startsWith('ncat')),
    );
    progress(`rooms with ${members} terminals`);
    tables.push(describe(members, await inScope(t, (scope) => measureSize(scope, kinds, members))));
  }
  return { text: [`Rooms with terminals alone: medians of ${ROUNDS} rounds`, ...tables].join('\n\n') };
}

async function measureSize(t: Cleanup, kinds: readonly Kind[], members: number): Promise<Row[]> {
  const subjects: { name: string; crowd: Crowd; terminal: Terminal; rounds: Row[] }[] = [];
  for (const { name, start } of kinds) {
    const room = await start(t);
    const crowd = new Crowd(t);
    await crowd.join({ port: room.port, isRoom: true }, members, room);
    subjects.push({ name, crowd, terminal: await Terminal.in(t, room.port), rounds: [] });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, crowd, terminal, rounds } of subjects) {
      const step = await crowd.lockStep((SECONDS * 1000) / 2);
      await crowd.begin();
      const messages = Math.round(FLOOD_DELIVERIES / members);
      terminal.flood(messages);
      const flood = await crowd.hears(messages, HEARD_WITHIN_MS);
      rounds.push({
        name,
        lockStep: (step.deliveries / step.tookMs) * 1000,
        flood: (flood.deliveries / flood.tookMs) * 1000,
        lost: step.lost + flood.lost,
        wrong: step.wrong + flood.wrong,
      });
    }
  }
  return subjects.map(({ name, rounds }) => ({
    name,
    lockStep: median(rounds.map((each) => each.lockStep)),
    flood: median(rounds.map((each) => each.flood)),
    lost: Math.max(...rounds.map((each) => each.lost)),
    wrong: Math.max(...rounds.map((each) => each.wrong)),
  }));
}

function describe(members: number, rows: readonly Row[]): string {
  const python = rows.find(({ name }) => name === PYTHON);
  const ratio = (value: number, of: number | undefined): string => (of ? (value / of).toFixed(2) : '-');
  return table([
    [
      `N=${members}`,
      'lock-step deliveries/s',
      'of Python',
      'flat out deliveries/s',
      'of Python',
      'lost',
      'wrong',
    ],
    ...rows.map(({ name, lockStep, flood, lost, wrong }) => [
      name,
      lockStep.toFixed(0),
      ratio(lockStep, python?.lockStep),
      flood.toFixed(0),
      ratio(flood, python?.flood),
      `${lost}`,
      `${wrong}`,
    ]),
  ]);
}
