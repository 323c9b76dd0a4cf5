/**
 * The growth that `npm run soak` would report. The soak itself takes too long for a test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grown, type Sample } from './soak.ts';

const MIB = 1024 * 1024;

function samples(held: (index: number) => { memory: number; files: number }): Sample[] {
  const room = { memory: 50 * MIB, files: 60 };
  return Array.from({ length: 12 }, (_, index) => ({
    minute: index,
    messages: index * 1000,
    gateway: held(index),
    room,
  }));
}

test('soak ignores memory that rises and falls', () => {
  assert.deepEqual(grown(samples((index) => ({ memory: (80 + (index % 3) * 30) * MIB, files: 70 }))), []);
});

test('soak ignores memory that is taken during the warm-up', () => {
  assert.deepEqual(
    grown(samples((index) => ({ memory: Math.min(40 + index * 20, 120) * MIB, files: 70 }))),
    [],
  );
});

test('soak reports memory that only grows', () => {
  const found = grown(samples((index) => ({ memory: (80 + index * 5) * MIB, files: 70 })));
  assert.deepEqual(found, [`gateway: memory grew by ${20 * MIB}`]);
});

test('soak reports a socket that is left behind each minute', () => {
  const found = grown(samples((index) => ({ memory: 80 * MIB, files: 70 + index * 3 })));
  assert.deepEqual(found, ['gateway: files grew by 12']);
});
