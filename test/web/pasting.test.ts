import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asksFirst, joined, PASTE_ASKS_FROM } from '../../web/pasting.ts';

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `renglón ${i}`).join('\n\n');
}

describe('a paste', () => {
  it('asks from so many messages on; empty lines are none', () => {
    assert.equal(asksFirst(lines(PASTE_ASKS_FROM - 1)), false);
    assert.equal(asksFirst(lines(PASTE_ASKS_FROM)), true);
    assert.equal(asksFirst(`uno${'\n'.repeat(50)}`), false);
  });

  it('can be joined into one line', () => {
    assert.equal(joined('uno\n  dos\n\n\ttres \n'), 'uno dos tres');
  });
});
