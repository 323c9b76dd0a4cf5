import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_MAX_BYTES, Chunks } from '../../../gateway/session/chunks.ts';
import { sanitize } from '../../../gateway/session/sanitize.ts';
import { WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';
import { chunksOf } from './chunks-of.ts';

test('chunk and its newline fit in one read of the server', () => {
  assert.equal(CHUNK_MAX_BYTES + '\n'.length, WIRE_MAX_BYTES);
});

test('chunks cut only a line that is longer than one chunk', () => {
  for (const bytes of [1, 1022, 1023]) {
    assert.deepEqual(chunksOf('x'.repeat(bytes)), ['x'.repeat(bytes)]);
  }
  assert.deepEqual(chunksOf('x'.repeat(1024)), ['x'.repeat(1023), 'x']);
  assert.deepEqual(chunksOf('x'.repeat(2047)), ['x'.repeat(1023), 'x'.repeat(1023), 'x']);
});

test('chunks move a character that does not fit whole to the next chunk', () => {
  for (const character of ['ñ', '€', '🎉']) {
    const size = Buffer.byteLength(character);
    for (let before = 1023 - size; before <= 1023; before++) {
      const fits = before + size <= 1023;
      const chunks = chunksOf(`${'x'.repeat(before)}${character}y`.padEnd(1100, 'y'));
      assert.equal(chunks[0]?.includes(character), fits, `${character} after ${before}`);
      assert.equal(chunks[1]?.includes(character), !fits);
    }
  }
});

test('chunks keep a grapheme whole', () => {
  for (const grapheme of ['👩‍👩‍👧‍👦', '🇪🇸', 'e\u0301', '👍🏽', '각', 'क्षि']) {
    for (let before = 990; before <= 1023; before++) {
      const chunks = chunksOf(`${'x'.repeat(before)}${grapheme}${'y'.repeat(100)}`);
      assert.ok(
        chunks.some((chunk) => chunk.includes(grapheme)),
        `${grapheme} after ${before}`,
      );
    }
  }
});

test('chunks cut a grapheme larger than a chunk between its characters', () => {
  const giant = `a${'\u0301'.repeat(1500)}`;
  const chunks = chunksOf(`x${giant}y`);
  assert.equal(chunks.join(''), `x${giant}y`);
  for (const chunk of chunks) {
    assert.ok(Buffer.byteLength(chunk) <= CHUNK_MAX_BYTES);
    assert.ok(chunk.isWellFormed());
  }
  assert.equal(chunks.length, 3);
});

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

test('chunks of any line fit, end between graphemes, and join to the line', () => {
  const sign = fc.oneof(
    fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', '🇪🇸', '🇫🇷', 'e\u0301\u0327', '👍🏽', 'ñ', '日', 'م', 'x', ' '),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const line = fc.array(sign, { maxLength: 200 }).map((signs) => sanitize(signs.join('')));
  fc.assert(
    fc.property(line, fc.integer({ min: 32, max: 200 }), (line, maxBytes) => {
      const chunks = chunksOf(line, maxBytes);
      assert.equal(chunks.join(''), line);
      const ends = new Set([...graphemes.segment(line)].map(({ index, segment }) => index + segment.length));
      let end = 0;
      for (const chunk of chunks) {
        assert.ok(Buffer.byteLength(chunk) <= maxBytes);
        assert.ok(chunk !== '' || line === '');
        end += chunk.length;
        assert.ok(line === '' || ends.has(end), `a chunk ends inside a grapheme: ${chunk}`);
      }
    }),
  );
});

test('chunks are as long as possible', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 500 }), (line) => {
      const chunks = chunksOf(line, 10);
      assert.equal(chunks.length, Math.ceil(line.length / 10));
    }),
  );
});

/** Texts that are costly to segment: one character of each kind, and long graphemes. */
const COSTLY = ['hola que tal ', 'ñandú ', '日本語', '👩‍👩‍👧‍👦', '🇪🇸', 'e\u0301', '\u0301', 'क्षि'];

test('chunks segment two chunks at a time at most, and grow with the line alone', (t) => {
  const segment = t.mock.method(Intl.Segmenter.prototype, 'segment');
  for (const text of COSTLY) {
    segment.mock.resetCalls();
    const line = text.repeat(3_000).slice(0, 32_000).toWellFormed();
    chunksOf(line);
    const given = segment.mock.calls.map(({ arguments: [part] }) => part.length);
    assert.ok(Math.max(...given) <= 2 * CHUNK_MAX_BYTES + 1, `${Math.max(...given)} at once of ${text}`);
    const sum = given.reduce((all, length) => all + length, 0);
    assert.ok(sum <= 5 * line.length, `${sum} of ${line.length} characters of ${text}`);
  }
});

test('chunks know how many bytes and chunks are left', () => {
  const chunks = new Chunks(`${'ñ'.repeat(20)}x`, 16);
  const seen = [];
  for (; chunks.left > 0; chunks.take()) seen.push([chunks.left, chunks.nextBytes, chunks.bytesLeft]);
  assert.deepEqual(seen, [
    [3, 16, 41],
    [2, 16, 25],
    [1, 9, 9],
  ]);
  assert.deepEqual([chunks.left, chunks.nextBytes, chunks.bytesLeft], [0, 0, 0]);
});
