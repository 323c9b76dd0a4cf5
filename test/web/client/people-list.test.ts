import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeopleHere } from '../../../gateway/protocol.ts';
import { PeopleList, REFRESH_MS } from '../../../web/client/people-list.ts';
import { ANA, answersTaken, FakeClock } from '../fakes.ts';

class Room {
  readonly clock = new FakeClock();
  readonly people: PeopleList;
  answer: unknown = { browsers: [{ id: 'ana', address: ANA, nickname: 'Ana' }], terminals: [], count: 1 };
  asked = 0;

  constructor() {
    this.people = new PeopleList({
      fetchJson: async () => {
        this.asked++;
        return this.answer;
      },
      startTimer: this.clock.wait,
      changed: () => {},
    });
  }

  async watch(): Promise<void> {
    this.people.setOpen(true);
    await answersTaken();
  }

  async pass(ms: number): Promise<void> {
    this.clock.pass(ms);
    await answersTaken();
  }
}

describe('people list', () => {
  it('takes the number of people without a request', () => {
    const { people } = new Room();
    assert.equal(people.count, undefined);
    people.onCount(7);
    assert.deepEqual([people.count, people.here], [7, undefined]);
  });

  it('fetches while it is open, at intervals and after changes', async () => {
    const room = new Room();
    room.people.onCount(3);
    await room.pass(REFRESH_MS);
    assert.equal(room.asked, 0);
    await room.watch();
    assert.deepEqual([room.asked, room.people.here], [1, room.answer as PeopleHere]);
    await room.pass(REFRESH_MS);
    assert.equal(room.asked, 2);
    room.people.onCount(4);
    await answersTaken();
    assert.equal(room.asked, 3);
    room.people.setOpen(false);
    room.people.onCount(5);
    await room.pass(REFRESH_MS);
    assert.equal(room.asked, 3);
  });

  it('fetches again when the number changes during a request', async () => {
    const room = new Room();
    room.people.setOpen(true);
    const before = room.answer;
    room.answer = { browsers: [], terminals: [], count: 0 };
    room.people.onCount(0);
    room.people.onCount(0);
    await answersTaken();
    assert.notDeepEqual(room.people.here, before);
    assert.deepEqual([room.asked, room.people.here], [2, room.answer]);
    room.people.onCount(0);
    await answersTaken();
    assert.equal(room.asked, 3);
  });

  it('has one request at a time, however often the number changes', async () => {
    const room = new Room();
    await room.watch();
    for (let i = 0; i < 100; i++) room.people.onCount(i);
    await answersTaken();
    assert.equal(room.asked, 3);
  });

  it('keeps the last list after a failed request, and retries', async () => {
    const room = new Room();
    await room.watch();
    const known = room.people.here;
    for (const answer of [
      undefined,
      'no',
      { browsers: [{}], terminals: [], count: 1 },
      { browsers: [], terminals: [{ address: ANA, at: 'now' }], count: 1 },
    ]) {
      room.answer = answer;
      await room.pass(REFRESH_MS);
      assert.deepEqual([room.people.hasFailed, room.people.here], [true, known]);
    }
    room.answer = { browsers: [], terminals: [{ address: ANA, at: 1 }], count: 1 };
    room.people.refresh();
    await answersTaken();
    assert.deepEqual([room.people.hasFailed, room.people.here], [false, room.answer as PeopleHere]);
  });
});
