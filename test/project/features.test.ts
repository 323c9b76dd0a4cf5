/**
 * docs/features.md names existing tests only.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { claimsOf, withoutTest } from '../helpers/claims.ts';

const features = claimsOf('docs/features.md');

test('docs/features.md names an existing test for every feature', () => {
  assert.deepEqual(withoutTest(features), []);
});

test('docs/features.md has no row without a test', () => {
  const text = readFileSync(inProject('docs/features.md'), 'utf8');
  assert.equal(features.length, text.match(/^\| .*test\.ts/gm)?.length);
});
