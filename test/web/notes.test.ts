import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOTES_MAX, type Note, Notes } from '../../web/notes.ts';
import { YOU } from './fakes.ts';

const describeNote = (note: Note) => (note.kind === 'notice' ? note.text : note.happening.name);

function shown(notes: Notes): string[] {
  return notes.all.map(describeNote);
}

describe('notes', () => {
  it('joins a notice that comes in parts', () => {
    const notes = new Notes();
    notes.hearNotice('Hola, ', 1, 0);
    notes.hearNotice('cliente\n', 2, 0);
    notes.hearNotice('Otra', 3, 0);
    assert.deepEqual(shown(notes), ['Hola, cliente\n', 'Otra']);
  });

  it('does not join a notice to one before other words', () => {
    const notes = new Notes();
    notes.hearNotice('Hola', 1, 0);
    notes.hearNotice('cliente', 2, 1);
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

  it('has no two notes with the same key, and drops the oldest beyond a number', () => {
    const notes = new Notes();
    for (let i = 0; i < NOTES_MAX + 3; i++) notes.hearNotice(`${i}\n`, i, 0);
    assert.equal(notes.all.length, NOTES_MAX);
    assert.equal(shown(notes)[0], '3\n');
    assert.equal(new Set(notes.all.map(({ key }) => key)).size, NOTES_MAX);
  });
});
