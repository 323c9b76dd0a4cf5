import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';

/** Two tasks that work for some time in each slice, on a clock that moves only when they work or the test waits. */
class Tasks {
  readonly slices: TimeSlices;
  done = '';
  readonly #t: TestContext;
  readonly #sliceMs: number;
  #now = 0;

  constructor(t: TestContext, slices = new TimeSlices(), sliceMs = 1) {
    this.slices = slices;
    this.#t = t;
    this.#sliceMs = sliceMs;
    t.mock.method(performance, 'now', () => this.#now);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    void this.#work('a');
    void this.#work('b');
  }

  wait(ms: number): void {
    this.#now += ms;
    this.#t.mock.timers.tick(ms);
  }

  async #work(name: string): Promise<void> {
    for (let slice = 0; slice < 3; slice++) {
      await this.slices.next();
      // As a generator does that passes its result on.
      await Promise.resolve();
      this.#now += this.#sliceMs;
      this.done += name;
    }
  }
}

test('time slices of a silent room run one in each iteration of the event loop, in turn', async (t) => {
  const tasks = new Tasks(t);
  for (const done of ['a', 'ab', 'aba', 'abab', 'ababa', 'ababab']) {
    await nextIteration();
    assert.equal(tasks.done, done);
  }
});

test('time slices rest five times as long as they worked while people talk', async (t) => {
  const tasks = new Tasks(t);
  tasks.slices.onMessage();
  await nextIteration();
  assert.equal(tasks.done, 'a');
  for (const done of ['ab', 'aba']) {
    const before: string = tasks.done;
    tasks.wait(4);
    for (let iteration = 0; iteration < 3; iteration++) await nextIteration();
    assert.equal(tasks.done, before, 'messages pass meanwhile');
    tasks.wait(1);
    await nextIteration();
    assert.equal(tasks.done, done);
  }
});

test('short time slices rest together, after as much work as their pace allows', async (t) => {
  const tasks = new Tasks(t, new TimeSlices({ share: 0.25, workMs: 1 }), 0.5);
  tasks.slices.onMessage();
  for (let iteration = 0; iteration < 5; iteration++) await nextIteration();
  assert.equal(tasks.done, 'ab');
  tasks.wait(2);
  for (let iteration = 0; iteration < 5; iteration++) await nextIteration();
  assert.equal(tasks.done, 'ab', 'messages pass meanwhile');
  tasks.wait(1);
  for (let iteration = 0; iteration < 5; iteration++) await nextIteration();
  assert.equal(tasks.done, 'abab');
});

test('time slices run without a rest a second after the last message', async (t) => {
  const tasks = new Tasks(t);
  tasks.slices.onMessage();
  tasks.wait(1_000);
  for (const done of ['a', 'ab', 'aba']) {
    await nextIteration();
    assert.equal(tasks.done, done);
  }
});

test('time slices rest also before a task that begins when no other waits', async (t) => {
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  let done = 0;
  const slices = new TimeSlices();
  const begin = (): void =>
    void slices.next().then(() => {
      now += 1;
      done++;
    });
  slices.onMessage();
  begin();
  await nextIteration();
  assert.equal(done, 1);
  begin();
  await nextIteration();
  assert.equal(done, 1);
  t.mock.timers.tick(5);
  await nextIteration();
  assert.equal(done, 2);
});
