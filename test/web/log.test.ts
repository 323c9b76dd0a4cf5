import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Entry } from '../../gateway/protocol.ts';
import { Log, type LogItem, MESSAGE_MAX } from '../../web/log.ts';
import { ANA, entry } from './fakes.ts';

function logOf(...entries: Entry[]): Log {
  const log = new Log();
  for (const entry of entries) log.hear(entry, false);
  return log;
}

/** What it shows, in short. */
function shown(log: Log): string[] {
  return log.items.map(describeItem);
}

function describeItem(item: LogItem): string {
  if (item.kind === 'message') return item.text;
  if (item.kind === 'missing') return `missing ${item.seq}+${item.count}`;
  if (item.kind === 'gap') return `gap ${item.since}-${item.until}`;
  if (item.kind === 'event') return `event ${item.happening.name}`;
  return `notice ${item.text}`;
}

describe('log', () => {
  it('shows each number once', () => {
    const log = logOf(entry(1, 'a'), entry(2, 'b'));
    assert.equal(log.hear(entry(2, 'b'), false), false);
    assert.deepEqual(shown(log), ['a', 'b']);
  });

  it('tells how many messages are missing where the numbers jump', () => {
    const log = logOf(entry(3, 'a'), entry(7, 'b'));
    assert.deepEqual(shown(log), ['a', 'missing 4+3', 'b']);
  });

  it('does not miss what was before it came', () => {
    assert.deepEqual(shown(logOf(entry(57, 'a'))), ['a']);
  });

  it('misses what came between a reload and the oldest message left', () => {
    const log = new Log();
    log.remember(50);
    log.hear(entry(57, 'a'), false);
    assert.deepEqual(shown(log), ['missing 51+6', 'a']);
  });

  it('misses nothing when a reload asked for more than was new', () => {
    const log = new Log();
    log.remember(50);
    log.hear(entry(40, 'a'), false);
    assert.deepEqual(shown(log), ['a']);
  });

  it('puts a late message where it was missing', () => {
    const log = logOf(entry(1, 'a'), entry(5, 'e'));
    log.hear(entry(3, 'c'), false);
    assert.deepEqual(shown(log), ['a', 'missing 2+1', 'c', 'missing 4+1', 'e']);
    log.hear(entry(2, 'b'), false);
    log.hear(entry(4, 'd'), false);
    assert.deepEqual(shown(log), ['a', 'b', 'c', 'd', 'e']);
  });

  it('joins what continues a message to it, through other messages and further continuations', () => {
    const log = logOf(
      entry(1, 'ho'),
      entry(2, 'x', { from: '10.0.0.7:4000' }),
      entry(3, 'la, ', { continues: 1 }),
      entry(4, 'sala', { continues: 3 }),
    );
    assert.deepEqual(shown(log), ['hola, sala', 'x']);
    assert.equal(log.last, 4);
  });

  it('joins all that continues the same message', () => {
    const log = logOf(entry(1, 'ho'), entry(2, 'la, ', { continues: 1 }), entry(3, 'sala', { continues: 1 }));
    assert.deepEqual(shown(log), ['hola, sala']);
  });

  it('shows by itself what continues a message that is not here', () => {
    assert.deepEqual(shown(logOf(entry(8, 'la', { continues: 7 }))), ['la']);
  });

  it('keeps the newlines inside a message that is continued', () => {
    const log = logOf(entry(1, 'uno\n'), entry(2, 'dos\n', { continues: 1 }));
    assert.deepEqual(shown(log), ['uno\ndos']);
  });

  it('begins a new part of a message without end', () => {
    const log = logOf(entry(1, 'a'.repeat(MESSAGE_MAX + 1)), entry(2, 'b', { continues: 1 }));
    assert.equal(log.items.length, 2);
  });

  it('replaces a message that grew, and leaves the others the same objects', () => {
    const log = logOf(entry(1, 'ho'), entry(2, 'x'));
    const [first, second] = log.items;
    log.hear(entry(3, 'la', { continues: 1 }), false);
    assert.notEqual(log.items[0], first);
    assert.equal(log.items[1], second);
    assert.equal(log.items[0]?.key, first?.key);
  });

  it('takes a nickname from the text', () => {
    const [item] = logOf(entry(1, '<Ana> hola')).items;
    assert.ok(item?.kind === 'message');
    assert.equal(item.nickname, 'Ana');
    assert.equal(item.text, 'hola');
  });

  it('shows a time in which nobody listened', () => {
    const log = logOf(entry(1, '', { from: '', gap: { since: 10, until: 20 } }));
    assert.deepEqual(shown(log), ['gap 10-20']);
  });

  it('joins a notice that comes in parts', () => {
    const log = new Log();
    log.hearNotice('Hola, ', 1);
    log.hearNotice('cliente\n', 2);
    log.hearNotice('Otra', 3);
    assert.deepEqual(shown(log), ['notice Hola, cliente\n', 'notice Otra']);
  });

  it('leaves one line of an absence in which nothing was said', () => {
    const log = logOf(entry(1, 'a'));
    log.tell({ name: 'lost' }, 1);
    log.tell({ name: 'back', you: ANA }, 2);
    assert.deepEqual(shown(log), ['a', 'event back']);
  });

  it('drops the oldest beyond a number of items', () => {
    const log = logOf(entry(1, 'a'), entry(2, 'b'), entry(3, 'c'));
    log.trim(2);
    assert.deepEqual(shown(log), ['b', 'c']);
    log.hear(entry(4, '!', { continues: 1 }), false);
    log.hear(entry(5, '!', { continues: 3 }), false);
    assert.deepEqual(shown(log), ['b', 'c!', '!']);
  });

  it('has no two items with the same key', () => {
    const log = logOf(entry(1, 'a'), entry(9, 'b'), entry(5, 'c'));
    log.tell({ name: 'lost' }, 1);
    log.hearNotice('n', 2);
    const keys = log.items.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
  });
});
