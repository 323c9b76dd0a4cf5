/**
 * docs/features.md names only tests that are there.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { claimsOf, withoutTest } from '../helpers/claims.ts';

const features = claimsOf('docs/features.md');

test('every feature of the page names a test that is there', () => {
  assert.deepEqual(withoutTest(features), []);
});

test('no row of the table is skipped', () => {
  const text = readFileSync(inProject('docs/features.md'), 'utf8');
  assert.equal(features.length, text.match(/^\| .*test\.ts/gm)?.length);
});
