/**
 * Parts of the log that a filter loads, in a log of which only some messages are shown.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Side } from '../../../web/log-view/render-window.ts';
import { FilterSeek, SEEK_MAX_PAGES } from '../../../web/message-actions/filter-seek.ts';

const PAGE = 100;

/** A log whose loaded part lies between `first` and `last`, both included. */
class SeekHarness {
  readonly head = 5_000;
  first: number;
  last: number;
  isNearEnd = true;
  readonly #shown: readonly number[];
  readonly #loads: Side[] = [];
  readonly visited: number[] = [];
  readonly seek = new FilterSeek({
    log: () => ({
      above: this.first === 1 ? 'end' : 'more',
      below: this.last === this.head ? 'end' : 'more',
      found: this.found,
      isNearEnd: this.isNearEnd,
    }),
    load: (side) => this.#loads.push(side),
    goTo: (seq) => this.visited.push(seq),
    changed: () => {},
  });

  constructor(first: number, last: number, shown: readonly number[]) {
    this.first = first;
    this.last = last;
    this.#shown = shown;
  }

  get found(): readonly number[] {
    return this.#shown.filter((seq) => seq >= this.first && seq <= this.last);
  }

  /** Answers each request, and returns the requested sides. */
  answer(): Side[] {
    const answered: Side[] = [];
    for (let side = this.#loads.shift(); side !== undefined; side = this.#loads.shift()) {
      answered.push(side);
      if (side === 'above') this.first = Math.max(1, this.first - PAGE);
      else this.last = Math.min(this.head, this.last + PAGE);
      this.seek.onLoaded();
    }
    return answered;
  }

  filter(): Side[] {
    this.seek.onFilter(true);
    this.seek.onLoaded();
    return this.answer();
  }
}

test('filter without a message in the loaded part looks for an older one by itself', () => {
  const log = new SeekHarness(4_901, 5_000, [4_690]);
  assert.deepEqual(log.filter(), ['above', 'above', 'above']);
  assert.deepEqual(log.visited, [4_690]);
});

test('filter without any message stops looking after some parts, until a click', () => {
  const log = new SeekHarness(4_901, 5_000, [1]);
  assert.equal(log.filter().length, SEEK_MAX_PAGES);
  log.seek.onLoaded();
  log.seek.readOn();
  assert.deepEqual(log.answer(), []);
  log.seek.seekOlder();
  assert.equal(log.answer().length, SEEK_MAX_PAGES);
  log.seek.seekOlder();
  assert.ok(log.answer().length < SEEK_MAX_PAGES);
  assert.deepEqual(log.visited, [1]);
});

test('filter without a message at the beginning of the log looks for a newer one', () => {
  const log = new SeekHarness(1, 400, [610]);
  assert.deepEqual(log.filter().slice(0, 3), ['below', 'below', 'below']);
  assert.deepEqual(log.found, [610]);
  assert.deepEqual(log.visited, []);
});

test('filter loads newer parts where less than a screen is left, until a screen is full', () => {
  const log = new SeekHarness(2_001, 2_400, [2_100, 2_650, 2_900]);
  log.isNearEnd = false;
  assert.deepEqual(log.filter(), []);
  log.isNearEnd = true;
  log.seek.readOn();
  log.isNearEnd = false;
  assert.deepEqual(log.answer(), ['below', 'below', 'below']);
  assert.deepEqual(log.found, [2_100, 2_650]);
});

test('filter with little to show loads a limited number of newer parts, and more at input', () => {
  const log = new SeekHarness(2_001, 2_400, [2_100, 4_990]);
  assert.equal(log.filter().length, SEEK_MAX_PAGES);
  log.seek.readOn();
  assert.deepEqual(log.answer(), []);
  log.seek.onInput();
  assert.equal(log.answer().length, 6);
  assert.deepEqual(log.found, [2_100, 4_990]);
});

test('filter without a message at the newest stays there', () => {
  const log = new SeekHarness(4_901, 5_000, [4_990]);
  assert.deepEqual(log.filter(), []);
  log.first = 4_995;
  log.seek.onInput();
  assert.deepEqual(log.answer(), []);
});

test('log without a filter is not loaded by the filter', () => {
  const log = new SeekHarness(2_001, 2_400, []);
  log.seek.onInput();
  log.seek.onLoaded();
  assert.deepEqual(log.answer(), []);
});
