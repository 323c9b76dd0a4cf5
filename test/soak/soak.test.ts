/**
 * What `npm run soak` would call growth; the soak itself takes its time.
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

test('memory that comes and goes has not grown', () => {
  assert.deepEqual(grown(samples((index) => ({ memory: (80 + (index % 3) * 30) * MIB, files: 70 }))), []);
});

test('what is taken while it warms up has not grown', () => {
  assert.deepEqual(
    grown(samples((index) => ({ memory: Math.min(40 + index * 20, 120) * MIB, files: 70 }))),
    [],
  );
});

test('memory that only grows is found', () => {
  const found = grown(samples((index) => ({ memory: (80 + index * 5) * MIB, files: 70 })));
  assert.deepEqual(found, [`gateway: memory grew by ${20 * MIB}`]);
});

test('a socket that is left behind each minute is found', () => {
  const found = grown(samples((index) => ({ memory: 80 * MIB, files: 70 + index * 3 })));
  assert.deepEqual(found, ['gateway: files grew by 12']);
});
