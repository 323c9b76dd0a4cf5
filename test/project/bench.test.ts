/**
 * All that the bench measures has its place where its figures are shown, and where it is explained.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PARTS } from '../../bench/parts.ts';
import { inProject } from '../../scripts/lib/project.ts';

const parts = Object.keys(PARTS);

test('docs/performance.md has a place for each part of the bench, and for no other', () => {
  const places = readFileSync(inProject('docs', 'performance.md'), 'utf8').matchAll(
    /<!-- bench: (.*) -->\n[\s\S]*?<!-- \/bench -->/g,
  );
  assert.deepEqual(Array.from(places, ([, part]) => part).sort(), [...parts].sort());
});

test('CONTRIBUTING.md says what each part of the bench measures', () => {
  const explained = readFileSync(inProject('CONTRIBUTING.md'), 'utf8').matchAll(/^- `([\w-]+)`: /gm);
  assert.deepEqual(Array.from(explained, ([, part]) => part).sort(), [...parts].sort());
});
