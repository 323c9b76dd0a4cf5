import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RoomText } from '../../../../gateway/upstream/formats/dice-parser.ts';
import { PlainParser, unwrapNcatLine } from '../../../../gateway/upstream/formats/plain-parser.ts';
import { byteByByte, cutAt, joined, parse } from './parse-all.ts';

function message(text: string): RoomText {
  return { kind: 'message', from: '', text };
}

function continuation(text: string): RoomText {
  return { kind: 'continuation', text };
}

describe('in a room without headers', () => {
  const rows: [string, string, RoomText[]][] = [
    ['a line is a message', 'hola\n', [message('hola')]],
    ['each line is one', 'uno\r\ndos\n', [message('uno'), message('dos')]],
    ['an empty line is none', 'uno\n\n\r\ndos\n', [message('uno'), message('dos')]],
    ['the last needs no end', 'uno\ndos', [message('uno'), message('dos')]],
    ['a header is words', '10.0.0.7:4000 dice: hola\n', [message('10.0.0.7:4000 dice: hola')]],
  ];
  for (const [what, bytes, heard] of rows) {
    test(what, () => {
      assert.deepEqual(parse([bytes], new PlainParser()), heard);
      assert.deepEqual(parse(byteByByte(Buffer.from(bytes)), new PlainParser()), heard);
    });
  }

  test('half a line waits for its rest, and is given out when it does not come', () => {
    const parser = new PlainParser();
    assert.deepEqual(parser.push(Buffer.from('ho')), []);
    assert.ok(parser.isHolding);
    assert.deepEqual(parser.flush(), [message('ho')]);
    assert.ok(!parser.isHolding);
    assert.deepEqual(parser.push(Buffer.from('la\nbuenas\n')), [continuation('la'), message('buenas')]);
  });

  test('a line that never ends does not pile up', () => {
    const parser = new PlainParser();
    const heard = parser.push(Buffer.alloc(100_000, 'x'));
    assert.equal(heard.length, 1);
    assert.ok(!parser.isHolding);
    assert.deepEqual(parser.push(Buffer.from('y\n')), [continuation('y')]);
  });

  test('however the network cuts the bytes, the lines are the same', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(500)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const heard = joined(parse(cutAt(bytes, cuts), new PlainParser()));
        assert.deepEqual(
          heard.map(({ text }) => text),
          lines.filter(Boolean),
        );
      }),
    );
  });
});

test('plain parser expects a sent line, or the form that ncat --chat gives it', () => {
  assert.ok(unwrapNcatLine('hola').includes('hola'));
  assert.ok(unwrapNcatLine('<user5> hola').includes('hola'));
  assert.ok(unwrapNcatLine('<user5> <Ana> ma\\303\\261ana \\360\\237\\231\\202').includes('<Ana> mañana 🙂'));
  assert.ok(!unwrapNcatLine('<dos palabras> hola').includes('hola'));
});
