import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { longestMessageBytes } from '../../../web/client/draft.ts';
import {
  DRAFT_MAX_CHARACTERS,
  DRAFT_MAX_LINES,
  excessOf,
  isManyMessages,
  joinLines,
  PASTE_ASKS_FROM_MESSAGES,
} from '../../../web/composer/paste-limits.ts';

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `renglón ${i}`).join('\n\n');
}

describe('isManyMessages and joinLines', () => {
  it('asks from PASTE_ASKS_FROM_MESSAGES on and ignores empty lines', () => {
    assert.equal(isManyMessages(lines(PASTE_ASKS_FROM_MESSAGES - 1)), false);
    assert.equal(isManyMessages(lines(PASTE_ASKS_FROM_MESSAGES)), true);
    assert.equal(isManyMessages(`uno${'\n'.repeat(50)}`), false);
  });

  it('joins lines into one', () => {
    assert.equal(joinLines('uno\n  dos\n\n\ttres \n'), 'uno dos tres');
  });
});

describe('excessOf and longestMessageBytes', () => {
  it('allows lines up to the limit', () => {
    assert.equal(excessOf('x\n'.repeat(DRAFT_MAX_LINES)), undefined);
    assert.deepEqual(excessOf(`${'x\n'.repeat(DRAFT_MAX_LINES)}x`), {
      of: 'lines',
      count: DRAFT_MAX_LINES + 1,
      max: DRAFT_MAX_LINES,
    });
  });

  it('allows characters up to the limit, or one message that the gateway takes', () => {
    const max = DRAFT_MAX_CHARACTERS;
    assert.equal(excessOf('x'.repeat(max)), undefined);
    assert.deepEqual(excessOf('x'.repeat(max + 1)), { of: 'characters', count: max + 1, max });
    assert.equal(excessOf('x'.repeat(2 * max), 2 * max), undefined);
    assert.deepEqual(excessOf('x'.repeat(2 * max + 1), 2 * max)?.max, 2 * max);
  });

  it('measures the bytes of the longest line with the nickname', () => {
    for (const draft of ['', 'hola', 'á\nbb\n', '\n\nabc\nññ', '🎉\nabcd\naaaaa', 'uno\n🎉🎉']) {
      for (const nickname of ['', 'Ñu']) {
        const sizes = draft
          .split('\n')
          .map((line) => Buffer.byteLength(nickname === '' ? line : `<${nickname}> ${line}`));
        assert.equal(longestMessageBytes(draft, nickname), Math.max(...sizes), JSON.stringify(draft));
      }
    }
  });

  it('measures a draft with many lines', () => {
    assert.equal(longestMessageBytes('x\n'.repeat(500_000), ''), 1);
  });
});
