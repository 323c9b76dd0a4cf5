/**
 * npm run faults [-- 1a 2b ...]: breaks connections, gateways and rooms under load, and compares everything after
 * each fault.
 * FAULTS: number of faults of each kind (50), fewer of a slow kind unless it is named.
 * SEED: the seed of an earlier run, to repeat its faults.
 */
import type { Kind } from '../test/faults/kind.ts';
import { KINDS } from '../test/faults/kinds.ts';
import { isClean, type Result, runKind, table } from '../test/faults/run.ts';
import { withoutPython } from '../test/helpers/python.ts';
import { findHeadlessChromium, HOW_TO_GET_CHROMIUM } from './lib/chromium.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const faults = Number(process.env.FAULTS ?? 50);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));
const named = process.argv.slice(2);
const kinds = KINDS.filter(({ id }) => named.length === 0 || named.includes(id));

if (!(await build(staleOnes(EVERYTHING)))) process.exit(1);
console.log(`Seed: ${seed}\n`);

const results: Result[] = [];
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
  const cleanup = { after: (step: () => unknown) => void clearing.push(step) };
  try {
    const result = await runKind(cleanup, kind, faultsOf(kind), seed, console.log);
    results.push(result);
    console.log(table([result]));
    if (!isClean(result)) process.exitCode = 1;
  } catch (error) {
    console.error(`${kind.id} ${kind.title}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  } finally {
    await clear();
  }
}
console.log(`\n${table(results)}\nSeed: ${seed}`);
process.exit();

function faultsOf({ id, atMost }: Kind): number {
  return named.includes(id) || atMost === undefined ? faults : Math.min(faults, atMost);
}

/** Ends the programs of one kind before those of the next start. */
async function clear(): Promise<void> {
  const steps = clearing.toReversed();
  clearing = [];
  for (const step of steps) await step();
}
