import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeBytes, fromHex, hexDump, parseEscapes, toHex } from '../../../web/lab/escapes.ts';
import { EXPERIMENTS } from '../../../web/lab/experiments.ts';

test('escapes become their bytes, and other text its UTF-8', () => {
  const rows: Record<string, number[]> = {
    '': [],
    'hola\\n': [0x68, 0x6f, 0x6c, 0x61, 0x0a],
    '\\r\\n\\t\\0\\\\': [0x0d, 0x0a, 0x09, 0x00, 0x5c],
    '\\xc3\\xB1': [0xc3, 0xb1],
    ñ: [0xc3, 0xb1],
    '\\\\n': [0x5c, 0x6e],
    '\\x00a': [0x00, 0x61],
    '🎉': [0xf0, 0x9f, 0x8e, 0x89],
  };
  for (const [text, bytes] of Object.entries(rows))
    assert.deepEqual(parseEscapes(text), Uint8Array.from(bytes), text);
});

test('escape that does not exist is named', () => {
  const rows: Record<string, string> = {
    '\\q': '\\q',
    'fin\\': '\\',
    '\\x': '\\x',
    '\\xg1': '\\xg1',
    '\\x1': '\\x1',
    '\\n\\u00f1': '\\u',
    '\\ñ': '\\ñ',
    '\\N': '\\N',
  };
  for (const [text, sequence] of Object.entries(rows))
    assert.deepEqual(parseEscapes(text), { sequence }, text);
});

test('bytes are shown as text where they are text, and as escapes elsewhere', () => {
  const rows: Record<string, number[]> = {
    'hola\\n': [0x68, 0x6f, 0x6c, 0x61, 0x0a],
    ñ: [0xc3, 0xb1],
    '\\xc3': [0xc3],
    '\\xb1': [0xb1],
    '\\xc3a': [0xc3, 0x61],
    '\\xff\\xfe': [0xff, 0xfe],
    '\\x1b[2J': [0x1b, 0x5b, 0x32, 0x4a],
    '\\xe2\\x80\\xae': [0xe2, 0x80, 0xae],
    '\\xed\\xa0\\x80': [0xed, 0xa0, 0x80],
    '\\xc0\\x80': [0xc0, 0x80],
    '\\\\': [0x5c],
    '\\0': [0],
  };
  for (const [text, bytes] of Object.entries(rows)) assert.equal(escapeBytes(Uint8Array.from(bytes)), text);
});

test('shown bytes can be typed again, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.deepEqual(parseEscapes(escapeBytes(bytes)), bytes);
      assert.deepEqual(fromHex(toHex(bytes)), bytes);
    }),
  );
});

test('bytes are dumped as pairs of digits', () =>
  assert.equal(hexDump(Uint8Array.of(0, 10, 255)), '00 0a ff'));

test('experiments write valid escapes: 3,000 bytes, and half a character', () => {
  const writes = Object.values(EXPERIMENTS).flatMap((steps) =>
    steps.flatMap((step) => (step.name === 'write' ? [parseEscapes(step.text)] : [])),
  );
  assert.ok(writes.every((bytes) => bytes instanceof Uint8Array));
  assert.ok(writes.some((bytes) => bytes instanceof Uint8Array && bytes.length === 3000));
});
