import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { type CatchUpReader, CatchUpScheduler } from '../../../gateway/downstream/catch-up-scheduler.ts';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';

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
  const scheduler = new CatchUpScheduler(new TimeSlices());
  const served: string[] = [];
  const reader = (name: string, batches: number): CatchUpReader => ({
    readsDisk: false,
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
  const scheduler = new CatchUpScheduler(new TimeSlices());
  let served = 0;
  const reader = { readsDisk: false, sendNext: () => void served++ };
  scheduler.enqueue(reader);
  scheduler.enqueue(reader);
  await nextIteration();
  await nextIteration();
  assert.equal(served, 1);
});

test('catch-up scheduler lets a reader of the disk rest while people talk', async (t) => {
  const clock = openClock(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const slices = new TimeSlices();
  const scheduler = new CatchUpScheduler(slices);
  let served = '';
  const reader = (name: string, readsDisk: boolean): CatchUpReader => {
    let batches = 2;
    return {
      readsDisk,
      sendNext() {
        served += name;
        clock.work(1);
        if (--batches > 0) scheduler.enqueue(this);
      },
    };
  };
  slices.onMessage();
  const disk = reader('d', true);
  scheduler.enqueue(disk);
  scheduler.enqueue(disk);
  await nextIteration();
  assert.equal(served, 'd', 'a waiting reader is enqueued once');
  scheduler.enqueue(reader('m', false));
  await nextIteration();
  await nextIteration();
  assert.equal(served, 'dmm', 'a reader of the memory does not wait');
  t.mock.timers.tick(5);
  await nextIteration();
  assert.equal(served, 'dmmd');
});
