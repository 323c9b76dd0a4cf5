import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeopleHere } from '../../../gateway/protocol.ts';
import { PeopleList, REFRESH_MS } from '../../../web/client/people-list.ts';
import { ANA, answersProcessed, ManualClock } from '../fakes.ts';

class PeopleHarness {
  readonly clock = new ManualClock();
  readonly people: PeopleList;
  answer: unknown = {
    browsers: [{ id: 'ana', address: ANA, nickname: 'Ana' }],
    terminals: [],
    unlisted: 0,
    count: 1,
  };
  requests = 0;

  constructor() {
    this.people = new PeopleList({
      fetchJson: async () => {
        this.requests++;
        return this.answer;
      },
      startTimer: this.clock.startTimer,
      changed: () => {},
    });
  }

  async open(): Promise<void> {
    this.people.setOpen(true);
    await answersProcessed();
  }

  async pass(ms: number): Promise<void> {
    this.clock.pass(ms);
    await answersProcessed();
  }
}

describe('people list', () => {
  it('takes the number of people without a request', () => {
    const { people } = new PeopleHarness();
    assert.equal(people.count, undefined);
    people.onCount(7);
    assert.deepEqual([people.count, people.here], [7, undefined]);
  });

  it('fetches while it is open, at intervals and after changes', async () => {
    const harness = new PeopleHarness();
    harness.people.onCount(3);
    await harness.pass(REFRESH_MS);
    assert.equal(harness.requests, 0);
    await harness.open();
    assert.deepEqual([harness.requests, harness.people.here], [1, harness.answer as PeopleHere]);
    await harness.pass(REFRESH_MS);
    assert.equal(harness.requests, 2);
    harness.people.onCount(4);
    await answersProcessed();
    assert.equal(harness.requests, 3);
    harness.people.setOpen(false);
    harness.people.onCount(5);
    await harness.pass(REFRESH_MS);
    assert.equal(harness.requests, 3);
  });

  it('fetches again when the number changes during a request', async () => {
    const harness = new PeopleHarness();
    harness.people.setOpen(true);
    const before = harness.answer;
    harness.answer = { browsers: [], terminals: [], unlisted: 0, count: 0 };
    harness.people.onCount(0);
    harness.people.onCount(0);
    await answersProcessed();
    assert.notDeepEqual(harness.people.here, before);
    assert.deepEqual([harness.requests, harness.people.here], [2, harness.answer]);
    harness.people.onCount(0);
    await answersProcessed();
    assert.equal(harness.requests, 3);
  });

  it('has one request at a time, however often the number changes', async () => {
    const harness = new PeopleHarness();
    await harness.open();
    for (let i = 0; i < 100; i++) harness.people.onCount(i);
    await answersProcessed();
    assert.equal(harness.requests, 3);
  });

  it('keeps the last list after a failed request, and retries', async () => {
    const harness = new PeopleHarness();
    await harness.open();
    const known = harness.people.here;
    for (const answer of [
      undefined,
      'no',
      { browsers: [{}], terminals: [], unlisted: 0, count: 1 },
      { browsers: [], terminals: [{ address: ANA, at: 'now' }], unlisted: 0, count: 1 },
    ]) {
      harness.answer = answer;
      await harness.pass(REFRESH_MS);
      assert.deepEqual([harness.people.hasFailed, harness.people.here], [true, known]);
    }
    harness.answer = { browsers: [], terminals: [{ address: ANA, at: 1 }], unlisted: 0, count: 1 };
    harness.people.refresh();
    await answersProcessed();
    assert.deepEqual([harness.people.hasFailed, harness.people.here], [false, harness.answer as PeopleHere]);
  });
});
