import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHORT_BYTES, TurnQueue } from '../../tcp-server/turn-queue.ts';

const BOTH = { short: true, long: true };

test('a turn queue puts short messages before long ones, each kind in its order', () => {
  const queue = new TurnQueue<string>();
  queue.push('long 1', SHORT_BYTES + 1);
  queue.push('short 1', SHORT_BYTES);
  queue.push('long 2', 64 * 1024);
  queue.push('short 2', 0);
  const order = Array.from({ length: 5 }, () => queue.shift(BOTH));
  assert.deepEqual(order, ['short 1', 'short 2', 'long 1', 'long 2', undefined]);
});

test('a turn queue gives out no client of a kind that may not send', () => {
  const queue = new TurnQueue<string>();
  queue.push('long', SHORT_BYTES + 1);
  assert.equal(queue.shift({ short: true, long: false }), undefined);
  assert.equal(queue.isEmpty, false);
  assert.equal(queue.shift(BOTH), 'long');
  assert.equal(queue.isEmpty, true);
});
