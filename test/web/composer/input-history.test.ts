import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputHistory, MAX_SENT_TEXTS } from '../../../web/composer/input-history.ts';

function sent(...texts: string[]): InputHistory {
  const history = new InputHistory();
  for (const text of texts) history.add(text);
  return history;
}

describe('InputHistory', () => {
  it('moves from an empty input to the newest text, then older, and back', () => {
    const history = sent('uno', 'dos');
    assert.equal(history.older(''), 'dos');
    assert.equal(history.older('dos'), 'uno');
    assert.equal(history.older('uno'), undefined);
    assert.equal(history.newer('uno'), 'dos');
    assert.equal(history.newer('dos'), '');
    assert.equal(history.newer(''), undefined);
    assert.equal(history.older(''), 'dos');
  });

  it('does not replace an edited draft', () => {
    const history = sent('uno', 'dos');
    assert.equal(history.older('borrador'), undefined);
    assert.equal(history.newer('borrador'), undefined);
    history.older('');
    assert.equal(history.older('dos, cambiado'), undefined);
    assert.equal(history.older('dos'), 'uno');
  });

  it('starts at the newest text after a message or an empty input', () => {
    const history = sent('uno', 'dos');
    history.older('');
    history.older('dos');
    assert.equal(history.older(''), 'dos');
    history.older('dos');
    history.add('tres');
    assert.equal(history.older(''), 'tres');
  });

  it('keeps repeated texts once', () => {
    const history = sent('uno', 'dos', 'dos');
    history.older('');
    assert.equal(history.older('dos'), 'uno');
  });

  it('evicts the oldest text', () => {
    const history = sent(...Array.from({ length: MAX_SENT_TEXTS + 1 }, (_, i) => `m${i}`));
    let shown = history.older('');
    for (let i = 1; i < MAX_SENT_TEXTS; i++) shown = history.older(shown ?? '');
    assert.equal(shown, 'm1');
    assert.equal(history.older('m1'), undefined);
  });

  it('is empty at first', () => {
    assert.equal(sent().older(''), undefined);
    assert.equal(sent().newer(''), undefined);
  });
});
