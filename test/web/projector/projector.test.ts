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
  moderation = { revision: 0, title: '', pinned: '', paused: false };
  readonly projector = new Projector({
    historyApi: new HistoryApi({
      fetchJson: this.archive.fetchJson,
      startTimer: this.clock.startTimer,
      changed: () => {},
    }),
    hearsRoom: async () => this.isRoomOpen,
    countPeople: async () => 25,
    readModeration: async () => this.moderation,
    startTimer: this.clock.startTimer,
    changed: () => {},
  });

  async start(): Promise<this> {
    this.projector.start();
    await answersProcessed();
    return this;
  }

  async refreshes(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.clock.pass(REFRESH_MS);
      await answersProcessed();
    }
  }

  get texts(): string[] {
    return this.projector.rows.flatMap((row) => (row.kind === 'message' ? [row.message.text] : []));
  }
}

describe('Projector', () => {
  it('is locked while the room requires a passphrase, and shows messages after', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    wall.archive.isLocked = true;
    await wall.start();
    assert.equal(wall.projector.status, 'locked');
    wall.archive.isLocked = false;
    await wall.refreshes();
    assert.equal(wall.projector.status, 'live');
    assert.deepEqual(wall.texts, ['m1', 'm2', 'm3']);
  });

  it('shows the newest messages and each new one', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    assert.equal(wall.projector.status, 'live');
    wall.archive.entries.push(entry(4, 'm4'));
    await wall.refreshes();
    assert.deepEqual(wall.texts, ['m1', 'm2', 'm3', 'm4']);
  });

  it('keeps its messages while it is frozen, and counts the new ones', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    assert.equal(wall.projector.people, 25);
    wall.projector.toggleFreeze();
    wall.archive.entries.push(entry(4, 'm4'), entry(5, 'm5'));
    await wall.refreshes();
    assert.deepEqual(wall.texts, ['m1', 'm2', 'm3']);
    assert.equal(wall.projector.newMessages, 2);
    wall.projector.toggleFreeze();
    assert.deepEqual(wall.texts, ['m1', 'm2', 'm3', 'm4', 'm5']);
    assert.equal(wall.projector.newMessages, 0);
  });

  it('stays frozen after an act of a host, without a message that the host has hidden', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.projector.toggleFreeze();
    wall.archive.entries[1] = entry(2, '', { hidden: true });
    wall.archive.entries.push(entry(4, 'm4'));
    wall.archive.revision = 1;
    wall.moderation = { ...wall.moderation, revision: 1 };
    await wall.refreshes();
    assert.deepEqual(wall.texts, ['m1', 'm3']);
    assert.equal(wall.projector.newMessages, 1);
  });

  it('requests only new messages and keeps its rows when there are none', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    const { rows } = wall.projector;
    await wall.refreshes(2);
    assert.equal(wall.projector.rows, rows);
    assert.deepEqual(wall.archive.requests, [
      `limit=${MAX_SHOWN_MESSAGES}`,
      `after=3&limit=${MAX_SHOWN_MESSAGES}`,
      `after=3&limit=${MAX_SHOWN_MESSAGES}`,
    ]);
  });

  it('reads its messages and the title again after an act of a host', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.archive.entries.splice(1, 1, { ...entry(2, ''), hidden: true });
    wall.archive.revision = 1;
    wall.moderation = { revision: 1, title: 'Redes I', pinned: '', paused: false };
    await wall.refreshes();
    assert.deepEqual([wall.texts, wall.projector.moderation?.title], [['m1', 'm3'], 'Redes I']);
  });

  it('limits its messages and skips those it missed', async () => {
    const wall = new Wall();
    wall.archive.keep(MAX_SHOWN_MESSAGES + 50);
    await wall.start();
    assert.deepEqual(
      [wall.texts.length, wall.texts.at(-1)],
      [MAX_SHOWN_MESSAGES, `m${MAX_SHOWN_MESSAGES + 50}`],
    );
    wall.archive.keep(MAX_SHOWN_MESSAGES * 5);
    await wall.refreshes();
    assert.deepEqual(
      [wall.texts.length, wall.texts.at(-1)],
      [MAX_SHOWN_MESSAGES, `m${MAX_SHOWN_MESSAGES * 5}`],
    );
  });

  it('starts over with another log', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.archive.epoch = 'epoch-2';
    wall.archive.entries = [entry(1, 'anew')];
    await wall.refreshes();
    assert.deepEqual(wall.texts, ['anew']);
    wall.archive.epoch = 'epoch-3';
    wall.archive.entries = [];
    await wall.refreshes();
    assert.deepEqual(wall.texts, []);
  });

  it('retries while the gateway is unreachable and keeps its messages', async () => {
    const wall = new Wall();
    wall.archive.keep(3);
    await wall.start();
    wall.archive.fails = true;
    await wall.refreshes(2);
    assert.equal(wall.projector.status, 'offline');
    assert.equal(wall.texts.length, 3);
    wall.archive.fails = false;
    await wall.refreshes();
    assert.equal(wall.projector.status, 'live');
  });

  it('is roomless while the gateway is not connected to the room', async () => {
    const wall = await new Wall().start();
    wall.isRoomOpen = false;
    await wall.refreshes(REFRESHES_PER_ROOM_CHECK);
    assert.equal(wall.projector.status, 'roomless');
    wall.isRoomOpen = true;
    await wall.refreshes(REFRESHES_PER_ROOM_CHECK);
    assert.equal(wall.projector.status, 'live');
  });

  it('requests nothing after stop, also with an answer on its way', async () => {
    const wall = new Wall();
    wall.archive.isSlow = true;
    await wall.start();
    wall.projector.stop();
    for (const answer of wall.archive.pendingAnswers) answer();
    await answersProcessed();
    await wall.refreshes(3);
    assert.equal(wall.archive.requests.length, 1);
  });
});
