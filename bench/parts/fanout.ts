/**
 * One terminal sends and N members behind a bridge receive. Measures the cost and latency of a delivery for the
 * bridge and the room.
 */
import type { Cleanup } from '../../test/helpers/eventually.ts';
import {
  bridgesFor,
  LIGHTTPD,
  NAIVE,
  OURS,
  OURS_WITH_ROOM,
  skipped,
  WITH_OWN_ROOM,
} from '../bridges/bridges.ts';
import { type Subject, setUp } from '../bridges/subjects.ts';
import type { PoolResult } from '../clients/client-pool-commands.ts';
import { lineChart } from '../lib/plot.ts';
import type { Report } from '../lib/report.ts';
import { withCleanup } from '../lib/scope.ts';
import { isWanted, progress, ROUNDS, SECONDS } from '../lib/settings.ts';
import { median, table } from '../lib/table.ts';

type Load = 'lock-step' | 'flat out' | number;

/** Members, and the requested deliveries per second. */
const PLAN: readonly [number, readonly Load[]][] = [
  [50, ['lock-step', 10_000, 'flat out']],
  [200, ['lock-step', 10_000, 20_000, 60_000, 'flat out']],
  [1000, ['lock-step', 10_000, 20_000, 60_000, 'flat out']],
  [4000, ['lock-step', 20_000]],
];

const LOCK_STEP_MS = (SECONDS * 1000) / 2;
/** Shortest measurement at a steady rate, ms. By then a bridge has used up its reserves. */
const WARM_UP_MS = 1_000;
/** Messages sent at once to measure the highest throughput. */
const FLOOD_DELIVERIES = 500_000 * SECONDS;
/** Deadline for overloaded clients, ms. */
const HEARD_WITHIN_MS = 30_000;

interface Figures {
  gatewayUs: number;
  roomUs: number;
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
  growthMb: number;
  lost: number;
  wrong: number;
}

interface Row {
  members: number;
  load: Load;
  bridge: string;
  figures: Figures;
}

export async function measureFanOut(t: Cleanup): Promise<Report> {
  const rows: Row[] = [];
  for (const [members, loads] of PLAN) {
    if (!isWanted(members)) continue;
    rows.push(...(await withCleanup(t, (scope) => measureMembers(scope, members, loads))));
  }
  return { text: describe(rows), plots: plotsOf(rows) };
}

async function measureMembers(t: Cleanup, members: number, loads: readonly Load[]): Promise<Row[]> {
  const subjects: Subject[] = [];
  for (const kind of [...bridgesFor(members), WITH_OWN_ROOM]) subjects.push(await setUp(t, kind, members));
  const rows: Row[] = [];
  for (const load of loads) {
    progress(`${members} members, ${nameOf(load)}`);
    const measured = new Map<Subject, Figures[]>(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [subject, rounds] of measured) rounds.push(await measure(subject, members, load));
    }
    for (const [{ bridge }, rounds] of measured) {
      rows.push({ members, load, bridge: bridge.name, figures: mediansOf(rounds) });
    }
  }
  return rows;
}

async function measure(subject: Subject, members: number, load: Load): Promise<Figures> {
  const { bridgeUse, roomUse } = subject;
  if (typeof load === 'number') await talk(subject, members, load, WARM_UP_MS);
  bridgeUse.forgetPeak();
  const before = { gateway: bridgeUse.cpuUs, room: roomUse.cpuUs, memory: bridgeUse.residentBytes };
  const heard = await under(load, subject, members);
  const { deliveries, lost, wrong, tookMs, latency } = heard;
  return {
    gatewayUs: (bridgeUse.cpuUs - before.gateway) / deliveries,
    roomUs: (roomUse.cpuUs - before.room) / deliveries,
    perSecond: (deliveries / tookMs) * 1000,
    ...latency,
    growthMb: (bridgeUse.peakBytes - before.memory) / 1e6,
    lost,
    wrong,
  };
}

async function under(load: Load, subject: Subject, members: number): Promise<PoolResult> {
  const { pool, terminal } = subject;
  if (load === 'lock-step') return await pool.lockStep(LOCK_STEP_MS);
  if (load !== 'flat out') return await talk(subject, members, load, SECONDS * 1000);
  await pool.reset();
  const messages = Math.round(FLOOD_DELIVERIES / members);
  terminal.flood(messages);
  return await pool.receive(messages, HEARD_WITHIN_MS);
}

async function talk(
  { pool, terminal }: Subject,
  members: number,
  perSecond: number,
  forMs: number,
): Promise<PoolResult> {
  await pool.reset();
  const messages = await terminal.talk(perSecond / members, forMs);
  return await pool.receive(messages, HEARD_WITHIN_MS);
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(rounds.map((figures) => figures[name]));
  const worst = (name: keyof Figures): number => Math.max(...rounds.map((figures) => figures[name]));
  return {
    gatewayUs: of('gatewayUs'),
    roomUs: of('roomUs'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    max: worst('max'),
    growthMb: worst('growthMb'),
    lost: worst('lost'),
    wrong: worst('wrong'),
  };
}

function describe(rows: readonly Row[]): string {
  const header = [
    '',
    'gateway µs/delivery',
    'of naive',
    'room µs/delivery',
    'of naive',
    'deliveries/s',
    'of naive',
    'p50 ms',
    'of naive',
    'p99 ms',
    'of naive',
    'max ms',
    'growth MB',
    'of naive',
    'lost',
    'wrong',
  ];
  const tables = groupsOf(rows).map(([title, group]) => {
    const naive = group.find(({ bridge }) => bridge === NAIVE)?.figures;
    const ratio = (figures: Figures, name: keyof Figures): string =>
      naive && naive[name] > 0 ? (figures[name] / naive[name]).toFixed(2) : '-';
    return table([
      [title, ...header.slice(1)],
      ...group.map(({ bridge, figures }) => [
        bridge,
        figures.gatewayUs.toFixed(1),
        ratio(figures, 'gatewayUs'),
        figures.roomUs.toFixed(1),
        ratio(figures, 'roomUs'),
        figures.perSecond.toFixed(0),
        ratio(figures, 'perSecond'),
        figures.p50.toFixed(1),
        ratio(figures, 'p50'),
        figures.p99.toFixed(1),
        ratio(figures, 'p99'),
        figures.max.toFixed(1),
        figures.growthMb.toFixed(1),
        ratio(figures, 'growthMb'),
        `${figures.lost}`,
        `${figures.wrong}`,
      ]),
    ]);
  });
  return [
    `Fan-out: medians of ${ROUNDS} rounds; max, growth, lost, wrong: the worst`,
    ...skipped(),
    ...tables,
    together(rows),
  ].join('\n\n');
}

/** The room of this project and the gateway, beside lighttpd and Python's server. */
function together(rows: readonly Row[]): string {
  const lines = groupsOf(rows).flatMap(([title, group]) => {
    const figuresOf = (name: string): Figures | undefined =>
      group.find(({ bridge }) => bridge === name)?.figures;
    const [own, other] = [figuresOf(OURS_WITH_ROOM), figuresOf(LIGHTTPD)];
    if (!own || !other) return [];
    const cost = (figures: Figures): number => figures.gatewayUs + figures.roomUs;
    return [
      [
        title,
        cost(own).toFixed(1),
        (cost(own) / cost(other)).toFixed(2),
        own.perSecond.toFixed(0),
        (own.perSecond / other.perSecond).toFixed(2),
        own.p50.toFixed(1),
        (own.p50 / other.p50).toFixed(2),
        own.p99.toFixed(1),
        (own.p99 / other.p99).toFixed(2),
      ],
    ];
  });
  const columns = ['room and gateway µs/delivery', 'deliveries/s', 'p50 ms', 'p99 ms'];
  return table([
    [OURS_WITH_ROOM, ...columns.flatMap((column) => [column, "of lighttpd and Python's"])],
    ...lines,
  ]);
}

function groupsOf(rows: readonly Row[]): [string, Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const title = `N=${row.members}, ${nameOf(row.load)}`;
    groups.set(title, [...(groups.get(title) ?? []), row]);
  }
  return [...groups];
}

function nameOf(load: Load): string {
  return typeof load === 'number' ? `${load}/s asked` : load;
}

function plotsOf(rows: readonly Row[]): Record<string, string> {
  const names = [...new Set(rows.map(({ bridge }) => bridge))].sort((a) => (a === OURS ? -1 : 1));
  const cost = (load: Load): { name: string; points: [number, number][] }[] =>
    names.map((name) => ({
      name,
      points: rows
        .filter((row) => row.bridge === name && row.load === load)
        .map(({ members, figures }) => [members, figures.gatewayUs]),
    }));
  const byRate = names.map((name) => ({
    name,
    points: rows
      .filter(({ bridge, load, members }) => bridge === name && members === 200 && typeof load === 'number')
      .map(({ load, figures }): [number, number] => [Number(load), figures.gatewayUs]),
  }));
  return {
    'cost-by-members': lineChart({
      title: 'Gateway CPU per delivery, lock-step',
      x: 'members',
      y: 'µs',
      series: cost('lock-step'),
      logX: true,
    }),
    'cost-by-rate': lineChart({
      title: 'Gateway CPU per delivery, 200 members',
      x: 'deliveries a second asked for',
      y: 'µs',
      series: byRate,
    }),
  };
}
