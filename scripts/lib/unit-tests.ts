/**
 * Test files that can share a process. A process of its own costs each 0.2 s of CPU time, often more than its tests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Folders that hold tests of single classes and functions, or of the project's files. */
const FOLDERS = [
  'test/cli/',
  'test/cluster/',
  'test/common/',
  'test/connection/',
  'test/faults/',
  'test/gateway/',
  'test/project/',
  'test/tcp-server/',
  'test/web/',
];

/** A file with one of these starts programs, opens sockets, or has hooks that would run for the tests of other files. */
const NEEDS_OWN_PROCESS = [
  /from 'node:(child_process|http|https|net|tls)'/,
  /\/helpers\/(?!eventually\.ts|transcript\.ts)/,
  /^import \{.*\b(before|after)(Each)?\b.*\} from 'node:test'/m,
  /\bprocess\.(chdir|env|exit|on)\b/,
  /\bglobalThis\b/,
];

/** Expects a project path. */
export function canShareProcess(file: string): boolean {
  if (!FOLDERS.some((folder) => file.startsWith(folder))) return false;
  const source = readFileSync(file, 'utf8');
  return !NEEDS_OWN_PROCESS.some((pattern) => pattern.test(source));
}

/** Writes a test file that runs others, and returns its path. Failures keep the names of the files they are in. */
export function writeGroup(folder: string, files: string[]): string {
  const group = join(folder, 'unit-tests.test.mjs');
  const urls = files.map((file) => pathToFileURL(resolve(file)).href);
  writeFileSync(
    group,
    `import { test } from 'node:test';
for (const url of ${JSON.stringify(urls, undefined, 2)})
  await import(url).catch((error) => test(url, () => { throw error; }));
`,
  );
  return group;
}
