/**
 * npm run fuzz [-- parsers WebSockets HTTP terminals shared]: a million generated inputs for each part that reads
 * untrusted input, and for gateways that share a log, or for the parts whose names begin so.
 * FUZZ_RUNS: number of inputs.
 * SEED: the seed of an earlier run, or of the batch that failed.
 */
import { runNode } from './lib/project.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const RUNS = 1_000_000;

/** Longest run of a part, ms. A million schedules of the shared log take half an hour of a core, or two on a busy one. */
const TIMEOUT_MS = 3 * 3_600_000;

process.env.FUZZ_RUNS ??= String(RUNS);
if (!(await build(staleOnes(EVERYTHING)))) process.exit(1);
const names = process.argv.slice(2).map((name) => `--test-name-pattern=^${name}`);
const passed = await runNode([
  '--import',
  'tsx',
  '--test',
  '--test-reporter=spec',
  `--test-timeout=${TIMEOUT_MS}`,
  ...names,
  'test/fuzz/fuzz.test.ts',
]);
if (!passed) process.exitCode = 1;
