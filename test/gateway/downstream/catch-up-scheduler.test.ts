import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CatchUpReader, CatchUpScheduler } from '../../../gateway/downstream/catch-up-scheduler.ts';

/** A clock that moves when somebody works. */
function openClock(t: TestContext): { work(ms: number): void } {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  return {
    work(ms) {
      now += ms;
    },
  };
}

test('catch-up scheduler serves readers in turn, and yields after 5 ms', async (t) => {
  const clock = openClock(t);
  const turns = new CatchUpScheduler();
  const taken: string[] = [];
  const reader = (name: string, batches: number): CatchUpReader => ({
    sendNext() {
      taken.push(name);
      clock.work(2);
      if (--batches > 0) turns.enqueue(this);
    },
  });
  for (const each of [reader('a', 3), reader('b', 2), reader('c', 1)]) turns.enqueue(each);
  assert.deepEqual(taken, [], 'not at once: who asks may have more to do');
  await nextTurn();
  assert.deepEqual(taken, ['a', 'b', 'c']);
  await nextTurn();
  assert.deepEqual(taken, ['a', 'b', 'c', 'a', 'b', 'a']);
  await nextTurn();
  assert.equal(taken.length, 6);
});

test('catch-up scheduler enqueues a waiting reader once', async (t) => {
  openClock(t);
  const turns = new CatchUpScheduler();
  let taken = 0;
  const reader = { sendNext: () => void taken++ };
  turns.enqueue(reader);
  turns.enqueue(reader);
  await nextTurn();
  await nextTurn();
  assert.equal(taken, 1);
});
