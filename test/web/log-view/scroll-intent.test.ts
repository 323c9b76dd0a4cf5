import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GESTURE_PAUSE_MS,
  IN_FLIGHT_MS,
  ScrollIntent,
  STEP_WITHIN_MS,
} from '../../../web/log-view/scroll-intent.ts';

function intentAt(start: number) {
  const clock = { now: start };
  return { clock, intent: new ScrollIntent(() => clock.now) };
}

describe('ScrollIntent', () => {
  it('holds the newest against wheel events that are older than the key and come after it', () => {
    const { intent } = intentAt(1_000);
    intent.goToNewest(990);
    intent.onWheel({ timeStamp: 900 });
    assert.equal(intent.isHolding, true);
  });

  it('holds the newest against the momentum of a wheel gesture that began before the key', () => {
    const { intent } = intentAt(1_000);
    intent.onWheel({ timeStamp: 995 });
    intent.goToNewest(1_000);
    for (let at = 1_005; at < 1_500; at += 16) intent.onWheel({ timeStamp: at });
    assert.equal(intent.isHolding, true);
    intent.onWheel({ timeStamp: 1_500 + GESTURE_PAUSE_MS });
    assert.equal(intent.isHolding, false);
  });

  it('releases the newest when a new wheel gesture begins, a key leads away, or time is over', () => {
    const { clock, intent } = intentAt(1_000);
    intent.goToNewest();
    intent.onWheel({ timeStamp: 1_001 });
    assert.equal(intent.isHolding, false);
    intent.goToNewest();
    intent.leave();
    assert.equal(intent.isHolding, false);
    intent.goToNewest();
    clock.now += IN_FLIGHT_MS;
    assert.equal(intent.isHolding, false);
  });

  it('awaits the next step of a scroll for a while, but not after a wish for the newest', () => {
    const { clock, intent } = intentAt(1_000);
    assert.equal(intent.isScrolling, false);
    intent.onScroll();
    clock.now += STEP_WITHIN_MS - 1;
    assert.equal(intent.isScrolling, true);
    clock.now += 1;
    assert.equal(intent.isScrolling, false);
    intent.onScroll();
    intent.goToNewest();
    assert.equal(intent.isScrolling, false);
  });

  it('is leaving until another wish or a new wheel gesture, however slow the browser scrolls', () => {
    const { clock, intent } = intentAt(1_000);
    intent.leave();
    clock.now += 60_000;
    assert.equal(intent.isLeaving, true);
    intent.goToNewest();
    assert.equal(intent.isLeaving, false);
    intent.leave();
    intent.onWheel({ timeStamp: clock.now });
    assert.equal(intent.isLeaving, false);
  });
});
