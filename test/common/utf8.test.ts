import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitUtf8, utf8Bytes, utf8End } from '../../common/utf8.ts';

test('utf8Bytes counts bytes, not characters', () => {
  assert.equal(utf8Bytes('añ👋'), 1 + 2 + 4);
});

test('splitUtf8 makes the longest chunks that fit', () => {
  assert.deepEqual(splitUtf8('🎉🎉', 4), ['🎉', '🎉']);
  assert.deepEqual(splitUtf8('x'.repeat(1025), 1024), ['x'.repeat(1024), 'x']);
  assert.deepEqual(splitUtf8(`${'x'.repeat(1022)}ñ`, 1024), [`${'x'.repeat(1022)}ñ`]);
  assert.deepEqual(splitUtf8(`${'x'.repeat(1023)}ñ`, 1024), ['x'.repeat(1023), 'ñ']);
  assert.deepEqual(splitUtf8('', 4), ['']);
});

test('splitUtf8 gives a character that does not fit a chunk of its own', () => {
  assert.deepEqual(splitUtf8('a🎉b', 2), ['a', '🎉', 'b']);
});

test('splitUtf8 loses nothing and cuts no character of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 20 }), (text, maxBytes) => {
      const chunks = splitUtf8(text, maxBytes);
      assert.equal(chunks.join(''), text);
      assert.equal(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))).toString(), text.toWellFormed());
      for (const chunk of chunks) assert.ok(utf8Bytes(chunk) <= maxBytes);
    }),
  );
});

test('utf8End finds the same end as a TextEncoder with as many bytes', () => {
  const encoder = new TextEncoder();
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 });
  fc.assert(
    fc.property(units, fc.integer({ min: 4, max: 20 }), (codes, maxBytes) => {
      const text = String.fromCharCode(...codes);
      assert.equal(utf8End(text, 0, maxBytes), encoder.encodeInto(text, new Uint8Array(maxBytes)).read);
    }),
  );
});
