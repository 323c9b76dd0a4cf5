import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripControls, toPageText, toSingleLine, toTerminalText } from '../../common/control-characters.ts';

/** C0, ASCII, DEL and C1, then line separators, bidirectional characters and isolates. */
const ALL = [
  ...Array.from({ length: 0xa1 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x42 }, (_, offset) => String.fromCharCode(0x2028 + offset)),
].join('');
const PRINTABLE = Array.from({ length: 0x5f }, (_, code) => String.fromCharCode(0x20 + code)).join('');
const BETWEEN = Array.from({ length: 0x37 }, (_, offset) => String.fromCharCode(0x202f + offset)).join('');
const ISOLATES = '\u2066\u2067\u2068\u2069';

test('stripControls keeps TAB, LF and CR, isolates and all that is visible', () => {
  assert.equal(stripControls(ALL), `\t\n\r${PRINTABLE}\u00a0\u2028\u2029${BETWEEN}${ISOLATES}`);
});

test('toTerminalText removes isolates too', () => {
  assert.equal(toTerminalText(ALL), `\t\n\r${PRINTABLE}\u00a0\u2028\u2029${BETWEEN}`);
});

test('toSingleLine replaces each line end with a space', () => {
  assert.equal(toSingleLine('a\nb\r\nc\rd\ve\ff\u0085g\u2028h\u2029i'), 'a b c d e f g h i');
  assert.equal(toSingleLine('a\tb\x1b[2J\x07\u202ec'), 'a\tb[2Jc');
  const lineEnds = /[\n\v\f\r\u0085\u2028\u2029]/g;
  assert.equal(toSingleLine(ALL.replace(lineEnds, '')), `\t${PRINTABLE}\u00a0${BETWEEN}${ISOLATES}`);
});

describe('toPageText shows the text of', () => {
  const texts: [wire: string, shown: string][] = [
    ['hola\n', 'hola'],
    ['uno\r\ndos\r\n', 'uno\ndos'],
    ['\n\n  sangrado\tcon tabulador\n\n', '\n\n  sangrado\tcon tabulador'],
    ['\x1b[1;31mrojo\x1b[0m', 'rojo'],
    ['\x1b]0;título\x07hola', 'hola'],
    ['\x1b[2J\x1b[Hborrado', 'borrado'],
    ['campana\x07 y nulo\x00', 'campana y nulo'],
    ['\x9b31mC1', '31mC1'],
    ['مرحبا 👋', 'مرحبا 👋'],
    ['', ''],
  ];
  for (const [wire, shown] of texts) {
    test(JSON.stringify(wire), () => assert.equal(toPageText(wire), shown));
  }
});

test('toPageText keeps no control but TAB and LF', () => {
  const withoutEscape = ALL.replace('\x1b', '').replace('\r', '');
  assert.equal(toPageText(withoutEscape), `\t\n${PRINTABLE}\u00a0\u2028\u2029${BETWEEN}${ISOLATES}`);
});
