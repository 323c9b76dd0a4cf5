/**
 * The documents show and explain each part of the bench.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PARTS } from '../../bench/parts.ts';
import { inProject } from '../../scripts/lib/project.ts';

const parts = Object.keys(PARTS);

test('docs/performance.md has a place for each part of the bench, and no other', () => {
  const places = readFileSync(inProject('docs', 'performance.md'), 'utf8').matchAll(
    /<!-- bench: (.*) -->\n[\s\S]*?<!-- \/bench -->/g,
  );
  assert.deepEqual(Array.from(places, ([, part]) => part).sort(), [...parts].sort());
});

test('CONTRIBUTING.md explains each part of the bench', () => {
  const explained = readFileSync(inProject('CONTRIBUTING.md'), 'utf8').matchAll(/^- `([\w-]+)`: /gm);
  assert.deepEqual(Array.from(explained, ([, part]) => part).sort(), [...parts].sort());
});
