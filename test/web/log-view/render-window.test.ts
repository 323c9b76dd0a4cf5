import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { INITIAL_ROWS, NEW_STEP_ROWS, RenderWindow, STEP_ROWS } from '../../../web/log-view/render-window.ts';
import { LogSegment } from '../../../web/timeline/log-segment.ts';
import { buildRows, type Row } from '../../../web/timeline/rows.ts';
import { entry } from '../fakes.ts';

function linesOf(from: number, to: number): readonly Row[] {
  const log = new LogSegment(() => false);
  for (let seq = from; seq <= to; seq++) log.append(entry(seq, 'a'));
  return buildRows(log.items, []);
}

/** Numbers of the first and the last that are drawn. */
function ends(lines: readonly Row[]): string {
  const seqs = lines.flatMap((line) => (line.kind === 'message' ? [line.message.seq] : []));
  return `${seqs[0]}-${seqs.at(-1)}`;
}

function lineOf(lines: readonly Row[], seq: number): Row | undefined {
  return lines.find((line) => line.kind === 'message' && line.message.seq === seq);
}

describe('drawn lines', () => {
  it('are the last ones, and go on with the newest', () => {
    const drawn = new RenderWindow();
    assert.equal(ends(drawn.slice(linesOf(1, 100), true)), `${101 - INITIAL_ROWS}-100`);
    assert.equal(ends(drawn.slice(linesOf(1, 101), true)), `${102 - INITIAL_ROWS}-101`);
    // One is the day.
    assert.deepEqual(drawn.left, { above: 102 - INITIAL_ROWS, below: 0 });
  });

  it('go on a few at a time when many are new, all at once when more are new than stay', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    const news = linesOf(1, 100 + INITIAL_ROWS);
    assert.equal(
      ends(drawn.slice(news, true)),
      `${101 + NEW_STEP_ROWS - INITIAL_ROWS}-${100 + NEW_STEP_ROWS}`,
    );
    assert.equal(drawn.left.below, INITIAL_ROWS - NEW_STEP_ROWS);
    const more = linesOf(1, 100 + NEW_STEP_ROWS + INITIAL_ROWS + 1);
    assert.equal(
      ends(drawn.slice(more, true)),
      `${102 + NEW_STEP_ROWS}-${101 + NEW_STEP_ROWS + INITIAL_ROWS}`,
    );
    assert.equal(drawn.left.below, 0);
  });

  it('go on beyond own messages that are in no log, however many', () => {
    const notice = (order: number) => {
      const place = { after: 0, order };
      return { place, note: { kind: 'notice', key: `note-${order}`, at: 0, text: 'OK', ...place } as const };
    };
    const say = (order: number) => {
      const words = { id: `${order}`, text: 'a', at: 0, asked: true, state: 'heard' } as const;
      return { place: { after: 0, order }, say: words };
    };
    const says = Array.from({ length: NEW_STEP_ROWS + 2 }, (_, index) => say(index + 2));
    const drawn = new RenderWindow();
    drawn.slice(buildRows([], [notice(1), ...says]), true);
    drawn.slice(buildRows([], [notice(1), ...says, notice(99)]), true);
    assert.equal(drawn.left.below, 0);
  });

  it('are all where there are few', () => {
    const drawn = new RenderWindow();
    assert.equal(ends(drawn.slice(linesOf(1, 3), true)), '1-3');
    assert.equal(ends(drawn.slice(linesOf(1, 4), true)), '1-4');
    assert.deepEqual(drawn.left, { above: 0, below: 0 });
  });

  it('grow upwards by a step when more is wanted, and stay so many at the newest', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    drawn.grow('above');
    assert.equal(drawn.isGrowing('above'), true);
    assert.equal(ends(drawn.slice(linesOf(1, 100), true)), `${101 - INITIAL_ROWS - STEP_ROWS}-100`);
    assert.equal(drawn.isGrowing('above'), false);
    assert.equal(ends(drawn.slice(linesOf(1, 101), true)), `${102 - INITIAL_ROWS - STEP_ROWS}-101`);
  });

  it('begin and end where they did while something further up is read', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    const first = 101 - INITIAL_ROWS;
    assert.equal(ends(drawn.slice(linesOf(1, 120), false)), `${first}-100`);
    assert.equal(ends(drawn.slice(linesOf(-20, 120), false)), `${first}-100`);
    assert.equal(drawn.left.below, 20);
    drawn.grow('above');
    assert.equal(ends(drawn.slice(linesOf(-20, 120), false)), `${first - STEP_ROWS}-100`);
    drawn.grow('below');
    assert.equal(ends(drawn.slice(linesOf(-20, 120), false)), `${first - STEP_ROWS}-${100 + STEP_ROWS}`);
  });

  it('let go of what is far, a step at a time, unless more is wanted there', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    const first = 101 - INITIAL_ROWS;
    drawn.shrink('below', STEP_ROWS + 1);
    assert.equal(ends(drawn.slice(linesOf(1, 100), false)), `${first}-${100 - STEP_ROWS}`);
    drawn.shrink('above', 1);
    assert.equal(ends(drawn.slice(linesOf(1, 100), false)), `${first + 1}-${100 - STEP_ROWS}`);
    drawn.grow('below');
    drawn.shrink('below', 1);
    assert.equal(ends(drawn.slice(linesOf(1, 100), false)), `${first + 1}-100`);
  });

  it('stay as many when the newest is read again, and are few when it is gone to from far', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    drawn.grow('above');
    drawn.slice(linesOf(1, 100), false);
    assert.equal(ends(drawn.slice(linesOf(1, 100), true)), `${101 - INITIAL_ROWS - STEP_ROWS}-100`);
    drawn.slice(linesOf(1, 110), false);
    drawn.showNewest();
    assert.equal(ends(drawn.slice(linesOf(1, 110), true)), `${111 - STEP_ROWS}-110`);
    drawn.grow('above');
    assert.equal(ends(drawn.slice(linesOf(1, 110), true)), `${111 - 2 * STEP_ROWS}-110`);
  });

  it('stand around a place that is gone to', () => {
    const drawn = new RenderWindow();
    const lines = linesOf(1, 100);
    drawn.slice(lines, true);
    drawn.showFrom(lineOf(lines, 50));
    assert.equal(ends(drawn.slice(lines, false)), `${50 - STEP_ROWS}-${50 + INITIAL_ROWS}`);
  });

  it('take the day with its first message', () => {
    const lines = linesOf(1, 20);
    const drawn = new RenderWindow();
    drawn.slice(lines, true);
    drawn.showFrom(lineOf(lines, STEP_ROWS + 1));
    assert.equal(drawn.slice(lines, false), lines);
  });

  it('are as many beside where they were when that is gone', () => {
    const drawn = new RenderWindow();
    drawn.slice(linesOf(1, 100), true);
    assert.equal(drawn.slice(linesOf(500, 540), false).length, INITIAL_ROWS);
    drawn.slice(linesOf(1, 100), true);
    assert.equal(ends(drawn.slice(linesOf(90, 140), false)), '90-100');
  });
});
