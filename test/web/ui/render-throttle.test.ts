import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DRAW_EVERY, Redraw } from '../../../web/ui/render-throttle.ts';
import { FakeClock } from '../fakes.ts';

function quietRoom() {
  const clock = new FakeClock();
  const drawnAt: number[] = [];
  const draw = () => drawnAt.push(clock.now - began);
  const began = clock.now;
  return { clock, drawnAt, redraw: new Redraw({ wait: clock.wait, now: () => clock.now, draw }) };
}

describe('redraw', () => {
  it('draws at once what changes in a quiet room', () => {
    const { clock, drawnAt, redraw } = quietRoom();
    redraw.ask();
    clock.pass(0);
    clock.pass(DRAW_EVERY);
    redraw.ask();
    clock.pass(0);
    assert.deepEqual(drawnAt, [0, DRAW_EVERY]);
  });

  it('draws together what changes while the last drawing is young', () => {
    const { clock, drawnAt, redraw } = quietRoom();
    redraw.ask();
    clock.pass(0);
    for (let i = 1; i < DRAW_EVERY; i++) {
      clock.pass(1);
      redraw.ask();
    }
    assert.deepEqual(drawnAt, [0]);
    clock.pass(1);
    clock.pass(10 * DRAW_EVERY);
    assert.deepEqual(drawnAt, [0, DRAW_EVERY]);
  });
});
