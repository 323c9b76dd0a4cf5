/**
 * Random faults of one cluster, one after another. Everything is compared after each fault, and at the end once more from
 * the first message on.
 */
import { Processes } from '../../bench/lib/usage.ts';
import { Dice } from '../faults/dice.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import type { ClusterKind } from './kinds.ts';
import { type ClusterResult, compareGateways, emptyResult, strikeOnce } from './run.ts';
import { ClusterWorld } from './world.ts';

const MIB = 1024 * 1024;

export async function runClusterFor(
  t: Cleanup,
  minutes: number,
  kinds: readonly ClusterKind[],
  seed: number,
  tell: (line: string) => void,
): Promise<ClusterResult> {
  const world = new ClusterWorld(t, new Dice(seed));
  await world.begin();
  const latestMs = Math.max(...kinds.map((kind) => kind.latestMs));
  const result = emptyResult({ id: 'cluster', title: `${minutes} minutes of one cluster`, latestMs }, world);
  const begin = performance.now();
  const end = begin + minutes * 60_000;
  while (performance.now() < end) {
    const kind = world.dice.oneOf(kinds);
    const pauses = await strikeOnce(world, kind, result, tell);
    await world.peopleAgree();
    tell(
      [
        `${((performance.now() - begin) / 60_000).toFixed(1)} min`,
        `${kind.id} ${kind.title}`,
        `${world.comparison.log.head} messages`,
        `${(pauses.latestMs / 1000).toFixed(1)} s late`,
        `gateways ${memoryOf(world)}`,
      ].join(', '),
    );
  }
  await world.isWhole();
  const told = result.tally.findings.length;
  world.comparison.find(await compareGateways(world, 0));
  await world.comparison.end();
  for (const { fault, what } of result.tally.findings.slice(told)) tell(`at the end: ${fault}: ${what}`);
  return result;
}

/** Resident memory of each gateway, how long its start took, and the time since then. Linux only. */
function memoryOf({ nodes }: ClusterWorld): string {
  if (process.platform !== 'linux') return 'unknown';
  return nodes
    .map(({ gateway: { program }, startedAt, readyMs }) => {
      const bytes = new Processes(program.child.pid ?? 0).residentBytes;
      const ageMin = (performance.now() - startedAt) / 60_000;
      return `${(bytes / MIB).toFixed(0)} MiB after ${ageMin.toFixed(0)} min, ready in ${(readyMs / 1000).toFixed(1)} s`;
    })
    .join('; ');
}
