import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { type CatchUpReader, CatchUpScheduler } from '../../../gateway/downstream/catch-up-scheduler.ts';

/** A clock that moves only when a reader works. */
function openClock(t: TestContext): { work(ms: number): void } {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  return {
    work(ms) {
      now += ms;
    },
  };
}

test('catch-up scheduler serves readers in turn, and yields after half a ms', async (t) => {
  const clock = openClock(t);
  const scheduler = new CatchUpScheduler();
  const served: string[] = [];
  const reader = (name: string, batches: number): CatchUpReader => ({
    sendNext() {
      served.push(name);
      clock.work(0.2);
      if (--batches > 0) scheduler.enqueue(this);
    },
  });
  for (const each of [reader('a', 3), reader('b', 2), reader('c', 1)]) scheduler.enqueue(each);
  assert.deepEqual(served, [], 'not before the end of the iteration');
  await nextIteration();
  assert.deepEqual(served, ['a', 'b', 'c']);
  await nextIteration();
  assert.deepEqual(served, ['a', 'b', 'c', 'a', 'b', 'a']);
  await nextIteration();
  assert.equal(served.length, 6);
});

test('catch-up scheduler enqueues a waiting reader once', async (t) => {
  openClock(t);
  const scheduler = new CatchUpScheduler();
  let served = 0;
  const reader = { sendNext: () => void served++ };
  scheduler.enqueue(reader);
  scheduler.enqueue(reader);
  await nextIteration();
  await nextIteration();
  assert.equal(served, 1);
});
