/**
 * npm test [-- file or folder ...]: builds, then runs everything functional, browsers included.
 * npm run test:load [-- file or folder ...]: runs what loads the programs: floods, faults under load, generated
 * inputs.
 *
 * package.json starts npm test with options of V8, which tests and their programs inherit, because they live for
 * seconds. V8 would take a quarter of their CPU time to optimize code (--no-opt). A start collects garbage several times
 * in a small heap, and in threads that compete for the cores (--min-semi-space-size in MiB, --single-threaded).
 *
 * Named files run with either command. test/docker has a command of its own.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run as runFiles } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { findHeadlessChromium, HOW_TO_GET_CHROMIUM, installChromium } from './lib/chromium.ts';
import { asProjectPath, filesUnder } from './lib/project.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';
import { canShareProcess, writeGroup } from './lib/unit-tests.ts';

/** Files of a load run, one at a time, because each loads the whole machine. */
const UNDER_LOAD = ['test/load/', 'test/faults/faults.test.ts', 'test/fuzz/'];
const APART = ['test/docker/'];

/** Tests wait about as long as they compute, so three files more than cores keep the cores busy. */
const FILES_AT_ONCE = availableParallelism() + 3;

/**
 * Files of more than 15 s. They start first, so that the end is not one of them alone. Files marked as waiting compute
 * for a tenth of their time, because their servers are slow on purpose. They are spread, so that they do not take most
 * of the places at once while cores are idle.
 */
const LONG = [
  'test/cli/check/check-servers.test.ts', // waiting
  'test/e2e/returning.test.ts',
  'test/e2e/accessible.test.ts',
  'test/e2e/long-log.test.ts',
  'test/e2e/writing.test.ts',
  'test/e2e/upgrade.test.ts',
  'test/e2e/projector.test.ts',
  'test/e2e/webkit.test.ts',
  'test/e2e/firefox.test.ts',
  'test/cli/learn.test.ts', // waiting
  'test/e2e/talking.test.ts',
  'test/e2e/touch.test.ts',
  'test/security/limits.test.ts',
  'test/e2e/reading.test.ts',
  'test/security/page.e2e.test.ts',
  'test/e2e/comfort.test.ts',
  'test/servers/logins.test.ts', // waiting
  'test/gateway/session/resume.test.ts',
  'test/gateway/upstream/quiet-voices.test.ts', // waiting
  'test/gateway/hub/presence.test.ts',
  'test/system/process-end.test.ts',
  'test/servers/presets.test.ts',
];

/** Longest test, ms. It bounds a test that hangs. Node 20 applies it to whole files. */
const TIMEOUT_MS = 900_000;

interface FailedTest {
  file: string;
  name: string;
}

const { values, positionals } = parseArgs({ options: { load: { type: 'boolean' } }, allowPositionals: true });
const concurrency = values.load ? 1 : FILES_AT_ONCE;
const found = await withBrowsers(
  positionals.length > 0
    ? positionals.flatMap(testsAt)
    : testsAt('test').filter((file) => isIn(file, UNDER_LOAD) === Boolean(values.load) && !isIn(file, APART)),
);
if (found.length === 0) fail('There is no test there.');

// Node 22 and later cache compiled code here, which saves a seventh of the CPU time of each start.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'tertulia-compile-cache');

const stale = staleOnes(EVERYTHING);
if (stale.length > 0) console.log(`Building ${stale.join(' and ')} ...`);
if (!(await build(stale))) fail('The build failed: no test was run.');

const failed = await run(grouped(longFirst(found)), concurrency);
if (failed.length > 0) await tellFlaky(failed);

function longFirst(files: string[]): string[] {
  return [...LONG.filter((file) => files.includes(file)), ...files.filter((file) => !LONG.includes(file))];
}

/** Replaces the files that can share a process by one that runs them. It starts first, because its tests wait often. */
function grouped(files: string[]): string[] {
  const units = files.filter(canShareProcess);
  if (units.length < 2) return files;
  console.log(`\n${units.length} files with unit tests share a process`);
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-units-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return [writeGroup(folder, units), ...files.filter((file) => !units.includes(file))];
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

/**
 * Returns the tests that failed. The files start in the given order; `node --test` would sort them. Each has a process of
 * its own, with the options of this one.
 */
async function run(files: string[], concurrency: number): Promise<FailedTest[]> {
  console.log(`\n${files.length} ${files.length === 1 ? 'file' : 'files'}, ${concurrency} at once\n`);
  const failed: FailedTest[] = [];
  const results = runFiles({ files, concurrency, timeout: TIMEOUT_MS });
  results.on('test:fail', ({ file = '', name, details }) => {
    process.exitCode = 1;
    // A suite or a file fails with its tests, which are reported by themselves.
    if (failureTypeOf(details.error) !== 'subtestsFailed') failed.push({ file, name });
  });
  const report = results.compose(new spec());
  report.pipe(process.stdout);
  await once(report, 'end');
  return failed;
}

function failureTypeOf(error: Error & { failureType?: string }): string | undefined {
  return error.failureType;
}

/** Skips browser tests with a message where no browser is found. In CI that is a failure. */
async function withBrowsers(files: string[]): Promise<string[]> {
  const inBrowser = files.filter(isInBrowser);
  if (inBrowser.length === 0 || (findHeadlessChromium() ?? (await installChromium()))) return files;
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
