/**
 * npm run bench [-- history ...]: measures and judges nothing. Without names it measures everything. `--write` puts
 * the tables and plots into docs/performance.md.
 */
import { loadavg } from 'node:os';
import { build, EVERYTHING, staleOnes } from '../scripts/lib/targets.ts';
import { writeReport } from './lib/report.ts';
import { PARTS } from './parts.ts';

/** Longest time of a part, ms. */
const PART_WITHIN_MS = 2_400_000;

const WRITE = '--write';
const named = process.argv.slice(2).filter((name) => name !== WRITE);
const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  console.error(`There is no ${unknown}, but ${Object.keys(PARTS).join(', ')}.`);
  process.exit(1);
}
if (!(await build(staleOnes(EVERYTHING)))) process.exit(1);

let clearing: (() => unknown)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(`${signal}.`));

for (const [name, part] of Object.entries(PARTS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const timer = setTimeout(() => void giveUp(`${name} took more than ${PART_WITHIN_MS} ms.`), PART_WITHIN_MS);
  const before = loadOfMachine();
  const began = performance.now();
  const report = await part({ after: (step) => void clearing.push(step) }).finally(clear);
  clearTimeout(timer);
  const took = Math.round((performance.now() - began) / 1000);
  report.text += `\n\nTook ${took} s. Load average before: ${before}, after: ${loadOfMachine()}`;
  console.log(report.text);
  if (process.argv.includes(WRITE)) writeReport(name, report);
}

function loadOfMachine(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');
}

async function giveUp(reason: string): Promise<never> {
  console.error(reason);
  await clear();
  process.exit(1);
}

async function clear(): Promise<void> {
  const steps = clearing.toReversed();
  clearing = [];
  for (const step of steps) await step();
}
