import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import {
  MAX_NOTES,
  NOTICE_MAX_CHARACTERS,
  NOTICES_MAX_CHARACTERS,
  NOTICES_SAVED_MAX_CHARACTERS,
  type Note,
  Notes,
} from '../../../web/timeline/status-notes.ts';
import { YOU } from '../fakes.ts';

function describeNote(note: Note): string {
  if (note.kind === 'dropped') return `${note.bytes} bytes`;
  return note.kind === 'notice' ? note.text : note.happening.name;
}

function shown(notes: Notes): string[] {
  return notes.all.map(describeNote);
}

describe('notes', () => {
  it('joins a notice that comes in parts', () => {
    const notes = new Notes();
    notes.hearNotice({ text: 'Hola, ' }, 1, 0);
    notes.hearNotice({ text: 'cliente', continues: true }, 2, 0);
    notes.hearNotice({ text: 'Otra' }, 3, 0);
    assert.deepEqual(shown(notes), ['Hola, cliente', 'Otra']);
  });

  it('does not join a notice to one before other words', () => {
    const notes = new Notes();
    notes.hearNotice({ text: 'Hola' }, 1, 0);
    notes.hearNotice({ text: 'cliente', continues: true }, 2, 1);
    assert.deepEqual(shown(notes), ['Hola', 'cliente']);
  });

  it('leaves one line of an absence in which nothing was said', () => {
    const notes = new Notes();
    notes.tell({ name: 'lost' }, 1, 7);
    notes.tell({ name: 'back', you: YOU }, 2, 7);
    assert.deepEqual(shown(notes), ['back']);
  });

  it('leaves both lines of an absence in which something was said', () => {
    const notes = new Notes();
    notes.tell({ name: 'lost' }, 1, 7);
    notes.tell({ name: 'back', you: YOU }, 2, 8);
    assert.deepEqual(shown(notes), ['lost', 'back']);
  });

  it('holds one note of floods, however many there are', () => {
    const notes = new Notes();
    for (let i = 0; i < 5; i++) notes.tell({ name: 'flood', from: `10.0.0.7:${i}` }, i, i);
    notes.tell({ name: 'back', you: YOU }, 9, 9);
    assert.deepEqual(shown(notes), ['flood', 'back']);
    assert.equal(notes.all[0]?.at, 4);
  });

  it('has no two notes with the same key, and drops the oldest beyond a number', () => {
    const notes = new Notes();
    for (let i = 0; i < MAX_NOTES + 3; i++) notes.hearNotice({ text: `${i}` }, i, 0);
    assert.equal(notes.all.length, MAX_NOTES);
    assert.equal(shown(notes)[0], '3');
    assert.equal(new Set(notes.all.map(({ key }) => key)).size, MAX_NOTES);
  });

  it('keeps each line of the server apart', () => {
    const notes = new Notes();
    for (const text of ['Welcome', 'OK', 'OK']) notes.hearNotice({ text }, 1, 0);
    assert.deepEqual(shown(notes), ['Welcome', 'OK', 'OK']);
  });

  test('forgets the oldest notices beyond so many characters, and nothing else', () => {
    const notes = new Notes();
    notes.tell({ name: 'joined', you: YOU }, 1, 0);
    const kib = 'x'.repeat(1024);
    for (let i = 0; i < NOTICES_MAX_CHARACTERS / 1024; i++) notes.hearNotice({ text: kib }, i, 0);
    assert.equal(notes.all.length, NOTICES_MAX_CHARACTERS / 1024 + 1);
    notes.hearNotice({ text: 'y' }, 1, 0);
    assert.equal(notes.all.length, NOTICES_MAX_CHARACTERS / 1024 + 1);
    assert.deepEqual([shown(notes)[0], shown(notes).at(-1)], ['joined', 'y']);
  });

  it('shows a line without an end in parts', () => {
    const notes = new Notes();
    for (let i = 0; i < NOTICE_MAX_CHARACTERS; i++) notes.hearNotice({ text: 'x', continues: true }, 1, 0);
    assert.equal(notes.all.length, 1);
    notes.hearNotice({ text: 'y', continues: true }, 1, 0);
    assert.deepEqual(shown(notes)[1], 'y');
  });

  it('tells in one line of all that was left out', () => {
    const notes = new Notes();
    notes.hearDropped(1_000, 1, 0);
    notes.hearNotice({ text: 'uno' }, 2, 0);
    notes.hearDropped(500, 3, 0);
    assert.deepEqual(shown(notes), ['uno', '1500 bytes']);
  });

  it('keeps the newest notices for a reload, and goes on after them', () => {
    const notes = new Notes();
    notes.tell({ name: 'joined', you: YOU }, 1, 0);
    const kib = 'x'.repeat(1024);
    for (let i = 0; i <= NOTICES_SAVED_MAX_CHARACTERS / 1024; i++) notes.hearNotice({ text: kib }, i, 0);
    notes.hearDropped(7, 3, 0);
    const again = new Notes(JSON.parse(JSON.stringify(notes.kept)));
    assert.equal(again.all.length, NOTICES_SAVED_MAX_CHARACTERS / 1024 + 1);
    again.hearNotice({ text: 'después' }, 1, 0);
    assert.equal(new Set(again.all.map(({ key }) => key)).size, again.all.length);
    const { order } = again.all.at(-1) ?? { order: 0 };
    assert.ok(again.all.every((note) => note.order <= order));
  });

  it('puts answers where the log has their message', () => {
    const notes = new Notes();
    notes.hearNotice({ text: 'OK', answers: 'a' }, 1, 3);
    notes.hearNotice({ text: 'OK', answers: 'b' }, 1, 3);
    notes.pin('a', 5);
    assert.deepEqual(
      notes.all.map(({ after }) => after),
      [5, 3],
    );
  });
});
