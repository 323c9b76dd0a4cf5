/**
 * Rows of the log view: groups by speaker, and renames.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../../gateway/protocol.ts';
import { LogSegment } from '../../../web/timeline/log-segment.ts';
import { buildRows } from '../../../web/timeline/rows.ts';
import { entry } from '../fakes.ts';

/** Lists the messages: their name, whether they lead a group, and the name before. */
function rowsOf(...entries: Entry[]) {
  const segment = new LogSegment(({ said }) => said?.by === 'me');
  for (const each of entries) segment.append(each);
  return buildRows(segment.items, []).flatMap((row) =>
    row.kind === 'message' ? [[row.message.nickname, row.leads, row.formerly]] : [],
  );
}

const by = (person: string): Partial<Entry> => ({ said: { by: person, id: '1', left: 0 } });

test('rows show the name before a rename once, for a browser', () => {
  const rows = rowsOf(
    entry(1, '<Elena> hola', by('a')),
    entry(2, '<Elena> sigo', by('a')),
    entry(3, '<Ana> otra', by('b')),
    entry(4, '<Prof> ya', by('a')),
    entry(5, '<Prof> y más', by('a')),
  );
  assert.deepEqual(rows, [
    ['Elena', true, undefined],
    ['Elena', false, undefined],
    ['Ana', true, undefined],
    ['Prof', true, 'Elena'],
    ['Prof', false, undefined],
  ]);
});

test('rows show no name before for tabs of one person that have different names', () => {
  const [a, b] = [
    { ...by('a'), from: '10.0.0.1:1' },
    { ...by('a'), from: '10.0.0.1:2' },
  ];
  const rows = rowsOf(
    entry(1, '<Ana A> hola', a),
    entry(2, '<Ana B> hola', b),
    entry(3, '<Ana A> sigo', a),
    entry(4, '<Eva> ya', b),
  );
  assert.deepEqual(
    rows.map(([, , formerly]) => formerly),
    [undefined, undefined, undefined, 'Ana B'],
  );
});

test('rows begin a group at an own message of another tab, which has another address', () => {
  const rows = rowsOf(
    entry(1, '<Ana> hola', { ...by('me'), from: '10.0.0.1:1' }),
    entry(2, '<Ana> desde otra pestaña', { ...by('me'), from: '10.0.0.1:2' }),
    entry(3, '<Ana> más', { ...by('me'), from: '10.0.0.1:2' }),
  );
  assert.deepEqual(
    rows.map(([, leads]) => leads),
    [true, true, false],
  );
});

test('rows begin a group at an own rename, which shows the new name', () => {
  const rows = rowsOf(
    entry(1, 'hola', by('me')),
    entry(2, '<Ana> hola', by('me')),
    entry(3, '<Ana> más', by('me')),
  );
  assert.deepEqual(
    rows.map(([, leads]) => leads),
    [true, true, false],
  );
});

test('rows show no former name of an address, which another terminal may have had', () => {
  const rows = rowsOf(entry(1, '<Elena> hola'), entry(2, '<Luis> hola'));
  assert.deepEqual(rows[1], ['Luis', true, undefined]);
});
