import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripControls, utf8Bytes } from '../../../web/text/strip-controls.ts';

describe('readable', () => {
  const texts: [wire: string, words: string][] = [
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
  for (const [wire, words] of texts) {
    it(`shows ${JSON.stringify(wire)} as words`, () => {
      assert.equal(stripControls(wire), words);
    });
  }

  it('counts bytes, not characters', () => {
    assert.equal(utf8Bytes('añ👋'), 1 + 2 + 4);
  });
});
