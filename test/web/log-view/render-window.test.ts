import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { INITIAL_ROWS, NEW_STEP_ROWS, RenderWindow, STEP_ROWS } from '../../../web/log-view/render-window.ts';
import { LogSegment } from '../../../web/timeline/log-segment.ts';
import { buildRows, type Row } from '../../../web/timeline/rows.ts';
import { entry } from '../fakes.ts';

function rowsOf(from: number, to: number): readonly Row[] {
  const log = new LogSegment(() => false);
  for (let seq = from; seq <= to; seq++) log.append(entry(seq, 'a'));
  return buildRows(log.items, []);
}

/** Returns the numbers of the first and the last drawn message. */
function ends(rows: readonly Row[]): string {
  const seqs = rows.flatMap((row) => (row.kind === 'message' ? [row.message.seq] : []));
  return `${seqs[0]}-${seqs.at(-1)}`;
}

function rowOf(rows: readonly Row[], seq: number): Row | undefined {
  return rows.find((row) => row.kind === 'message' && row.message.seq === seq);
}

describe('RenderWindow', () => {
  it('draws the last rows and follows the newest', () => {
    const window = new RenderWindow();
    assert.equal(ends(window.slice(rowsOf(1, 100), true)), `${101 - INITIAL_ROWS}-100`);
    assert.equal(ends(window.slice(rowsOf(1, 101), true)), `${102 - INITIAL_ROWS}-101`);
    // One is the day.
    assert.deepEqual(window.left, { above: 102 - INITIAL_ROWS, below: 0 });
  });

  it('adds new rows in steps, but all at once when more are new than stay', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    const news = rowsOf(1, 100 + INITIAL_ROWS);
    assert.equal(
      ends(window.slice(news, true)),
      `${101 + NEW_STEP_ROWS - INITIAL_ROWS}-${100 + NEW_STEP_ROWS}`,
    );
    assert.equal(window.left.below, INITIAL_ROWS - NEW_STEP_ROWS);
    const more = rowsOf(1, 100 + NEW_STEP_ROWS + INITIAL_ROWS + 1);
    assert.equal(
      ends(window.slice(more, true)),
      `${102 + NEW_STEP_ROWS}-${101 + NEW_STEP_ROWS + INITIAL_ROWS}`,
    );
    assert.equal(window.left.below, 0);
  });

  it('continues beyond own messages that are in no log', () => {
    const notice = (order: number) => {
      const place = { after: 0, order };
      return { place, note: { kind: 'notice', key: `note-${order}`, at: 0, text: 'OK', ...place } as const };
    };
    const outgoingItem = (order: number) => {
      const outgoing = { id: `${order}`, text: 'a', at: 0, asked: true, state: 'heard' } as const;
      return { place: { after: 0, order }, outgoing };
    };
    const says = Array.from({ length: NEW_STEP_ROWS + 2 }, (_, index) => outgoingItem(index + 2));
    const window = new RenderWindow();
    window.slice(buildRows([], [notice(1), ...says]), true);
    window.slice(buildRows([], [notice(1), ...says, notice(99)]), true);
    assert.equal(window.left.below, 0);
  });

  it('draws all rows when there are few', () => {
    const window = new RenderWindow();
    assert.equal(ends(window.slice(rowsOf(1, 3), true)), '1-3');
    assert.equal(ends(window.slice(rowsOf(1, 4), true)), '1-4');
    assert.deepEqual(window.left, { above: 0, below: 0 });
  });

  it('grows upwards by a step and keeps its size at the newest', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    window.grow('above');
    assert.equal(window.isGrowing('above'), true);
    assert.equal(ends(window.slice(rowsOf(1, 100), true)), `${101 - INITIAL_ROWS - STEP_ROWS}-100`);
    assert.equal(window.isGrowing('above'), false);
    assert.equal(ends(window.slice(rowsOf(1, 101), true)), `${102 - INITIAL_ROWS - STEP_ROWS}-101`);
  });

  it('keeps its first and last row while older messages are read', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    const first = 101 - INITIAL_ROWS;
    assert.equal(ends(window.slice(rowsOf(1, 120), false)), `${first}-100`);
    assert.equal(ends(window.slice(rowsOf(-20, 120), false)), `${first}-100`);
    assert.equal(window.left.below, 20);
    window.grow('above');
    assert.equal(ends(window.slice(rowsOf(-20, 120), false)), `${first - STEP_ROWS}-100`);
    window.grow('below');
    assert.equal(ends(window.slice(rowsOf(-20, 120), false)), `${first - STEP_ROWS}-${100 + STEP_ROWS}`);
  });

  it('removes far rows in steps, unless more is requested there', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    const first = 101 - INITIAL_ROWS;
    window.shrink('below', STEP_ROWS + 1);
    assert.equal(ends(window.slice(rowsOf(1, 100), false)), `${first}-${100 - STEP_ROWS}`);
    window.shrink('above', 1);
    assert.equal(ends(window.slice(rowsOf(1, 100), false)), `${first + 1}-${100 - STEP_ROWS}`);
    window.grow('below');
    window.shrink('below', 1);
    assert.equal(ends(window.slice(rowsOf(1, 100), false)), `${first + 1}-100`);
  });

  it('keeps its size back at the newest and is small after a jump from afar', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    window.grow('above');
    window.slice(rowsOf(1, 100), false);
    assert.equal(ends(window.slice(rowsOf(1, 100), true)), `${101 - INITIAL_ROWS - STEP_ROWS}-100`);
    window.slice(rowsOf(1, 110), false);
    window.showNewest();
    assert.equal(ends(window.slice(rowsOf(1, 110), true)), `${111 - STEP_ROWS}-110`);
    window.grow('above');
    assert.equal(ends(window.slice(rowsOf(1, 110), true)), `${111 - 2 * STEP_ROWS}-110`);
  });

  it('surrounds the row that it is moved to', () => {
    const window = new RenderWindow();
    const rows = rowsOf(1, 100);
    window.slice(rows, true);
    window.showFrom(rowOf(rows, 50));
    assert.equal(ends(window.slice(rows, false)), `${50 - STEP_ROWS}-${50 + INITIAL_ROWS}`);
  });

  it('includes the day with its first message', () => {
    const rows = rowsOf(1, 20);
    const window = new RenderWindow();
    window.slice(rows, true);
    window.showFrom(rowOf(rows, STEP_ROWS + 1));
    assert.equal(window.slice(rows, false), rows);
  });

  it('keeps its size near the old place when that is gone', () => {
    const window = new RenderWindow();
    window.slice(rowsOf(1, 100), true);
    assert.equal(window.slice(rowsOf(500, 540), false).length, INITIAL_ROWS);
    window.slice(rowsOf(1, 100), true);
    assert.equal(ends(window.slice(rowsOf(90, 140), false)), '90-100');
  });
});
