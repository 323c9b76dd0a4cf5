/**
 * docs/security.md promises nothing that no test shows, and every file of the suite has a place there.
 */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { filesUnder } from '../../scripts/lib/project.ts';
import { claimsOf, withoutTest } from '../helpers/claims.ts';

const claims = claimsOf('docs/security.md');

test('every claim names a test that is there', () => {
  assert.deepEqual(withoutTest(claims), []);
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
