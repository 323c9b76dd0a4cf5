import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RENDER_INTERVAL_MS, RenderThrottle } from '../../../web/ui/render-throttle.ts';
import { ManualClock } from '../fakes.ts';

function quietRoom() {
  const clock = new ManualClock();
  const drawnAt: number[] = [];
  const render = () => drawnAt.push(clock.now - began);
  const began = clock.now;
  return {
    clock,
    drawnAt,
    redraw: new RenderThrottle({ startTimer: clock.startTimer, now: () => clock.now, render: render }),
  };
}

describe('render throttle', () => {
  it('renders the first change at once', () => {
    const { clock, drawnAt, redraw } = quietRoom();
    redraw.request();
    clock.pass(0);
    clock.pass(RENDER_INTERVAL_MS);
    redraw.request();
    clock.pass(0);
    assert.deepEqual(drawnAt, [0, RENDER_INTERVAL_MS]);
  });

  it('renders later changes together after RENDER_INTERVAL_MS', () => {
    const { clock, drawnAt, redraw } = quietRoom();
    redraw.request();
    clock.pass(0);
    for (let i = 1; i < RENDER_INTERVAL_MS; i++) {
      clock.pass(1);
      redraw.request();
    }
    assert.deepEqual(drawnAt, [0]);
    clock.pass(1);
    clock.pass(10 * RENDER_INTERVAL_MS);
    assert.deepEqual(drawnAt, [0, RENDER_INTERVAL_MS]);
  });
});
