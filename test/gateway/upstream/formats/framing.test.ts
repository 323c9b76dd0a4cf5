/**
 * Frames become lines, however TCP cuts them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Deframer, type Framing, framingOf } from '../../../../gateway/upstream/formats/framing.ts';

function framing(name: string): Framing {
  const found = framingOf(name);
  assert.ok(found);
  return found;
}

describe('framing', () => {
  for (const name of ['utf', 'digits:4', 'fixed:64']) {
    test(`${name} reads its own frames, cut at each byte`, () => {
      const texts = ['hola', '', 'ñ 👋 ¿qué tal?', 'x'.repeat(40)];
      const bytes = Buffer.concat(texts.map((text) => framing(name).frame(`${text}\n`)));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const deframer = new Deframer(framing(name));
        const lines = [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) => deframer.push(part));
        assert.equal(Buffer.concat(lines).toString(), texts.map((text) => `${text}\n`).join(''));
      }
    });
  }

  const WRITTEN: [name: string, text: string, bytes: string][] = [
    ['utf', 'añ\n', '\x00\x03a\xc3\xb1'],
    ['utf', '👋', '\x00\x06\xed\xa0\xbd\xed\xb1\x8b'],
    ['digits:4', 'hola\r\n', '0004hola'],
    ['digits:4', 'ñ', '0002\xc3\xb1'],
    ['fixed:64', 'hola\n', `hola${'\0'.repeat(60)}`],
  ];
  for (const [name, text, bytes] of WRITTEN) {
    test(`${name} writes ${JSON.stringify(text)} as the server reads it`, () => {
      assert.equal(Buffer.from(framing(name).frame(text)).toString('latin1'), bytes);
    });
  }

  test('digits accept blanks before and behind the length', () => {
    for (const length of ['   4', '4   ', '0004'])
      assert.equal(
        `${Buffer.from(new Deframer(framing('digits:4')).push(Buffer.from(`${length}hola`)))}`,
        'hola\n',
      );
  });

  test('line end inside a frame becomes a blank', () => {
    const lines = new Deframer(framing('digits:4')).push(Buffer.from('0009uno\ndos\r\n'));
    assert.equal(`${Buffer.from(lines)}`, 'uno dos\n');
  });

  const BAD: [name: string, bytes: string][] = [
    ['digits:4', 'hola'],
    ['digits:4', '9999'],
    ['digits:4', '-001'],
    ['utf', 'Welcome to the chat\n'],
  ];
  for (const [name, bytes] of BAD) {
    test(`${name} reports ${JSON.stringify(bytes)} as no frame, and reads nothing after it`, () => {
      const deframer = new Deframer(framing(name));
      assert.equal(deframer.push(Buffer.from(bytes)).length, 0);
      assert.match(deframer.problem ?? '', new RegExp(`begins no frame of ROOM_FRAMING=${name}$`));
      assert.equal(deframer.push(framing(name).frame('hola')).length, 0);
    });
  }

  test('frame without an end keeps no more than the longest frame in memory', () => {
    const deframer = new Deframer(framing('utf'));
    deframer.push(Buffer.from('\x1f\xff', 'latin1'));
    const lines = deframer.push(Buffer.alloc(0x1fff, 'x'));
    assert.equal(lines.length, 0x2000);
  });
});
