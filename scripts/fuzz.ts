/**
 * npm run fuzz [-- parsers WebSockets HTTP terminals]: a million generated inputs for each part that reads untrusted
 * input, or for the parts whose names begin so.
 * FUZZ_RUNS: number of inputs.
 * SEED: the seed of an earlier run, or of the batch that failed.
 */
import { runNode } from './lib/project.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const RUNS = 1_000_000;

/** Longest run, ms. The slowest part takes some minutes on two slow cores. */
const TIMEOUT_MS = 3_600_000;

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
