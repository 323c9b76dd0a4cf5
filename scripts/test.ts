/**
 * npm test [-- file or folder ...]: builds, then runs the tests in three rounds.
 *
 *     everything else    two files at a time
 *     test/system        whole programs under load; one file at a time, for they measure time
 *     test/faults        a few faults of each kind of `npm run faults`, likewise
 *     test/e2e, *.e2e.test.ts    a real browser; two files at a time
 *
 * test/bench and test/docker have commands of their own: they run here only when they are named.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findChromium, HOW_TO_GET_CHROMIUM, installChromium } from './chromium.ts';
import { asProjectPath, filesUnder, inProject, runNode } from './project.ts';
import { build, EVERYTHING, staleOnes } from './targets.ts';

interface Round {
  title: string;
  files: string[];
  concurrency: number;
  /** Longest a test may take, ms; Node 20 holds a whole file to it. */
  timeout: number;
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named.flatMap(testsAt) : testsAt('test').filter(isOfEveryday);
if (files.length === 0) fail('There is no test there.');

const stale = staleOnes(EVERYTHING);
if (stale.length > 0) console.log(`Building ${stale.join(' and ')} ...`);
if (!(await build(stale))) fail('The build failed: no test was run.');

const rounds: Round[] = [
  {
    title: 'Tests',
    files: files.filter((file) => !isInBrowser(file) && !isUnderLoad(file)),
    concurrency: 2,
    timeout: 300_000,
  },
  { title: 'Tests under load', files: files.filter(isUnderLoad), concurrency: 1, timeout: 600_000 },
  { title: 'Tests in a browser', files: await browserTests(), concurrency: 2, timeout: 600_000 },
];
for (const round of rounds) {
  if (round.files.length > 0 && !(await passes(round))) process.exitCode = 1;
}

/**
 * Whole programs and browsers have deadlines, which a machine with something else to do may miss: what failed has one
 * more try, alone, and is told.
 */
async function passes(round: Round): Promise<boolean> {
  const failed = await run(round);
  if (failed === 'none') return true;
  if (failed.length === 0) return false;
  console.log(`\nFAILED, one more try: ${failed.map(asProjectPath).join(', ')}`);
  return (await run({ ...round, title: 'Once more', files: failed, concurrency: 1 })) === 'none';
}

/** The files that failed; no file if something else did. */
async function run({ title, files, concurrency, timeout }: Round): Promise<'none' | string[]> {
  console.log(`\n${title}: ${files.length} ${files.length === 1 ? 'file' : 'files'}\n`);
  const list = join(mkdtempSync(join(tmpdir(), 'tertulia-test-')), 'failed');
  const passed = await runNode([
    '--import',
    'tsx',
    '--test',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${pathToFileURL(inProject('scripts/failed-files.js'))}`,
    `--test-reporter-destination=${list}`,
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeout}`,
    ...files,
  ]);
  const failed = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(dirname(list), { recursive: true });
  return passed ? 'none' : failed;
}

/** None without a browser, which is said aloud; where nobody reads along, it is a failure. */
async function browserTests(): Promise<string[]> {
  const inBrowser = files.filter(isInBrowser);
  if (inBrowser.length === 0) return [];
  const path = findChromium() ?? (await installChromium());
  if (path) return inBrowser;
  console.error(`\nSKIPPED, ${HOW_TO_GET_CHROMIUM}:\n${inBrowser.map((file) => `  ${file}\n`).join('')}`);
  if (process.env.CI === 'true') process.exitCode = 1;
  return [];
}

/** A test file itself, or every one in a folder, as project paths. */
function testsAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return fail(`There is no ${path}.`);
  const projectPath = asProjectPath(resolve(path));
  return stat.isDirectory()
    ? filesUnder(projectPath).filter((file) => file.endsWith('.test.ts'))
    : [projectPath];
}

function isInBrowser(file: string): boolean {
  return file.startsWith('test/e2e/') || file.endsWith('.e2e.test.ts');
}

function isUnderLoad(file: string): boolean {
  return file.startsWith('test/system/') || file.startsWith('test/faults/');
}

function isOfEveryday(file: string): boolean {
  return !file.startsWith('test/bench/') && !file.startsWith('test/docker/');
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
