import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputHistory, MAX_SENT_TEXTS } from '../../../web/composer/input-history.ts';

function sent(...texts: string[]): InputHistory {
  const before = new InputHistory();
  for (const text of texts) before.add(text);
  return before;
}

describe('what was sent before', () => {
  it('comes back from an empty input, the last first, and goes away again', () => {
    const before = sent('uno', 'dos');
    assert.equal(before.older(''), 'dos');
    assert.equal(before.older('dos'), 'uno');
    assert.equal(before.older('uno'), undefined);
    assert.equal(before.newer('uno'), 'dos');
    assert.equal(before.newer('dos'), '');
    assert.equal(before.newer(''), undefined);
    assert.equal(before.older(''), 'dos');
  });

  it('does not take the place of what is being written', () => {
    const before = sent('uno', 'dos');
    assert.equal(before.older('borrador'), undefined);
    assert.equal(before.newer('borrador'), undefined);
    before.older('');
    assert.equal(before.older('dos, cambiado'), undefined);
    assert.equal(before.older('dos'), 'uno');
  });

  it('begins at the last one again after something was sent or the input was emptied', () => {
    const before = sent('uno', 'dos');
    before.older('');
    before.older('dos');
    assert.equal(before.older(''), 'dos');
    before.older('dos');
    before.add('tres');
    assert.equal(before.older(''), 'tres');
  });

  it('holds what was sent twice running once', () => {
    const before = sent('uno', 'dos', 'dos');
    before.older('');
    assert.equal(before.older('dos'), 'uno');
  });

  it('forgets the oldest', () => {
    const before = sent(...Array.from({ length: MAX_SENT_TEXTS + 1 }, (_, i) => `m${i}`));
    let shown = before.older('');
    for (let i = 1; i < MAX_SENT_TEXTS; i++) shown = before.older(shown ?? '');
    assert.equal(shown, 'm1');
    assert.equal(before.older('m1'), undefined);
  });

  it('has nothing at first', () => {
    assert.equal(sent().older(''), undefined);
    assert.equal(sent().newer(''), undefined);
  });
});
