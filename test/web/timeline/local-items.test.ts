import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LocalItems,
  MAX_NOTES,
  NOTICE_MAX_CHARACTERS,
  NOTICES_MAX_CHARACTERS,
  NOTICES_SAVED_MAX_CHARACTERS,
  type Note,
} from '../../../web/timeline/local-items.ts';
import { YOU } from '../fakes.ts';

function describeNote(note: Note): string {
  if (note.kind === 'dropped') return `${note.bytes} bytes`;
  return note.kind === 'notice' ? note.text : note.event.name;
}

function notesIn(items: LocalItems): Note[] {
  return items
    .within({ start: 0, end: Number.POSITIVE_INFINITY }, [])
    .flatMap((item) => ('note' in item ? [item.note] : []));
}

function shown(items: LocalItems): string[] {
  return notesIn(items).map(describeNote);
}

describe('local items', () => {
  it('join a notice that comes in parts', () => {
    const items = new LocalItems();
    items.addNotice({ text: 'Hola, ' }, 1, 0);
    items.addNotice({ text: 'cliente', continues: true }, 2, 0);
    items.addNotice({ text: 'Otra' }, 3, 0);
    assert.deepEqual(shown(items), ['Hola, cliente', 'Otra']);
  });

  it('do not join a notice to one before another message', () => {
    const items = new LocalItems();
    items.addNotice({ text: 'Hola' }, 1, 0);
    items.addNotice({ text: 'cliente', continues: true }, 2, 1);
    assert.deepEqual(shown(items), ['Hola', 'cliente']);
  });

  it('keep one line of an absence without messages', () => {
    const items = new LocalItems();
    items.addEvent({ name: 'lost' }, 1, 7);
    items.addEvent({ name: 'back', you: YOU }, 2, 7);
    assert.deepEqual(shown(items), ['back']);
  });

  it('keep both lines of an absence with messages', () => {
    const items = new LocalItems();
    items.addEvent({ name: 'lost' }, 1, 7);
    items.addEvent({ name: 'back', you: YOU }, 2, 8);
    assert.deepEqual(shown(items), ['lost', 'back']);
  });

  it('keep one note about floods', () => {
    const items = new LocalItems();
    for (let i = 0; i < 5; i++) items.addEvent({ name: 'flood', from: `10.0.0.7:${i}` }, i, i);
    items.addEvent({ name: 'back', you: YOU }, 9, 9);
    assert.deepEqual(shown(items), ['flood', 'back']);
    assert.equal(notesIn(items)[0]?.at, 4);
  });

  it('give each note its own key and evict the oldest beyond MAX_NOTES', () => {
    const items = new LocalItems();
    for (let i = 0; i < MAX_NOTES + 3; i++) items.addNotice({ text: `${i}` }, i, 0);
    assert.equal(notesIn(items).length, MAX_NOTES);
    assert.equal(shown(items)[0], '3');
    assert.equal(new Set(notesIn(items).map(({ key }) => key)).size, MAX_NOTES);
  });

  it('keep each line of the server separate', () => {
    const items = new LocalItems();
    for (const text of ['Welcome', 'OK', 'OK']) items.addNotice({ text }, 1, 0);
    assert.deepEqual(shown(items), ['Welcome', 'OK', 'OK']);
  });

  it('evict only the oldest notices beyond NOTICES_MAX_CHARACTERS', () => {
    const items = new LocalItems();
    items.addEvent({ name: 'joined', you: YOU }, 1, 0);
    const kib = 'x'.repeat(1024);
    for (let i = 0; i < NOTICES_MAX_CHARACTERS / 1024; i++) items.addNotice({ text: kib }, i, 0);
    assert.equal(notesIn(items).length, NOTICES_MAX_CHARACTERS / 1024 + 1);
    items.addNotice({ text: 'y' }, 1, 0);
    assert.equal(notesIn(items).length, NOTICES_MAX_CHARACTERS / 1024 + 1);
    assert.deepEqual([shown(items)[0], shown(items).at(-1)], ['joined', 'y']);
  });

  it('split a line without a newline beyond NOTICE_MAX_CHARACTERS', () => {
    const items = new LocalItems();
    for (let i = 0; i < NOTICE_MAX_CHARACTERS; i++) items.addNotice({ text: 'x', continues: true }, 1, 0);
    assert.equal(notesIn(items).length, 1);
    items.addNotice({ text: 'y', continues: true }, 1, 0);
    assert.deepEqual(shown(items)[1], 'y');
  });

  it('count all dropped bytes in one note', () => {
    const items = new LocalItems();
    items.addDropped(1_000, 1, 0);
    items.addNotice({ text: 'uno' }, 2, 0);
    items.addDropped(500, 3, 0);
    assert.deepEqual(shown(items), ['uno', '1500 bytes']);
  });

  it('save the newest notices for a reload and add later ones after them', () => {
    const items = new LocalItems();
    items.addEvent({ name: 'joined', you: YOU }, 1, 0);
    const kib = 'x'.repeat(1024);
    for (let i = 0; i <= NOTICES_SAVED_MAX_CHARACTERS / 1024; i++) items.addNotice({ text: kib }, i, 0);
    items.addDropped(7, 3, 0);
    const again = new LocalItems(JSON.parse(JSON.stringify(items.snapshot)));
    assert.equal(notesIn(again).length, NOTICES_SAVED_MAX_CHARACTERS / 1024 + 1);
    again.addNotice({ text: 'después' }, 1, 0);
    assert.equal(new Set(notesIn(again).map(({ key }) => key)).size, notesIn(again).length);
    const { order } = notesIn(again).at(-1) ?? { order: 0 };
    assert.ok(notesIn(again).every((note) => note.order <= order));
  });

  it('move answers to the number of their message in the log', () => {
    const items = new LocalItems();
    items.addNotice({ text: 'OK', answers: 'a' }, 1, 3);
    items.addNotice({ text: 'OK', answers: 'b' }, 1, 3);
    items.onLogged('a', 5);
    assert.deepEqual(
      notesIn(items).map(({ after }) => after),
      [5, 3],
    );
  });
});
