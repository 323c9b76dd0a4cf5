import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { EntryFanOut, type FanOutTarget, FRAME_MAX_BYTES } from '../../../gateway/hub/fan-out.ts';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';
import type { Batch } from '../../../gateway/transcript/ring-buffer.ts';
import { append, openRing } from '../transcript/ring-fixture.ts';

/** A log whose fan-outs go to a few subscribers, which note the seqs of each frame. */
function openLog({ subscribers = 1 } = {}) {
  const ring = openRing({ maxEntries: 10_000, maxBytes: 4 * 1024 * 1024 });
  const written: Batch[][] = Array.from({ length: subscribers }, () => []);
  const targets = new Map<string, FanOutTarget>(
    written.map((frames, index) => [
      `${index}`,
      { subscriber: { sendNext: (batch) => batch !== undefined && frames.push(batch) > 0 } },
    ]),
  );
  targets.set('away', { subscriber: undefined });
  const fanOut = new EntryFanOut(ring, targets, new TimeSlices());
  const record = (text = 'hola'): void => {
    append(ring, text);
    fanOut.request();
  };
  /** [first, last] of each frame of the first subscriber. */
  const ranges = (): [number, number][] => (written[0] ?? []).map(({ after, last }) => [after + 1, last]);
  return { ring, fanOut, written, record, ranges };
}

test('fan-out writes an entry before the request returns', () => {
  const { record, ranges } = openLog();
  record();
  assert.deepEqual(ranges(), [[1, 1]]);
});

test('fan-out joins further entries of an iteration into one frame at its end', async () => {
  const { record, ranges } = openLog();
  for (let count = 0; count < 5; count++) record();
  assert.deepEqual(ranges(), [[1, 1]]);
  await nextIteration();
  assert.deepEqual(ranges(), [
    [1, 1],
    [2, 5],
  ]);
});

test('fan-out writes at once in each iteration, however many come one after the other', async () => {
  const { record, ranges } = openLog();
  for (let seq = 1; seq <= 100; seq++) {
    record();
    assert.deepEqual(ranges().at(-1), [seq, seq]);
    await nextIteration();
  }
});

test('fan-out writes at most once an iteration when entries come faster, and loses none', async () => {
  const { record, ranges } = openLog();
  record();
  for (let iteration = 1; iteration <= 50; iteration++) {
    for (let count = 0; count < 6; count++) record();
    await nextIteration();
    assert.equal(ranges().length, iteration + 1);
  }
  assert.deepEqual(ranges().at(0), [1, 1]);
  for (const [index, [first]] of ranges().entries())
    assert.equal(first, (ranges()[index - 1]?.[1] ?? 0) + 1, 'no hole, nothing twice');
  assert.equal(ranges().at(-1)?.[1], 301);
});

test('fan-out makes one frame for all subscribers', () => {
  const { record, written } = openLog({ subscribers: 3 });
  record();
  assert.equal(written[0]?.[0]?.frame, written[1]?.[0]?.frame);
  assert.deepEqual(
    written.map((frames) => frames.length),
    [1, 1, 1],
  );
});

test('fan-out cuts many entries into frames of bounded size', () => {
  const { ring, fanOut, written, ranges } = openLog();
  const kib = 'x'.repeat(1024);
  for (let count = 0; count < 300; count++) append(ring, kib);
  fanOut.request();
  assert.ok(ranges().length > 4, `${ranges().length} frames`);
  assert.equal(ranges().at(-1)?.[1], 300);
  for (const { frame } of written[0] ?? []) assert.ok(frame.length < FRAME_MAX_BYTES + 1024);
});

test('fan-out writes nothing when the log has nothing new', async () => {
  const { record, fanOut, ranges } = openLog();
  record();
  fanOut.request();
  await nextIteration();
  fanOut.flush();
  assert.equal(ranges().length, 1);
});

test('fan-out flush does not wait for the end of the iteration', async () => {
  const { record, fanOut, ranges } = openLog();
  record();
  record();
  fanOut.flush();
  assert.deepEqual(ranges().at(-1), [2, 2]);
  await nextIteration();
  assert.equal(ranges().length, 2);
});
