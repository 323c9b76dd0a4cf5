/**
 * npm run faults [-- 1a 2b ...]: breaks connections, gateways and rooms under load, and compares everything after
 * each fault. `cluster`, or c1, c2 ..., breaks parts of three gateways with three NATS servers. `nats` breaks NATS
 * servers alone, and tells whether this version of NATS keeps what it acknowledges.
 * FAULTS: number of faults of each kind (50), fewer of a slow kind unless it is named.
 * MINUTES: strikes one cluster for this time, with one random single fault after another, instead of each kind in turn.
 * SEED: the seed of an earlier run, to repeat its faults.
 * TABS, MESSAGES: number of tabs of a cluster (30), and messages a second of all that speak (200).
 */
import { CLUSTER_KINDS, SINGLE_FAULTS } from '../test/cluster/kinds.ts';
import { runClusterFor } from '../test/cluster/long-run.ts';
import { natsVersion, runNats } from '../test/cluster/nats-run.ts';
import { type ClusterResult, clusterTable, runClusterKind } from '../test/cluster/run.ts';
import type { Kind } from '../test/faults/kind.ts';
import { KINDS } from '../test/faults/kinds.ts';
import { isClean, type Result, runKind, table } from '../test/faults/run.ts';
import type { Cleanup } from '../test/helpers/eventually.ts';
import { without } from '../test/helpers/process.ts';
import { withoutPython } from '../test/helpers/python.ts';
import { findHeadlessChromium, HOW_TO_GET_CHROMIUM } from './lib/chromium.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const faults = Number(process.env.FAULTS ?? 50);
const minutes = Number(process.env.MINUTES ?? 0);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
const named = process.argv.slice(2);
const kinds = KINDS.filter(({ id }) => named.length === 0 || named.includes(id));

if (!(await build(staleOnes(EVERYTHING)))) process.exit(1);
console.log(`Seed: ${seed}\n`);

const clusterKinds = CLUSTER_KINDS.filter(({ id }) => named.includes(id) || named.includes('cluster'));
const withoutCluster = without('nats-server', 'haproxy');

const results: Result[] = [];
const clusterResults: ClusterResult[] = [];
let clearing: (() => unknown)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await clear();
    process.exit(1);
  });
}

for (const kind of kinds) {
  if (kind.room === "Python's" && withoutPython) {
    console.log(`SKIPPED ${kind.id} ${kind.title}: ${withoutPython}`);
    continue;
  }
  if (kind.inBrowser && findHeadlessChromium() === undefined) {
    console.log(`SKIPPED ${kind.id} ${kind.title}: ${HOW_TO_GET_CHROMIUM}`);
    continue;
  }
  await attempt(kind, async (cleanup) => {
    const result = await runKind(cleanup, kind, faultsOf(kind), seed, console.log);
    results.push(result);
    console.log(table([result]));
    return isClean(result);
  });
}
if (named.includes('nats')) {
  const withoutNats = without('nats-server');
  if (withoutNats) console.log(`SKIPPED nats: ${withoutNats}`);
  else await attempt({ id: 'nats', title: natsVersion() }, attemptNats);
}
if (clusterKinds.length > 0 && !withoutCluster) console.log(natsVersion());
if (clusterKinds.length > 0 && withoutCluster) console.log(`SKIPPED cluster: ${withoutCluster}`);
else if (clusterKinds.length > 0 && minutes > 0) {
  const lasting = named.includes('cluster') ? SINGLE_FAULTS : clusterKinds.filter(({ breaks }) => !breaks);
  await attempt({ id: 'cluster', title: `${minutes} minutes` }, async (cleanup) => {
    const result = await runClusterFor(cleanup, minutes, lasting, seed, console.log);
    clusterResults.push(result);
    return result.tally.findings.length === 0;
  });
} else {
  for (const kind of clusterKinds) {
    await attempt(kind, async (cleanup) => {
      const result = await runClusterKind(cleanup, kind, kind.breaks ? 1 : faults, seed, console.log);
      clusterResults.push(result);
      console.log(clusterTable([result]));
      return result.tally.findings.length === 0;
    });
  }
}
if (results.length > 0) console.log(`\n${table(results)}`);
if (clusterResults.length > 0) console.log(`\n${clusterTable(clusterResults)}`);
console.log(`Seed: ${seed}`);
process.exit();

async function attemptNats(cleanup: Cleanup): Promise<boolean> {
  const result = await runNats(cleanup, faults, seed, console.log);
  console.log(`\n${natsVersion()}: ${JSON.stringify(result)}`);
  return result.lost + result.twice + result.early === 0;
}

/** Runs a kind, and ends its programs. */
async function attempt(
  { id, title }: { id: string; title: string },
  run: (cleanup: Cleanup) => Promise<boolean>,
): Promise<void> {
  try {
    if (!(await run({ after: (step) => void clearing.push(step) }))) process.exitCode = 1;
  } catch (error) {
    console.error(`${id} ${title}:`, error);
    process.exitCode = 1;
  } finally {
    await clear();
  }
}

function faultsOf({ id, atMost }: Kind): number {
  return named.includes(id) || atMost === undefined ? faults : Math.min(faults, atMost);
}

/** Ends the programs of one kind before those of the next start. */
async function clear(): Promise<void> {
  const steps = clearing.toReversed();
  clearing = [];
  for (const step of steps) await step();
}
