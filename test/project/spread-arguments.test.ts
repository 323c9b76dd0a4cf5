import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesUnder, inProject } from '../../scripts/lib/project.ts';

/** Calls with an array as their last arguments. Some 100,000 elements overflow the stack. */
const SPREAD =
  /(?:Math\.(?:max|min)|\.(?:push|unshift|splice|fromCharCode|fromCodePoint))\((?:[^(){}[\]]*,)?\s*\.\.\.[^)]*/g;

function spreadsIn(text: string): string[] {
  return text.match(SPREAD) ?? [];
}

test('programs and page spread no array into the arguments of a call', () => {
  const files = ['connection', 'gateway', 'tcp-server', 'web'].flatMap((folder) => filesUnder(folder));
  const sources = files.filter((path) => path.endsWith('.ts'));
  assert.ok(sources.includes('gateway/session/send-queue.ts'));
  const found = sources.flatMap((path) =>
    spreadsIn(readFileSync(inProject(path), 'utf8')).map((call) => `${path}: ${call}`),
  );
  assert.deepEqual(found, []);
});

test('spread check finds spread arguments, also over several lines', () => {
  for (const call of [
    'Math.max(...lags)',
    'Math.max(0, ...room.lags)',
    'parts.push(...more)',
    'all.splice(0, 1, ...more)',
    'parts.push(\n  ...more,\n)',
    'String.fromCharCode(...bytes)',
  ]) {
    assert.equal(spreadsIn(call).length, 1, call);
  }
  for (const call of ['Math.max(a, b)', 'parts.push({ ...part, text })', 'new Set([...a, ...b])']) {
    assert.deepEqual(spreadsIn(call), [], call);
  }
});
