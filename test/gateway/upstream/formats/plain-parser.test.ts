import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LineParser } from '../../../../gateway/upstream/formats/line-parser.ts';
import { PlainParser, unwrapNcatLine } from '../../../../gateway/upstream/formats/plain-parser.ts';
import type { RoomText } from '../../../../gateway/upstream/formats/room-text.ts';
import { byteByByte, cutAt, joined, parse } from './parse-all.ts';

function message(text: string): RoomText {
  return { kind: 'message', from: '', text };
}

function continuation(text: string): RoomText {
  return { kind: 'continuation', text };
}

describe('plain parser', () => {
  const rows: [string, string, RoomText[]][] = [
    ['parses a line as a message', 'hola\n', [message('hola')]],
    ['parses each line as a message', 'uno\r\ndos\n', [message('uno'), message('dos')]],
    ['skips an empty line', 'uno\n\n\r\ndos\n', [message('uno'), message('dos')]],
    ['parses the last line without an end', 'uno\ndos', [message('uno'), message('dos')]],
    ['takes a header for text', '10.0.0.7:4000 dice: hola\n', [message('10.0.0.7:4000 dice: hola')]],
  ];
  for (const [name, bytes, texts] of rows) {
    test(name, () => {
      assert.deepEqual(parse([bytes], new LineParser(new PlainParser())), texts);
      assert.deepEqual(parse(byteByByte(Buffer.from(bytes)), new LineParser(new PlainParser())), texts);
    });
  }

  test('holds half a line until its rest comes or a flush', () => {
    const parser = new LineParser(new PlainParser());
    assert.deepEqual(parser.push(Buffer.from('ho')), []);
    assert.ok(parser.isHolding);
    assert.deepEqual(parser.flush(), [message('ho')]);
    assert.ok(!parser.isHolding);
    assert.deepEqual(parser.push(Buffer.from('la\nbuenas\n')), [continuation('la'), message('buenas')]);
  });

  test('emits an endless line in parts', () => {
    const parser = new LineParser(new PlainParser());
    const heard = parser.push(Buffer.alloc(100_000, 'x'));
    assert.equal(heard.length, 1);
    assert.ok(!parser.isHolding);
    assert.deepEqual(parser.push(Buffer.from('y\n')), [continuation('y')]);
  });

  test('parses the same lines however the network cuts the bytes', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(500)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const heard = joined(parse(cutAt(bytes, cuts), new LineParser(new PlainParser())));
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
