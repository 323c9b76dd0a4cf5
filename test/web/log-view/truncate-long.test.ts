import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FOLD_OVER, FOLDED, truncateLong } from '../../../web/log-view/truncate-long.ts';

describe('truncateLong', () => {
  it('folds a long text at its limits and shows less than the limit', () => {
    assert.equal(truncateLong('a'.repeat(FOLD_OVER.characters)), undefined);
    assert.equal(truncateLong('a'.repeat(FOLD_OVER.characters + 1))?.length, FOLDED.characters);
    const lines = (count: number) => Array.from({ length: count }, (_, i) => `${i}`).join('\n');
    assert.equal(truncateLong(lines(FOLD_OVER.lines)), undefined);
    assert.equal(truncateLong(lines(FOLD_OVER.lines + 1)), lines(FOLDED.lines));
  });

  it('cuts no character in two when it folds a text', () => {
    assert.equal(truncateLong(`a${'👋'.repeat(1_000)}`)?.at(-1), '\udc4b');
  });

  it('takes linear time for many line ends', () => {
    // With work that grows as the square, this would take hours.
    truncateLong('\n'.repeat(100 * 16_384));
  });
});
