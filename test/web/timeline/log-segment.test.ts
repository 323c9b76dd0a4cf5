import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGE_MAX_CHARACTERS } from '../../../common/display/code-runs.ts';
import type { Entry } from '../../../gateway/protocol.ts';
import { type LogItem, LogSegment, TRIM_BATCH_MESSAGES } from '../../../web/timeline/log-segment.ts';
import { entry, YOU } from '../fakes.ts';

function newSegment(): LogSegment {
  return new LogSegment(({ from }) => from === YOU);
}

function segmentOf(...entries: Entry[]): LogSegment {
  const log = newSegment();
  for (const entry of entries) log.append(entry);
  return log;
}

/** A short form of each item. */
function shown(log: LogSegment): string[] {
  return log.items.map(describeItem);
}

function describeItem(item: LogItem): string {
  if (item.kind === 'message') return item.text;
  if (item.kind === 'missing') return `missing ${item.seq}+${item.count}`;
  if (item.kind === 'room') return `room ${item.text}`;
  return `gap ${item.since}-${item.until}`;
}

describe('log segment', () => {
  it('shows each number once', () => {
    const log = segmentOf(entry(1, 'a'), entry(2, 'b'));
    assert.equal(log.append(entry(2, 'b')), false);
    assert.deepEqual(shown(log), ['a', 'b']);
  });

  it('shows the number of missing messages where numbers jump', () => {
    const log = segmentOf(entry(3, 'a'), entry(7, 'b'));
    assert.deepEqual(shown(log), ['a', 'missing 4+3', 'b']);
  });

  it('shows nothing as missing before its first entry', () => {
    assert.deepEqual(shown(segmentOf(entry(57, 'a'))), ['a']);
  });

  it('shows messages as missing between a reload and the oldest entry', () => {
    const log = newSegment();
    log.setSeen(50);
    log.append(entry(57, 'a'));
    assert.deepEqual(shown(log), ['missing 51+6', 'a']);
  });

  it('shows nothing as missing when a reload requested seen entries', () => {
    const log = newSegment();
    log.setSeen(50);
    log.append(entry(40, 'a'));
    assert.deepEqual(shown(log), ['a']);
  });

  it('inserts a late entry in its place', () => {
    const log = segmentOf(entry(1, 'a'), entry(5, 'e'));
    log.append(entry(3, 'c'));
    assert.deepEqual(shown(log), ['a', 'missing 2+1', 'c', 'missing 4+1', 'e']);
    log.append(entry(2, 'b'));
    log.append(entry(4, 'd'));
    assert.deepEqual(shown(log), ['a', 'b', 'c', 'd', 'e']);
  });

  it('joins continuations to their message across other messages', () => {
    const log = segmentOf(
      entry(1, 'ho'),
      entry(2, 'x', { from: '10.0.0.7:4000' }),
      entry(3, 'la, ', { continues: 1 }),
      entry(4, 'sala', { continues: 3 }),
    );
    assert.deepEqual(shown(log), ['hola, sala', 'x']);
    assert.equal(log.last, 4);
  });

  it('joins all continuations of the same message', () => {
    const log = segmentOf(
      entry(1, 'ho'),
      entry(2, 'la, ', { continues: 1 }),
      entry(3, 'sala', { continues: 1 }),
    );
    assert.deepEqual(shown(log), ['hola, sala']);
  });

  it('shows a continuation alone if its message is not loaded', () => {
    assert.deepEqual(shown(segmentOf(entry(8, 'la', { continues: 7 }))), ['la']);
  });

  it('keeps the newlines inside a continued message', () => {
    const log = segmentOf(entry(1, 'uno\n'), entry(2, 'dos\n', { continues: 1 }));
    assert.deepEqual(shown(log), ['uno\ndos']);
  });

  it('splits a message without an end at MESSAGE_MAX_CHARACTERS', () => {
    const log = segmentOf(entry(1, 'a'.repeat(MESSAGE_MAX_CHARACTERS + 1)), entry(2, 'b', { continues: 1 }));
    assert.equal(log.items.length, 2);
  });

  it('replaces only the item of a message that grew', () => {
    const log = segmentOf(entry(1, 'ho'), entry(2, 'x'));
    const [first, second] = log.items;
    log.append(entry(3, 'la', { continues: 1 }));
    assert.notEqual(log.items[0], first);
    assert.equal(log.items[1], second);
    assert.equal(log.items[0]?.key, first?.key);
  });

  it('reads the nickname from the text', () => {
    const [item] = segmentOf(entry(1, '<Ana> hola')).items;
    assert.ok(item?.kind === 'message');
    assert.equal(item.nickname, 'Ana');
    assert.equal(item.text, 'hola');
  });

  it('shows a gap of the gateway', () => {
    const log = segmentOf(entry(1, '', { from: '', gap: { since: 10, until: 20 } }));
    assert.deepEqual(shown(log), ['gap 10-20']);
  });

  it('shows only the gap when numbers are skipped before it', () => {
    const gap = entry(9, '', { from: '', gap: { since: 10, until: 20 } });
    assert.deepEqual(shown(segmentOf(entry(1, 'a'), gap, entry(10, 'b'))), ['a', 'gap 10-20', 'b']);
  });

  it('marks own messages', () => {
    const items = segmentOf(entry(1, 'a'), entry(2, 'b', { from: YOU })).items;
    assert.deepEqual(
      items.map((item) => item.kind === 'message' && item.mine),
      [false, true],
    );
  });

  it('prepends older entries and shows the missing ones between', () => {
    const log = segmentOf(entry(5, 'e'));
    log.prepend([entry(2, 'b'), entry(3, 'c')]);
    assert.deepEqual(shown(log), ['b', 'c', 'missing 4+1', 'e']);
    assert.equal(log.start, 2);
  });

  it('prepends only entries that it does not hold', () => {
    const log = segmentOf(entry(3, 'c'), entry(5, 'e'));
    log.prepend([entry(2, 'b'), entry(3, 'c'), entry(4, 'd')]);
    assert.deepEqual(shown(log), ['b', 'c', 'd', 'e']);
  });

  it('joins a continuation once its message is loaded', () => {
    const log = segmentOf(entry(7, 'la', { continues: 6 }), entry(8, 'x'));
    assert.deepEqual(shown(log), ['la', 'x']);
    log.prepend([entry(6, 'ho')]);
    assert.deepEqual(shown(log), ['hola', 'x']);
  });

  it('evicts the oldest entries and does not show them as missing', () => {
    const log = segmentOf(entry(1, 'a'), entry(2, 'b'), entry(3, 'c'));
    log.dropOldest(2);
    assert.deepEqual(shown(log), ['b', 'c']);
    assert.equal(log.start, 2);
    log.append(entry(4, '!', { continues: 1 }));
    log.append(entry(5, '!', { continues: 3 }));
    assert.deepEqual(shown(log), ['b', 'c!', '!']);
  });

  it('is trimmed in batches of TRIM_BATCH_MESSAGES', () => {
    const log = segmentOf(...Array.from({ length: 9 + TRIM_BATCH_MESSAGES }, (_, i) => entry(i + 1, 'a')));
    log.trim(10);
    assert.equal(log.items.length, 9 + TRIM_BATCH_MESSAGES);
    log.append(entry(10 + TRIM_BATCH_MESSAGES, 'b'));
    log.trim(10);
    assert.equal(log.items.length, 10);
    assert.equal(log.start, 1 + TRIM_BATCH_MESSAGES);
  });

  it('keeps the item objects of unchanged messages after trimming and appending', () => {
    const log = segmentOf(entry(1, 'a'), entry(2, 'ho'), entry(3, 'la', { continues: 2 }), entry(4, 'c'));
    const [, ...before] = log.items;
    log.dropOldest(3);
    log.prepend([entry(1, 'a')]);
    log.append(entry(5, 'd'));
    const [, ...after] = log.items;
    assert.equal(after.length, 3);
    for (const [index, item] of before.entries()) assert.equal(after[index], item);
  });

  it('ignores entries older than its start', () => {
    const log = segmentOf(entry(5, 'e'));
    assert.equal(log.append(entry(2, 'b')), false);
    assert.deepEqual(shown(log), ['e']);
  });

  it('evicts the newest entries and accepts them again', () => {
    const log = segmentOf(entry(1, 'a'), entry(2, 'b'), entry(3, 'c', { continues: 1 }));
    log.dropNewest(2);
    assert.deepEqual(shown(log), ['a', 'b']);
    assert.equal(log.last, 2);
    log.append(entry(3, 'c', { continues: 1 }));
    assert.deepEqual(shown(log), ['ac', 'b']);
  });

  it('leaves a copy unchanged', () => {
    const log = segmentOf(entry(1, 'a'));
    const copy = log.copy();
    log.append(entry(2, 'b'));
    assert.deepEqual(shown(copy), ['a']);
  });

  it('gives each item its own key, stable while missing entries are filled', () => {
    const log = segmentOf(entry(1, 'a'), entry(9, 'b'), entry(5, 'c'));
    const keys = log.items.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    log.append(entry(6, 'd'));
    assert.equal(log.items.at(-2)?.key, keys.at(-2));
  });
});
