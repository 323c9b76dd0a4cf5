import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  RecentTerminals,
  TERMINAL_SILENCE_MS,
  TERMINALS_MAX,
} from '../../../gateway/hub/recent-terminals.ts';

const addresses = (terminals: RecentTerminals): string[] => terminals.newest.map(({ address }) => address);

test('recent terminals report new addresses and nicknames, but no further messages', () => {
  const terminals = new RecentTerminals();
  assert.equal(terminals.onEntry('a:1', undefined, 1), true);
  assert.equal(terminals.onEntry('a:1', undefined, 2), false);
  assert.equal(terminals.onEntry('a:1', 'Ana', 3), true);
  assert.equal(terminals.onEntry('a:1', undefined, 4), false);
  assert.deepEqual(terminals.newest, [{ address: 'a:1', nickname: 'Ana', at: 4 }]);
});

test('recent terminals evict the longest silent when full', () => {
  const terminals = new RecentTerminals();
  for (let i = 0; i < TERMINALS_MAX; i++) terminals.onEntry(`a:${i}`, undefined, i);
  terminals.onEntry('a:0', undefined, TERMINALS_MAX);
  assert.equal(terminals.count, TERMINALS_MAX);
  terminals.onEntry('b:1', undefined, TERMINALS_MAX + 1);
  assert.equal(terminals.count, TERMINALS_MAX);
  assert.deepEqual(addresses(terminals).slice(0, 2), ['b:1', 'a:0']);
  assert.equal(addresses(terminals).includes('a:1'), false);
});

test('recent terminals evict a terminal when its silence reaches the limit', () => {
  const terminals = new RecentTerminals();
  terminals.onEntry('a:1', undefined, 0);
  terminals.onEntry('b:1', undefined, 1);
  assert.equal(terminals.evictSilent(TERMINAL_SILENCE_MS - 1), false);
  assert.equal(terminals.evictSilent(TERMINAL_SILENCE_MS), true);
  assert.deepEqual(addresses(terminals), ['b:1']);
});
