import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BURST,
  BURST_WITHIN_MS,
  LiveAnnouncer,
  SUMMARY_EVERY_MS,
} from '../../../web/log-view/live-announcer.ts';
import { ManualClock } from '../fakes.ts';

function listener() {
  const clock = new ManualClock();
  const told: number[] = [];
  const announcer: LiveAnnouncer = new LiveAnnouncer({
    startTimer: clock.startTimer,
    now: () => clock.now,
    changed: () => told.push(announcer.summary),
  });
  return { clock, told, announcer };
}

describe('LiveAnnouncer', () => {
  it('lets each message be read until a burst', () => {
    const { announcer } = listener();
    announcer.add(BURST);
    assert.equal(announcer.isBurst, false);
    announcer.add(1);
    assert.equal(announcer.isBurst, true);
  });

  it('starts no burst for messages with pauses between them', () => {
    const { clock, announcer } = listener();
    for (let i = 0; i < 3 * BURST; i++) {
      announcer.add(1);
      clock.pass(BURST_WITHIN_MS / BURST);
    }
    assert.equal(announcer.isBurst, false);
  });

  it('counts new entries as news, but not those of the first show', () => {
    const { announcer } = listener();
    const seqs = Array.from({ length: 2 * BURST }, (_, i) => i + 1);
    announcer.show(seqs, true);
    announcer.show([0, ...seqs], true);
    announcer.show([...seqs, 100, 101, 102, 103, 104, 105], false);
    assert.equal(announcer.isBurst, false);
    announcer.show([...seqs, 110, 111, 112, 113, 114, 115], true);
    assert.equal(announcer.isBurst, true);
  });

  it('announces in a burst how many messages came, each once, until the burst ends', () => {
    const { clock, told, announcer } = listener();
    announcer.add(50);
    announcer.add(7);
    clock.pass(SUMMARY_EVERY_MS);
    announcer.add(20);
    clock.pass(SUMMARY_EVERY_MS);
    announcer.add(1);
    assert.equal(announcer.isBurst, true);
    clock.pass(SUMMARY_EVERY_MS);
    assert.equal(announcer.isBurst, false);
    assert.deepEqual(told, [57, 20, 1]);
    clock.pass(10 * SUMMARY_EVERY_MS);
    assert.equal(told.length, 3);
  });

  it('takes more entry numbers than a function takes arguments', () => {
    const { announcer } = listener();
    announcer.show(
      Array.from({ length: 500_000 }, (_, i) => i + 1),
      false,
    );
    assert.equal(announcer.newest, 500_000);
  });
});
