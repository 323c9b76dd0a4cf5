import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { textOf } from '../../../gateway/lib/websocket-frame.ts';
import { entriesOf } from '../../../gateway/transcript/ring-buffer.ts';
import { append, entry, openRing, readFrames, readTexts } from './ring-fixture.ts';

test('ring buffer that is empty has head 0 and tail 1', () => {
  const ring = openRing();
  assert.deepEqual([ring.head, ring.tail], [0, 1]);
  assert.equal(ring.batch(0), undefined);
});

test('ring buffer numbers entries from 1 without holes, and returns them unchanged', () => {
  const ring = openRing();
  for (const text of ['hola', '¡ñandú! 🎉', 'dos\nlíneas', '"},{\\']) append(ring, text);
  assert.deepEqual([ring.head, ring.tail], [4, 1]);
  const [frame] = readFrames(ring, 0);
  assert.deepEqual(
    frame?.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );
  assert.deepEqual(readTexts(ring), ['hola', '¡ñandú! 🎉', 'dos\nlíneas', '"},{\\']);
});

test('ring buffer continues after a given head', () => {
  const ring = openRing({ head: 41 });
  assert.deepEqual([ring.head, ring.tail], [41, 42]);
  append(ring, 'hola');
  assert.deepEqual(
    readFrames(ring, 0)
      .flat()
      .map(({ seq }) => seq),
    [42],
  );
});

test('ring buffer batch is a frame of the protocol with its last seq', () => {
  const ring = openRing();
  for (const text of ['uno', 'dos', 'tres']) append(ring, text);
  const batch = ring.batch(1);
  assert.ok(batch);
  assert.deepEqual([batch.after, batch.last], [1, 3]);
  const { type, messages } = JSON.parse(textOf(batch.frame));
  assert.equal(type, 'messages');
  assert.deepEqual(messages, entriesOf(batch));
});

test('ring buffer batch does not change when the ring is overwritten', () => {
  const ring = openRing({ maxBytes: 200 });
  append(ring, 'hola');
  const batch = ring.batch(0);
  for (let count = 0; count < 20; count++) append(ring, 'otra cosa');
  assert.ok(batch);
  assert.equal(entriesOf(batch)[0]?.text, 'hola');
});

test('ring buffer returns no batch at the head or beyond it', () => {
  const ring = openRing();
  append(ring, 'hola');
  assert.equal(ring.batch(1), undefined);
  assert.equal(ring.batch(17), undefined);
});

describe('ring buffer batch', () => {
  test('ring buffer batch keeps its limit of entries', () => {
    const ring = openRing();
    for (let seq = 1; seq <= 10; seq++) append(ring, 'hola');
    assert.deepEqual(
      readFrames(ring, 0, 3).map(({ length }) => length),
      [3, 3, 3, 1],
    );
  });

  test('ring buffer batch keeps its limit of bytes', () => {
    const ring = openRing();
    for (let seq = 1; seq <= 9; seq++) append(ring, 'hola');
    const size = JSON.stringify(entry(openRing(), 'hola')).length + 1;
    assert.equal(readFrames(ring, 0, 100, 3 * size)[0]?.length, 3);
    assert.equal(readFrames(ring, 0, 100, 3 * size - 1)[0]?.length, 2);
  });

  test('holds one entry that is larger than its limit', () => {
    const ring = openRing();
    for (const text of ['a', 'x'.repeat(5_000), 'b']) append(ring, text);
    assert.deepEqual(
      readFrames(ring, 0, 100, 1_000).map(({ length }) => length),
      [1, 1, 1],
    );
  });
});

describe('ring buffer evicts', () => {
  test('ring buffer evicts the oldest entry when there is one too many', () => {
    const ring = openRing({ maxEntries: 3 });
    for (const text of ['1', '2', '3']) append(ring, text);
    assert.equal(ring.tail, 1);
    append(ring, '4');
    assert.deepEqual([ring.head, ring.tail], [4, 2]);
    assert.deepEqual(readTexts(ring), ['2', '3', '4']);
  });

  test('ring buffer evicts the oldest entry when there is one byte too many', () => {
    const size = JSON.stringify(entry(openRing(), 'hola')).length + 1;
    const exact = openRing({ maxBytes: 3 * size });
    const short = openRing({ maxBytes: 3 * size - 1 });
    for (let seq = 1; seq <= 3; seq++) for (const ring of [exact, short]) append(ring, 'hola');
    assert.equal(exact.tail, 1);
    assert.equal(short.tail, 2);
    append(exact, 'hola');
    assert.equal(exact.tail, 2);
    assert.deepEqual(readTexts(exact), ['hola', 'hola', 'hola']);
  });

  test('ring buffer evicts all entries for one that fills it', () => {
    const ring = openRing({ maxBytes: 500 });
    for (const text of ['1', '2', '3']) append(ring, text);
    const whole = 'x'.repeat(500 - 1 - JSON.stringify(entry(ring, '')).length);
    append(ring, whole);
    assert.deepEqual(readTexts(ring), [whole]);
    assert.equal(ring.tail, 4);
    append(ring, '5');
    assert.deepEqual(readTexts(ring), ['5']);
  });

  test('entries before a cursor, whose batch then begins at the tail', () => {
    const ring = openRing({ maxEntries: 3 });
    for (let seq = 1; seq <= 10; seq++) append(ring, `${seq}`);
    const batch = ring.batch(2);
    assert.ok(batch);
    assert.deepEqual([batch.after, batch.last], [2, 10]);
    assert.deepEqual(
      entriesOf(batch).map(({ seq }) => seq),
      [8, 9, 10],
    );
  });
});

test('ring buffer refuses an entry larger than itself, and does not change', () => {
  const ring = openRing({ maxBytes: 200 });
  append(ring, 'hola');
  assert.throws(() => append(ring, 'x'.repeat(200)), RangeError);
  assert.deepEqual([ring.head, ring.tail, readTexts(ring)], [1, 1, ['hola']]);
});

test('ring buffer keeps the newest entries whole and in order, as many as fit', () => {
  const texts = fc.array(fc.oneof(fc.nat(30), fc.nat(300)), { maxLength: 100 });
  const limits = fc.record({
    maxEntries: fc.integer({ min: 1, max: 20 }),
    maxBytes: fc.integer({ min: 400, max: 2_000 }),
  });
  fc.assert(
    fc.property(texts, limits, fc.integer({ min: 1, max: 5 }), (sizes, limits, maxEntries) => {
      const ring = openRing(limits);
      const added: string[] = [];
      for (const size of sizes) {
        const text = `${ring.head + 1} ñ`.padEnd(size, 'x');
        added.push(text);
        append(ring, text);
        assert.equal(ring.head, added.length);
        const kept = ring.head - ring.tail + 1;
        assert.ok(kept >= 1 && kept <= limits.maxEntries);
        assert.deepEqual(readTexts(ring), added.slice(-kept));
        assert.deepEqual(readFrames(ring, 0, maxEntries).flat(), readFrames(ring, 0).flat());
        const bytes = readFrames(ring, 0)
          .flat()
          .reduce((sum, each) => sum + JSON.stringify(each).length + 2, 0);
        assert.ok(bytes <= limits.maxBytes, 'no more than the ring holds');
        const full = kept === limits.maxEntries || ring.tail === 1;
        assert.ok(full || bytes > limits.maxBytes - 2 * 400, 'no more is forgotten than must be');
      }
    }),
    { numRuns: 200 },
  );
});
