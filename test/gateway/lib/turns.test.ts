import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { Turns } from '../../../gateway/lib/turns.ts';

/** Runs tasks of some slices each, and returns which task worked in each slice. */
async function work(tasks: number, names: string, slicesOfTask: number): Promise<string> {
  const turns = new Turns({ next: nextIteration }, { tasks, slices: 2 });
  let done = '';
  const run = async (name: string): Promise<void> => {
    const slices = turns.task();
    for (let slice = 0; slice < slicesOfTask; slice++) {
      await slices.next();
      // As a generator does that passes its result on.
      await Promise.resolve();
      done += name;
    }
  };
  await Promise.all([...names].map(run));
  return done;
}

test('turns let one task work for its slices, then the next, until all have ended', async () => {
  assert.equal(await work(1, 'abc', 3), 'aabbccabc');
});

test('turns let so many tasks work at a time', async () => {
  assert.equal(await work(2, 'abcd', 2), 'ababcdcd');
});
