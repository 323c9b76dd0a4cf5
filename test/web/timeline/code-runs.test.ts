import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGE_MAX_CHARACTERS, RUN_PAUSE_MS } from '../../../common/display/code-runs.ts';
import type { Entry } from '../../../gateway/protocol.ts';
import { joinCode } from '../../../web/timeline/code-runs.ts';
import { LogSegment } from '../../../web/timeline/log-segment.ts';
import { entry, YOU } from '../fakes.ts';

/** A log of one speaker, whose messages arrive every 10 ms. */
function logOf(...texts: string[]): LogSegment {
  return segmentOf(texts.map((text, i) => ({ ...entry(i + 1, text), at: 10 * i })));
}

function segmentOf(entries: readonly Entry[]): LogSegment {
  const log = new LogSegment(({ from }) => from === YOU);
  for (const one of entries) log.append(one);
  return log;
}

function joined(log: LogSegment): string[] {
  return joinCode(log.items).map((item) => (item.kind === 'message' ? item.text : item.kind));
}

const PYTHON = ['def f(x):', '    return x + 1', 'print(f(2))'];

describe('joinCode', () => {
  it('joins the messages of a block, and only these', () => {
    assert.deepEqual(joined(logOf('mirad', ...PYTHON, '¿sí?')), ['mirad', PYTHON.join('\n'), '¿sí?']);
    assert.deepEqual(joined(logOf('a', '```', 'x', '```', 'b')), ['a', '```\nx\n```', 'b']);
    assert.deepEqual(joined(logOf('uno', 'dos')), ['uno', 'dos']);
  });

  it('reads the name of each line', () => {
    assert.deepEqual(joined(logOf(...PYTHON.map((line) => `<Ana> ${line}`))), [PYTHON.join('\n')]);
  });

  it('keeps the numbers of the messages, and the first as its key', () => {
    const [message] = joinCode(logOf(...PYTHON).items);
    assert.ok(message?.kind === 'message');
    assert.deepEqual([message.key, message.seq, message.seqs], ['entry-1', 1, [1, 2, 3]]);
  });

  it('joins no messages of two speakers, of one that is forged, or after a pause', () => {
    const [a, b] = [entry(1, 'if x:'), entry(2, '    y()')];
    const apart: Entry[] = [
      { ...b, from: YOU },
      { ...b, text: '<Bea>     y()' },
      { ...b, forged: true },
      { ...b, at: a.at + RUN_PAUSE_MS + 1 },
    ];
    for (const other of apart) assert.equal(joined(segmentOf([a, other])).length, 2);
    assert.equal(joined(segmentOf([a, { ...b, at: a.at + RUN_PAUSE_MS }])).length, 1);
  });

  it('returns the same message until its run changes', () => {
    const log = logOf(...PYTHON);
    const [before] = joinCode(log.items);
    assert.equal(joinCode(log.items)[0], before);
    log.append({ ...entry(4, '    z()'), at: 40 });
    assert.notEqual(joinCode(log.items)[0], before);
  });

  it('limits the length of a joined message', () => {
    const lines = Array.from({ length: 30 }, () => `    ${'x'.repeat(1_000)}`);
    for (const text of joined(logOf(...lines))) assert.ok(text.length <= MESSAGE_MAX_CHARACTERS);
  });
});
