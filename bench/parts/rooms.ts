/**
 * The room server beside Python's and `ncat --chat`, with terminals only. Measures deliveries a second.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import { start, without } from '../../test/helpers/process.ts';
import { pythonRoom } from '../../test/helpers/python.ts';
import { builtRoom } from '../../test/helpers/room.ts';
import { freePort } from '../../test/helpers/tcp.ts';
import { UNBOUND } from '../bridges/subjects.ts';
import { type AcceptingRoom, ClientPool } from '../clients/client-pool.ts';
import { TerminalSender } from '../clients/terminal.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { isWanted, progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';
import { Processes } from '../lib/usage.ts';
import { isOpen } from '../lib/wait.ts';

const SIZES = [50, 200, 1000];
/** Rate at which the cost of a delivery is measured, deliveries a second. */
const STEADY = 10_000;
const LOCK_STEP_MS = (SECONDS * 1000) / 2;
const FLOOD_DELIVERIES = 500_000 * SECONDS;
const HEARD_WITHIN_MS = 30_000;
const PYTHON = "Python's server";

interface Kind {
  name: string;
  maxMembers: number;
  start(t: Cleanup): Promise<AcceptingRoom>;
}

const ROOMS: readonly Kind[] = [
  { name: 'room server', maxMembers: 10_000, start: (t) => builtRoom(t, 'broadcast', UNBOUND) },
  { name: PYTHON, maxMembers: 10_000, start: (t) => pythonRoom(t) },
  // ncat uses select, which supports 1024 files.
  { name: 'ncat --chat', maxMembers: 200, start: ncat },
];

async function ncat(t: Cleanup): Promise<AcceptingRoom> {
  const port = await freePort();
  const program = await start(t, 'ncat', ['--broker', '--chat', '-m', '900', '-l', '127.0.0.1', `${port}`]);
  await isOpen(port);
  return { port, program, isSilent: true };
}

interface Figures {
  /** Deliveries a second. */
  lockStep: number;
  flood: number;
  /** CPU time of the room for each delivery, µs. */
  steadyUs: number;
  lockStepUs: number;
  floodUs: number;
  lost: number;
  wrong: number;
}

interface Subject {
  name: string;
  pool: ClientPool;
  terminal: TerminalSender;
  use: Processes;
  rounds: Figures[];
}

export async function measureRooms(t: Cleanup): Promise<Report> {
  const missing = without('ncat');
  const tables: string[] = missing ? [`Skipped: ncat --chat (${missing}).`] : [];
  for (const members of SIZES.filter(isWanted)) {
    const kinds = ROOMS.filter(
      ({ name, maxMembers }) => members <= maxMembers && !(missing && name.startsWith('ncat')),
    );
    progress(`rooms with ${members} terminals`);
    tables.push(describe(members, await withCleanup(t, (scope) => measureSize(scope, kinds, members))));
  }
  return {
    text: [`Rooms with terminals alone: medians of ${ROUNDS} rounds, and of their ratios`, ...tables].join(
      '\n\n',
    ),
  };
}

async function measureSize(t: Cleanup, kinds: readonly Kind[], members: number): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const kind of kinds) subjects.push(await setUp(t, kind, members));
  for (let round = 0; round < ROUNDS; round++) {
    // Order and reverse order, so that all rooms have the same predecessors.
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
      subject.rounds.push(await measure(subject, members));
  }
  return subjects;
}

async function setUp(t: Cleanup, { name, start }: Kind, members: number): Promise<Subject> {
  const room = await start(t);
  const pool = new ClientPool(t);
  await pool.join({ port: room.port, isRoom: true }, members, room);
  const use = new Processes(room.program.child.pid ?? 0);
  return { name, pool, use, terminal: await TerminalSender.connect(t, room.port), rounds: [] };
}

async function measure({ pool, terminal, use }: Subject, members: number): Promise<Figures> {
  await pool.reset();
  const start = use.cpuUs;
  const steady = await pool.receive(await terminal.talk(STEADY / members, SECONDS * 1000), HEARD_WITHIN_MS);
  const before = use.cpuUs;
  const step = await pool.lockStep(LOCK_STEP_MS);
  const between = use.cpuUs;
  await pool.reset();
  const messages = Math.round(FLOOD_DELIVERIES / members);
  terminal.flood(messages);
  const flood = await pool.receive(messages, HEARD_WITHIN_MS);
  return {
    lockStep: (step.deliveries / step.tookMs) * 1000,
    flood: (flood.deliveries / flood.tookMs) * 1000,
    steadyUs: (before - start) / steady.deliveries,
    lockStepUs: (between - before) / step.deliveries,
    floodUs: (use.cpuUs - between) / flood.deliveries,
    lost: steady.lost + step.lost + flood.lost,
    wrong: steady.wrong + step.wrong + flood.wrong,
  };
}

function describe(members: number, subjects: readonly Subject[]): string {
  const python = subjects.find(({ name }) => name === PYTHON)?.rounds ?? [];
  /** Median, and median ratio to Python's in the same round. */
  const cells = (rounds: readonly Figures[], figure: keyof Figures, digits: number): string[] => [
    median(rounds.map((round) => round[figure])).toFixed(digits),
    median(rounds.map((round, i) => round[figure] / (python[i]?.[figure] ?? Number.NaN))).toFixed(2),
  ];
  const worst = (rounds: readonly Figures[], figure: keyof Figures): string =>
    `${Math.max(...rounds.map((round) => round[figure]))}`;
  const columns = [
    `${STEADY}/s CPU µs`,
    'lock-step deliveries/s',
    'CPU µs',
    'flat out deliveries/s',
    'CPU µs',
  ];
  return table([
    [`N=${members}`, ...columns.flatMap((column) => [column, 'of Python']), 'lost', 'wrong'],
    ...subjects.map(({ name, rounds }) => [
      name,
      ...cells(rounds, 'steadyUs', 1),
      ...cells(rounds, 'lockStep', 0),
      ...cells(rounds, 'lockStepUs', 1),
      ...cells(rounds, 'flood', 0),
      ...cells(rounds, 'floodUs', 2),
      worst(rounds, 'lost'),
      worst(rounds, 'wrong'),
    ]),
  ]);
}
