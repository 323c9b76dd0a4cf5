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

describe('a paste', () => {
  it('asks from so many messages on; empty lines are none', () => {
    assert.equal(isManyMessages(lines(PASTE_ASKS_FROM_MESSAGES - 1)), false);
    assert.equal(isManyMessages(lines(PASTE_ASKS_FROM_MESSAGES)), true);
    assert.equal(isManyMessages(`uno${'\n'.repeat(50)}`), false);
  });

  it('can be joined into one line', () => {
    assert.equal(joinLines('uno\n  dos\n\n\ttres \n'), 'uno dos tres');
  });
});

describe('a draft', () => {
  it('takes lines up to its limit', () => {
    assert.equal(excessOf('x\n'.repeat(DRAFT_MAX_LINES)), undefined);
    assert.deepEqual(excessOf(`${'x\n'.repeat(DRAFT_MAX_LINES)}x`), {
      of: 'lines',
      count: DRAFT_MAX_LINES + 1,
      max: DRAFT_MAX_LINES,
    });
  });

  it('takes characters up to its limit, or one message that the gateway takes', () => {
    const max = DRAFT_MAX_CHARACTERS;
    assert.equal(excessOf('x'.repeat(max)), undefined);
    assert.deepEqual(excessOf('x'.repeat(max + 1)), { of: 'characters', count: max + 1, max });
    assert.equal(excessOf('x'.repeat(2 * max), 2 * max), undefined);
    assert.deepEqual(excessOf('x'.repeat(2 * max + 1), 2 * max)?.max, 2 * max);
  });

  it('has the bytes of its longest line, under the nickname', () => {
    for (const draft of ['', 'hola', 'á\nbb\n', '\n\nabc\nññ', '🎉\nabcd\naaaaa', 'uno\n🎉🎉']) {
      for (const nickname of ['', 'Ñu']) {
        const sizes = draft
          .split('\n')
          .map((line) => Buffer.byteLength(nickname === '' ? line : `<${nickname}> ${line}`));
        assert.equal(longestMessageBytes(draft, nickname), Math.max(...sizes), JSON.stringify(draft));
      }
    }
  });

  it('has any number of lines', () => {
    assert.equal(longestMessageBytes('x\n'.repeat(500_000), ''), 1);
  });
});
