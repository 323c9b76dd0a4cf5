import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DRAWN_FIRST, DRAWN_STEP, DrawnLines } from '../../web/drawn-lines.ts';
import { composeLines, type Line } from '../../web/lines.ts';
import { Log } from '../../web/log.ts';
import { entry } from './fakes.ts';

function linesOf(from: number, to: number): readonly Line[] {
  const log = new Log(() => false);
  for (let seq = from; seq <= to; seq++) log.hear(entry(seq, 'a'));
  return composeLines(log.items, []);
}

/** Numbers of the first and the last that are drawn. */
function ends(lines: readonly Line[]): string {
  const seqs = lines.flatMap((line) => (line.kind === 'message' ? [line.message.seq] : []));
  return `${seqs[0]}-${seqs.at(-1)}`;
}

describe('drawn lines', () => {
  it('are the last ones, and go on with the newest', () => {
    const drawn = new DrawnLines();
    assert.equal(ends(drawn.cut(linesOf(1, 100), true)), `${101 - DRAWN_FIRST}-100`);
    assert.equal(ends(drawn.cut(linesOf(1, 101), true)), `${102 - DRAWN_FIRST}-101`);
    assert.equal(drawn.isCut, true);
  });

  it('are all where there are few', () => {
    const drawn = new DrawnLines();
    assert.equal(ends(drawn.cut(linesOf(1, 3), true)), '1-3');
    assert.equal(drawn.isCut, false);
  });

  it('grow upwards by a step when more is wanted, and stay so many at the newest', () => {
    const drawn = new DrawnLines();
    drawn.cut(linesOf(1, 100), true);
    drawn.grow();
    assert.equal(drawn.isGrowing, true);
    assert.equal(ends(drawn.cut(linesOf(1, 100), true)), `${101 - DRAWN_FIRST - DRAWN_STEP}-100`);
    assert.equal(drawn.isGrowing, false);
    assert.equal(ends(drawn.cut(linesOf(1, 101), true)), `${102 - DRAWN_FIRST - DRAWN_STEP}-101`);
  });

  it('begin where they began while something further up is read', () => {
    const drawn = new DrawnLines();
    drawn.cut(linesOf(1, 100), true);
    const first = 101 - DRAWN_FIRST;
    assert.equal(ends(drawn.cut(linesOf(1, 120), false)), `${first}-120`);
    assert.equal(ends(drawn.cut(linesOf(-20, 120), false)), `${first}-120`);
    drawn.grow();
    assert.equal(ends(drawn.cut(linesOf(-20, 120), false)), `${first - DRAWN_STEP}-120`);
  });

  it('are few again at the newest', () => {
    const drawn = new DrawnLines();
    drawn.cut(linesOf(1, 100), true);
    drawn.cut(linesOf(1, 200), false);
    assert.equal(ends(drawn.cut(linesOf(1, 200), true)), `${201 - DRAWN_FIRST}-200`);
  });

  it('begin a little before a place that is gone to', () => {
    const drawn = new DrawnLines();
    const lines = linesOf(1, 100);
    drawn.cut(lines, true);
    drawn.showFrom(lines.find((line) => line.kind === 'message' && line.message.seq === 50));
    assert.equal(ends(drawn.cut(lines, false)), `${50 - DRAWN_STEP}-100`);
  });

  it('take the day with its first message', () => {
    const lines = linesOf(1, 100);
    const drawn = new DrawnLines();
    drawn.cut(lines, true);
    drawn.showFrom(lines.find((line) => line.kind === 'message' && line.message.seq === DRAWN_STEP + 1));
    assert.equal(drawn.cut(lines, false), lines);
  });

  it('are all that is here when where they began is gone', () => {
    const drawn = new DrawnLines();
    drawn.cut(linesOf(1, 100), true);
    assert.equal(ends(drawn.cut(linesOf(500, 540), false)), '500-540');
  });
});
