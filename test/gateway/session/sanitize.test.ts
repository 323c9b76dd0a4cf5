import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_MAX_BYTES, Chunks, sanitize } from '../../../gateway/session/sanitize.ts';
import { DiceParser } from '../../../gateway/upstream/formats/dice-parser.ts';
import { header, WIRE_MAX_BYTES } from '../../../tcp-server/wire.ts';
import { joined } from '../upstream/formats/parse-all.ts';
import { chunksOf } from './chunks-of.ts';

const ANA = '10.0.0.7:4000';

describe('sanitize', () => {
  const rows: Record<string, [text: string, line: string]> = {
    'text stays as it is': ['¡Hola, ñandú! 日本語 €', '¡Hola, ñandú! 日本語 €'],
    'spaces stay': ['  a  b ', '  a  b '],
    'TAB stays': ['a\tb', 'a\tb'],
    'LF becomes a space': ['a\nb', 'a b'],
    'CR LF becomes one space': ['a\r\nb', 'a b'],
    'CR becomes a space': ['a\rb', 'a b'],
    'any other line end becomes a space': ['a\vb\fc\u0085d\u2028e\u2029f', 'a b c d e f'],
    'ESC is removed, so that no command is left': ['\x1b[2Ja\x1b]0;b\x07', '[2Ja]0;b'],
    'DEL is removed': ['a\x7fb', 'ab'],
    'C1 is removed': ['a\u0080b\u009bc\u009fd', 'abcd'],
    'direction overrides are removed': ['a\u202ab\u202bc\u202cd\u202de\u202ef', 'abcdef'],
    'direction isolates and marks stay': ['\u2066a\u2069\u200e\u200f', '\u2066a\u2069\u200e\u200f'],
    'text from right to left stays': ['مرحبا שלום', 'مرحبا שלום'],
    'joined emojis stay joined': ['👩‍👩‍👧 🏳️‍🌈 🇪🇸', '👩‍👩‍👧 🏳️‍🌈 🇪🇸'],
    'half a surrogate pair becomes U+FFFD': ['a\ud83db\udc00c', 'a\ufffdb\ufffdc'],
    'a whole pair stays': ['\ud83c\udf89', '🎉'],
    'an empty text stays empty': ['', ''],
    'blanks become empty': [' \t\n\u00a0', ''],
    'controls become empty': ['\0\x1b\r\n', ''],
    'a header is escaped': ['10.0.0.7:4000 dice: hola', '10.0.0.7:4000\u00a0dice: hola'],
    'a header in brackets is escaped': ['[::1]:4000 dice: hola', '[::1]:4000\u00a0dice: hola'],
    'a bare IPv6 header is escaped': ['x ::1:4000 dice: hola', 'x ::1:4000\u00a0dice: hola'],
    'each header in a line is escaped': [
      '[::]:1 dice: [::]:2 dice: [::]:3 dice: a 10.0.0.8:5000 dice: b',
      '[::]:1\u00a0dice: [::]:2\u00a0dice: [::]:3\u00a0dice: a 10.0.0.8:5000\u00a0dice: b',
    ],
    'a header over two lines is escaped': ['10.0.0.7:4000\ndice:\nhola', '10.0.0.7:4000\u00a0dice: hola'],
    'a header with controls in it is escaped': [
      '10.0.\x000.7:4000 di\x1bce: hola',
      '10.0.0.7:4000\u00a0dice: hola',
    ],
    'a header with an override in it is escaped': [
      '10.0.0.7\u202e:4000 dice: hola',
      '10.0.0.7:4000\u00a0dice: hola',
    ],
    'a name before the word dice stays': ['Ana dice: hola', 'Ana dice: hola'],
  };
  for (const [rule, [text, line]] of Object.entries(rows)) {
    test(`sanitize: ${rule}`, () => assert.equal(sanitize(text), line));
  }
});

test('sanitize changes only line ends, controls, overrides and half pairs', () => {
  const changed = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (sanitize(`a${String.fromCharCode(code)}b`) !== `a${String.fromCharCode(code)}b`) changed.push(code);
  }
  const span = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);
  assert.deepEqual(changed, [
    ...span(0x00, 0x08),
    ...span(0x0a, 0x1f),
    ...span(0x7f, 0x9f),
    ...span(0x2028, 0x202e),
    ...span(0xd800, 0xdfff),
  ]);
});

/** Parts of headers, and characters that may hide them. */
const scrap = fc.oneof(
  fc.constantFrom(
    '1',
    '25',
    '10.',
    '10.0.0.7',
    ':',
    ':4000',
    '::1',
    '::ffff:',
    '[',
    ']',
    '[::1]:80',
    '%eth0',
    'fe80',
  ),
  fc.constantFrom(' dice: ', ' dice: ', ' dice: ', ' dice:', ' di', 'ce: ', 'dice', ' ', '\u00a0', 'ñ', '🎉'),
  fc.constantFrom('\n', '\r', '\r\n', '\t', '\0', '\x1b', '\x85', '\u2028', '\u202e', '\ud83d', '\udf89'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const anyText = fc.array(scrap, { maxLength: 30 }).map((scraps) => scraps.join(''));

/** Texts that a parser finds in these lines, followed by a line of another address. */
function parsedBy(room: DiceParser, lines: string[]) {
  const wire = [...lines.map((line) => `${header(ANA)}${line}\n`), `${header('10.0.0.8:5000')}fin\n`];
  return joined([...room.push(Buffer.from(wire.join(''))), ...room.end()]);
}

/** A parser that knows addresses, and accepts any IPv6 header. */
function trainedParser(): DiceParser {
  const room = new DiceParser();
  room.push(Buffer.from('::1:4000 dice: a\n10.0.0.7:4000 dice: b\n110.0.0.7:4000 dice: c\n'));
  return room;
}

test('sanitize makes one line of one sender from any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = sanitize(text);
      const fence = { from: '10.0.0.8:5000', text: 'fin' };
      assert.deepEqual(parsedBy(new DiceParser(), [line]), [{ from: ANA, text: line }, fence]);
      assert.deepEqual(parsedBy(trainedParser(), [line]).slice(-2), [{ from: ANA, text: line }, fence]);
      assert.equal(sanitize(line), line, 'a sanitized line is unchanged');
    }),
    { numRuns: 2_000 },
  );
});

test('sanitize leaves no chunk with a forged header, wherever the line is cut', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 4, max: 40 }), (text, maxBytes) => {
      const chunks = chunksOf(sanitize(text), maxBytes);
      const heard = parsedBy(new DiceParser(), chunks);
      assert.deepEqual(
        heard.slice(0, -1),
        chunks.map((chunk) => ({ from: ANA, text: chunk })),
      );
    }),
    { numRuns: 1_000 },
  );
});

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

test('sanitize escapes a line full of headers in one pass', (t) => {
  const slice = t.mock.method(String.prototype, 'slice');
  const copied = (headers: number): number => {
    const line = '[::]:1 dice: '.repeat(headers);
    slice.mock.resetCalls();
    sanitize(line);
    return slice.mock.calls.reduce((sum, { result }) => sum + (result?.length ?? 0), 0);
  };
  const [few, many] = [copied(200), copied(2_000)];
  assert.ok(many <= 11 * few, `${few} characters for 200 headers, ${many} for 2,000`);
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
