/**
 * Rows of a filtered log: messages of some people, and the headings of their days.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersonFilter } from '../../../web/message-actions/person-filter.ts';
import { LogSegment, type Message } from '../../../web/timeline/log-segment.ts';
import { buildRows, type Row } from '../../../web/timeline/rows.ts';
import { entry } from '../fakes.ts';

const day = (date: number) => new Date(2026, 2, date, 12).getTime();

/** Four days, and a line of the room itself. */
function rows(firstUnread?: number): readonly Row[] {
  const segment = new LogSegment(({ text }) => text.startsWith('<Yo>'));
  const entries = [
    entry(1, '<Ana> uno', { at: day(1) }),
    entry(2, '<Luis> dos', { at: day(2) }),
    entry(3, '<Luis> tres', { at: day(3) }),
    entry(4, 'Ana ha entrado', { at: day(3), note: true }),
    entry(5, '<Ana> cuatro', { at: day(4) }),
    entry(6, '<Luis> cinco', { at: day(4) }),
  ];
  for (const each of entries) segment.append(each);
  return buildRows(segment.items, [], firstUnread);
}

function person(nickname: string): Message {
  const row = rows().find((each) => each.kind === 'message' && each.message.nickname === nickname);
  assert.ok(row?.kind === 'message');
  return { ...row.message, from: '' };
}

/** Writes a row as its text, its day or its kind. */
function drawn(row: Row): string {
  if (row.kind === 'message') return row.message.text;
  return row.kind === 'day' ? `day ${new Date(row.at).getDate()}` : row.kind;
}

test('filter shows the headings of days with a shown message alone', () => {
  const filter = new PersonFilter();
  filter.showOnly(person('Ana'));
  assert.deepEqual(filter.select(rows()).map(drawn), ['day 1', 'uno', 'day 4', 'cuatro']);
  filter.hide(person('Ana'));
  const others = ['day 2', 'dos', 'day 3', 'tres', 'note', 'day 4', 'cinco'];
  assert.deepEqual(filter.select(rows()).map(drawn), others);
  filter.hide(person('Luis'));
  assert.deepEqual(filter.select(rows()).map(drawn), ['day 3', 'note']);
});

test('filter shows the unread mark above the first shown message, below the heading of its day', () => {
  const filter = new PersonFilter();
  filter.showOnly(person('Ana'));
  assert.deepEqual(filter.select(rows(2)).map(drawn), ['day 1', 'uno', 'day 4', 'unread', 'cuatro']);
  assert.deepEqual(filter.select(rows(6)).map(drawn), ['day 1', 'uno', 'day 4', 'cuatro']);
});
