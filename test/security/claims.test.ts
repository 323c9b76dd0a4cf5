/**
 * docs/security.md promises only what a test shows, and every file of the suite shows a claim.
 */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { filesUnder } from '../../scripts/lib/project.ts';
import { claimsOf, withoutTest } from '../helpers/claims.ts';

const claims = claimsOf('docs/security.md');

test('docs/security.md names an existing test for every claim', () => {
  assert.deepEqual(withoutTest(claims), []);
});

test('docs/security.md has at least 60 claims, each shown by its own test', () => {
  const tests = new Set(claims.map(({ name, path }) => `${path}: ${name}`));
  assert.equal(tests.size, claims.length);
  assert.ok(claims.length >= 60, `${claims.length}`);
});

test('docs/security.md has a claim for every file of the suite', () => {
  const shown = new Set(claims.map(({ path }) => path));
  const files = filesUnder('test/security').filter((path) => path.endsWith('.test.ts'));
  assert.deepEqual(
    files.filter((path) => !shown.has(path) && basename(path) !== 'claims.test.ts'),
    [],
  );
});
