import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SaidIndex } from '../../../../gateway/hub/cluster/said-index.ts';

test('said index knows the first entry of a say and the chunks that are left', () => {
  const index = new SaidIndex();
  assert.deepEqual(index.add('ana', '1', 7, 1, 0), { root: 7, left: 1 });
  assert.deepEqual(index.add('ana', '1', 9, 0, 0), { root: 7, left: 0 });
  assert.equal(index.find('ana', '1')?.root, 7);
  assert.equal(index.find('eva', '1'), undefined);
});

test('said index forgets a say after ten minutes', () => {
  const index = new SaidIndex();
  index.add('ana', '1', 1, 0, 0);
  index.add('ana', '2', 2, 0, 10 * 60_000);
  assert.equal(index.find('ana', '1'), undefined);
  assert.ok(index.find('ana', '2'));
});
