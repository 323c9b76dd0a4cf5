/**
 * docs/security.md promises nothing that no test shows, and every file of the suite has a place there.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { filesUnder, inProject } from '../../scripts/project.ts';

const CLAIM = /^\| (?<claim>.+?) \| \[(?<name>.+)\]\(\.\.\/(?<path>test\/security\/[\w.-]+)\) \|$/gm;

const claims = [...readFileSync(inProject('docs/security.md'), 'utf8').matchAll(CLAIM)].map(
  ({ groups = {} }) => ({
    name: groups.name ?? '',
    path: groups.path ?? '',
  }),
);

test('every claim names a test that is there', () => {
  const missing = claims.filter(({ name, path }) => !namesIn(path).some((given) => given.includes(name)));
  assert.deepEqual(missing, []);
});

test('there are at least 60 claims, no two shown by the same test', () => {
  const tests = new Set(claims.map(({ name, path }) => `${path}: ${name}`));
  assert.equal(tests.size, claims.length);
  assert.ok(claims.length >= 60, `${claims.length}`);
});

test('every file of the suite shows a claim', () => {
  const shown = new Set(claims.map(({ path }) => path));
  const files = filesUnder('test/security').filter((path) => path.endsWith('.test.ts'));
  assert.deepEqual(
    files.filter((path) => !shown.has(path) && basename(path) !== 'claims.test.ts'),
    [],
  );
});

/** Of the tests and groups of a file, as they are written there. */
function namesIn(path: string): string[] {
  const text = readFileSync(inProject(path), 'utf8');
  return [...text.matchAll(/\b(?:test|describe)\(\s*(?<quote>['"`])(?<name>.*?)\k<quote>/g)].map(
    ({ groups = {} }) => groups.name ?? '',
  );
}
