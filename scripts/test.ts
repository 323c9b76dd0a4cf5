/**
 * npm test [-- file or folder ...]: builds, then runs everything functional, browsers included.
 * npm run test:load [-- file or folder ...]: runs what loads the programs: floods, faults under load, generated
 * inputs.
 *
 * Named files run with either command. test/docker has a command of its own.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findChromium, HOW_TO_GET_CHROMIUM, installChromium } from './lib/chromium.ts';
import { asProjectPath, filesUnder, inProject, runNode } from './lib/project.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

/** Files of a load run, one at a time, because each loads the whole machine. */
const UNDER_LOAD = ['test/load/', 'test/faults/faults.test.ts', 'test/fuzz/'];
const APART = ['test/docker/'];

/** Tests wait more than they compute, so one file more than cores keeps the cores busy. */
const FILES_AT_ONCE = availableParallelism() + 1;

/** Longest test, ms. It bounds a test that hangs. Node 20 applies it to whole files. */
const TIMEOUT_MS = 900_000;

interface FailedTest {
  file: string;
  name: string;
}

const { values, positionals } = parseArgs({ options: { load: { type: 'boolean' } }, allowPositionals: true });
const concurrency = values.load ? 1 : FILES_AT_ONCE;
const files = await withBrowsers(
  positionals.length > 0
    ? positionals.flatMap(testsAt)
    : testsAt('test').filter((file) => isIn(file, UNDER_LOAD) === Boolean(values.load) && !isIn(file, APART)),
);
if (files.length === 0) fail('There is no test there.');

// Node 22 and later cache compiled code here, which saves a seventh of the CPU time of each start.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'tertulia-compile-cache');

const stale = staleOnes(EVERYTHING);
if (stale.length > 0) console.log(`Building ${stale.join(' and ')} ...`);
if (!(await build(stale))) fail('The build failed: no test was run.');

const failed = await run(files, concurrency);
if (failed.length > 0) {
  process.exitCode = 1;
  await tellFlaky(failed);
}

/** Runs failed files once more, alone, to report which tests are flaky. A test that failed once has failed. */
async function tellFlaky(failed: FailedTest[]): Promise<void> {
  const again = [...new Set(failed.map(({ file }) => file))].filter((file) => existsSync(file));
  if (again.length === 0) return;
  console.log(`\nFAILED, one more try to see whether they always do: ${again.map(asProjectPath).join(', ')}`);
  const still = new Set((await run(again, 1)).map(keyOf));
  console.log();
  for (const test of failed) {
    console.log(`${still.has(keyOf(test)) ? 'FAILED' : 'FLAKY '} ${asProjectPath(test.file)}: ${test.name}`);
  }
}

function keyOf({ file, name }: FailedTest): string {
  return `${file}: ${name}`;
}

/** Returns the tests that failed. */
async function run(files: string[], concurrency: number): Promise<FailedTest[]> {
  console.log(`\n${files.length} ${files.length === 1 ? 'file' : 'files'}, ${concurrency} at once\n`);
  const list = join(mkdtempSync(join(tmpdir(), 'tertulia-test-')), 'failed');
  const passed = await runNode([
    '--import',
    'tsx',
    '--test',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${pathToFileURL(inProject('scripts/lib/failed-tests.js'))}`,
    `--test-reporter-destination=${list}`,
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${TIMEOUT_MS}`,
    ...files,
  ]);
  const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(dirname(list), { recursive: true });
  const failed = lines.map((line) => JSON.parse(line) as FailedTest);
  if (!passed && failed.length === 0) process.exitCode = 1;
  return failed;
}

/** Skips browser tests with a message where no browser is found. In CI that is a failure. */
async function withBrowsers(files: string[]): Promise<string[]> {
  const inBrowser = files.filter(isInBrowser);
  if (inBrowser.length === 0 || (findChromium() ?? (await installChromium()))) return files;
  console.error(`\nSKIPPED, ${HOW_TO_GET_CHROMIUM}:\n${inBrowser.map((file) => `  ${file}\n`).join('')}`);
  if (process.env.CI === 'true') process.exitCode = 1;
  return files.filter((file) => !isInBrowser(file));
}

/** A test file itself, or every test file in a folder, as project paths. */
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

/** Compares the beginnings of paths. */
function isIn(file: string, places: readonly string[]): boolean {
  return places.some((place) => file.startsWith(place));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
