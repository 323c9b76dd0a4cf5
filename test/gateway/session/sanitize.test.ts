import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sanitize } from '../../../gateway/session/sanitize.ts';
import { DiceParser } from '../../../gateway/upstream/formats/dice-parser.ts';
import { header } from '../../../tcp-server/wire.ts';
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
