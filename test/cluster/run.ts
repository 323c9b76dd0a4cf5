/**
 * Runs faults of one kind against a cluster, one after another, with a comparison of everything after each.
 */
import type { Entry } from '../../gateway/protocol.ts';
import type { Finding } from '../faults/check.ts';
import type { Tally } from '../faults/comparison.ts';
import { Dice } from '../faults/dice.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import type { ClusterKind } from './kinds.ts';
import { ClusterWorld, type Node, type Pauses } from './world.ts';

/** Longest random pause before the next fault, ms. */
const REST_MS = 1_000;
/** A warning or an error in the log of a gateway. */
const WARNING = /"level":[456]0/;
/** Findings that are printed. The others are only counted. */
const TOLD_MAX = 20;

export interface ClusterResult {
  kind: Pick<ClusterKind, 'id' | 'title' | 'latestMs'>;
  faults: number;
  tally: Tally;
  /** Largest lateness of a line in each fault, at gateways that were not struck, ms. */
  latestMs: number[];
  /** How long each tab without a connection was without one, ms. */
  movesMs: number[];
  /** How long each tab could not speak that could not, ms. */
  muteMs: number[];
}

export async function runClusterKind(
  t: Cleanup,
  kind: ClusterKind,
  faults: number,
  seed: number,
  tell: (line: string) => void,
): Promise<ClusterResult> {
  const world = new ClusterWorld(t, new Dice(seed));
  await world.begin();
  const result = emptyResult(kind, world);
  for (let fault = 1; fault <= faults; fault++) await strikeOnce(world, kind, result, tell);
  if (!kind.breaks) await world.comparison.end();
  return result;
}

export function emptyResult(kind: ClusterResult['kind'], world: ClusterWorld): ClusterResult {
  return { kind, faults: 0, tally: world.comparison.tally, latestMs: [], movesMs: [], muteMs: [] };
}

/** Strikes a whole cluster, compares everything when the fault is over, and adds what people noticed to the result. */
export async function strikeOnce(
  world: ClusterWorld,
  kind: ClusterKind,
  result: ClusterResult,
  tell: (line: string) => void,
): Promise<Pauses> {
  const { tally } = result;
  await world.isWhole();
  await world.pause(world.dice.between(0, REST_MS));
  const told = tally.findings.length;
  const epochs = await world.epochs();
  const after = world.comparison.log.head;
  const pauses = await world.measure(async () => {
    await kind.strike(world);
    if (kind.breaks) {
      await beginsAnew(world, epochs);
      await showsGap(world);
    } else await world.comparison.compare();
  });
  result.faults++;
  result.latestMs.push(pauses.latestMs);
  result.movesMs.push(...pauses.movesMs);
  result.muteMs.push(...pauses.muteMs);
  world.comparison.find(await compareGateways(world, kind.breaks ? 0 : after));
  if (!kind.breaks) world.comparison.find(await unbroken(world, epochs, after));
  const found = tally.findings.slice(told);
  for (const { fault: name, what } of found.slice(0, TOLD_MAX))
    tell(`${kind.id}, fault ${result.faults}: ${name}: ${what}`);
  if (found.length > TOLD_MAX) tell(`... and ${found.length - TOLD_MAX} more`);
  if (found.length > 0) for (const node of world.nodes) tellWarnings(node, tell);
  return pauses;
}

/** Prints what a gateway that has a finding has warned of since its start. */
function tellWarnings({ number, gateway }: Node, tell: (line: string) => void): void {
  const lines = gateway.program.output.split('\n').filter((line) => WARNING.test(line));
  for (const line of lines.slice(-TOLD_MAX)) tell(`gateway ${number}: ${line}`);
}

/** Compares the logs of all gateways byte by byte, up to the smallest head. */
export async function compareGateways(world: ClusterWorld, after: number): Promise<Finding[]> {
  const [first = [], ...others] = await world.logs(after);
  return others.flatMap((entries, index) => {
    const differs = entries.findIndex((entry, at) => JSON.stringify(entry) !== JSON.stringify(first[at]));
    if (differs < 0) return [];
    const what = `gateway ${index + 2} has ${JSON.stringify(entries[differs])}, not ${JSON.stringify(first[differs])}`;
    return [{ fault: 'wrong' as const, what }];
  });
}

/** No single fault leaves a gap or begins a new epoch. */
async function unbroken(world: ClusterWorld, epochs: string[], after: number): Promise<Finding[]> {
  const gaps = world.comparison.log.between(after, world.comparison.log.head).filter(({ gap }) => gap);
  const now = await world.epochs();
  const isSame = now.every((epoch) => epoch === epochs[0]);
  return [
    ...gaps.map(({ seq }: Entry) => ({ fault: 'wrong' as const, what: `${seq} is a gap` })),
    ...(isSame ? [] : [{ fault: 'wrong' as const, what: `the epoch was ${epochs[0]}, and is ${now}` }]),
  ];
}

/** A log that begins anew has a gap, which is appended when no gateway knows the place in the room's text. */
async function showsGap(world: ClusterWorld): Promise<void> {
  await eventually(
    async () => (await world.logs(0))[0]?.some(({ gap }) => gap),
    () => 'the new log has no gap',
  );
}

/** Waits until all gateways have the same new epoch, and all tabs are in the room. */
async function beginsAnew(world: ClusterWorld, before: string[]): Promise<void> {
  let epochs: string[] = [];
  await eventually(
    async () => {
      epochs = await world.epochs();
      return epochs.every((epoch) => epoch === epochs[0] && !before.includes(epoch));
    },
    () => `the gateways have the epochs ${epochs} after ${before}`,
  );
  await world.isWhole();
}

const COLUMNS = [
  ['kind', ({ kind }: ClusterResult) => `${kind.id} ${kind.title}`],
  ['faults', ({ faults }: ClusterResult) => faults],
  ['messages', ({ tally }: ClusterResult) => tally.messages],
  ['says', ({ tally }: ClusterResult) => tally.says],
  ['findings', ({ tally }: ClusterResult) => tally.findings.length],
  ['unconfirmed', ({ tally }: ClusterResult) => tally.unconfirmed],
  ['failed', ({ tally }: ClusterResult) => tally.failed],
  ['latest line, median', ({ latestMs }: ClusterResult) => seconds(median(latestMs))],
  ['at worst', ({ latestMs }: ClusterResult) => seconds(Math.max(0, ...latestMs))],
  ['promised', ({ kind }: ClusterResult) => seconds(kind.latestMs)],
  ['moves of tabs', ({ movesMs }: ClusterResult) => movesMs.length],
  ['move, median', ({ movesMs }: ClusterResult) => seconds(median(movesMs))],
  ['at worst', ({ movesMs }: ClusterResult) => seconds(Math.max(0, ...movesMs))],
  ['times a tab was mute', ({ muteMs }: ClusterResult) => muteMs.length],
  ['mute, median', ({ muteMs }: ClusterResult) => seconds(median(muteMs))],
  ['at worst', ({ muteMs }: ClusterResult) => seconds(Math.max(0, ...muteMs))],
] as const;

/** Formats a Markdown table. */
export function clusterTable(results: readonly ClusterResult[]): string {
  const rows = results.map((result) => COLUMNS.map(([, read]) => `${read(result)}`));
  const lines = [COLUMNS.map(([name]) => name), COLUMNS.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
