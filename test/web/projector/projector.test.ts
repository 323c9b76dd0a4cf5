import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  MAX_SHOWN_MESSAGES,
  Projector,
  REFRESH_MS,
  REFRESHES_PER_ROOM_CHECK,
} from '../../../web/projector/projector.ts';
import { HistoryApi } from '../../../web/timeline/history-api.ts';
import { answersProcessed, entry, FakeHistoryApi, ManualClock } from '../fakes.ts';

class Wall {
  readonly archive = new FakeHistoryApi();
  readonly clock = new ManualClock();
  isRoomOpen = true;
  readonly projector = new Projector({
    historyApi: new HistoryApi({
      fetchJson: this.archive.fetchJson,
      startTimer: this.clock.startTimer,
      changed: () => {},
    }),
    hearsRoom: async () => this.isRoomOpen,
    startTimer: this.clock.startTimer,
    changed: () => {},
  });

  async start(): Promise<this> {
    this.projector.start();
    await answersProcessed();
    return this;
  }

  async looksAgain(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.clock.pass(REFRESH_MS);
      await answersProcessed();
    }
  }

  get words(): string[] {
    return this.projector.rows.flatMap((row) => (row.kind === 'message' ? [row.message.text] : []));
  }
}

describe('a projector', () => {
  it('tells that the room asks for a passphrase, and goes on once it is given', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    wall.archive.isLocked = true;
    await wall.start();
    assert.equal(wall.projector.status, 'locked');
    wall.archive.isLocked = false;
    await wall.looksAgain();
    assert.equal(wall.projector.status, 'live');
    assert.deepEqual(wall.words, ['m1', 'm2', 'm3']);
  });

  it('shows the newest, and what is added', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    assert.equal(wall.projector.status, 'live');
    wall.archive.entries.push(entry(4, 'm4'));
    await wall.looksAgain();
    assert.deepEqual(wall.words, ['m1', 'm2', 'm3', 'm4']);
  });

  it('asks for what is new alone, and stays the same while nothing is', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    const { rows } = wall.projector;
    await wall.looksAgain(2);
    assert.equal(wall.projector.rows, rows);
    assert.deepEqual(wall.archive.requests, [
      `limit=${MAX_SHOWN_MESSAGES}`,
      `after=3&limit=${MAX_SHOWN_MESSAGES}`,
      `after=3&limit=${MAX_SHOWN_MESSAGES}`,
    ]);
  });

  it('holds no more than can be read, and leaves out what ran away', async () => {
    const wall = new Wall();
    wall.archive.keep(MAX_SHOWN_MESSAGES + 50);
    await wall.start();
    assert.deepEqual(
      [wall.words.length, wall.words.at(-1)],
      [MAX_SHOWN_MESSAGES, `m${MAX_SHOWN_MESSAGES + 50}`],
    );
    wall.archive.keep(MAX_SHOWN_MESSAGES * 5);
    await wall.looksAgain();
    assert.deepEqual(
      [wall.words.length, wall.words.at(-1)],
      [MAX_SHOWN_MESSAGES, `m${MAX_SHOWN_MESSAGES * 5}`],
    );
  });

  it('begins anew with another log', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.archive.epoch = 'epoch-2';
    wall.archive.entries = [entry(1, 'anew')];
    await wall.looksAgain();
    assert.deepEqual(wall.words, ['anew']);
    wall.archive.epoch = 'epoch-3';
    wall.archive.entries = [];
    await wall.looksAgain();
    assert.deepEqual(wall.words, []);
  });

  it('goes on trying while there is no gateway, and keeps what it shows', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.archive.fails = true;
    await wall.looksAgain(2);
    assert.equal(wall.projector.status, 'offline');
    assert.equal(wall.words.length, 3);
    wall.archive.fails = false;
    await wall.looksAgain();
    assert.equal(wall.projector.status, 'live');
  });

  it('tells when the room does not answer', async () => {
    const wall = await new Wall().start();
    wall.isRoomOpen = false;
    await wall.looksAgain(REFRESHES_PER_ROOM_CHECK);
    assert.equal(wall.projector.status, 'roomless');
    wall.isRoomOpen = true;
    await wall.looksAgain(REFRESHES_PER_ROOM_CHECK);
    assert.equal(wall.projector.status, 'live');
  });

  it('asks no more once it has stopped, not even when an answer was on its way', async () => {
    const wall = new Wall();
    wall.archive.isSlow = true;
    await wall.start();
    wall.projector.stop();
    for (const answer of wall.archive.pendingAnswers) answer();
    await answersProcessed();
    await wall.looksAgain(3);
    assert.equal(wall.archive.requests.length, 1);
  });
});
