import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stripControls } from '../../common/control-characters.ts';
import { LineDecoder } from '../../tcp-server/line-decoder.ts';

const TEXT = 'ñandú, 日本語 y 🎉 €';

/** The lines that come of chunks. */
function lines(chunks: Uint8Array[], maxBytes = 1024): string[] {
  const words = new LineDecoder(maxBytes, 0, () => {});
  const taken = [...chunks.map((chunk) => words.push(Buffer.from(chunk))), words.end()];
  const lines: string[] = [];
  for (const said of taken) {
    if (said.lineEnd) lines.push(`${lines.pop() ?? ''}${said.lineEnd}`);
    lines.push(...said.lines);
  }
  return lines;
}

function halves(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

test('a line is what ends at LF, CRLF or a lone CR, or does not end', () => {
  assert.deepEqual(lines([Buffer.from('a\nb\r\nc\rd\n\r\n\re')]), [
    'a\n',
    'b\r\n',
    'c\r',
    'd\n',
    '\r\n',
    '\r',
    'e',
  ]);
});

test('a CR and its LF end one line when they are cut apart', () => {
  const bytes = Buffer.from('a\r\n\r\nb\r\n');
  for (const at of [2, 4, 7]) {
    assert.equal(bytes[at - 1], 0x0d);
    assert.deepEqual(lines(halves(bytes, at)), ['a\r\n', '\r\n', 'b\r\n']);
  }
});

test('a character cut at any byte arrives whole', () => {
  const bytes = Buffer.from(TEXT);
  for (let at = 0; at <= bytes.length; at++) {
    assert.equal(lines(halves(bytes, at)).join(''), TEXT);
  }
});

test('half a character at the end becomes U+FFFD, and so does any byte that is no UTF-8', () => {
  assert.deepEqual(lines([Buffer.from('a\xc3', 'latin1')]), ['a', '\ufffd']);
  for (let at = 0; at <= 3; at++) {
    const bytes = Buffer.from('abc');
    const broken = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xfe), bytes.subarray(at)]);
    assert.equal(lines([broken]).join(''), `${'abc'.slice(0, at)}\ufffd${'abc'.slice(at)}`);
  }
});

test('a byte order mark stays', () => {
  assert.deepEqual(lines([Buffer.from('\ufeffhola')]), ['\ufeffhola']);
});

test('a line of the maximum stays whole, one byte more makes two', () => {
  assert.deepEqual(lines([Buffer.from('x'.repeat(1024))]), ['x'.repeat(1024)]);
  assert.deepEqual(lines([Buffer.from('x'.repeat(1025))]), ['x'.repeat(1024), 'x']);
  assert.deepEqual(lines([Buffer.from(`${'x'.repeat(1023)}ñ`)]), ['x'.repeat(1023), 'ñ']);
  assert.deepEqual(lines([Buffer.from(`${'x'.repeat(1022)}ñ`)]), [`${'x'.repeat(1022)}ñ`]);
});

test('whatever is said and wherever it is cut, nothing is lost, added or too long', () => {
  const chunks = fc.array(fc.uint8Array({ max: 0xfe, maxLength: 50 }));
  fc.assert(
    fc.property(chunks, fc.integer({ min: 4, max: 20 }), (chunks, maxBytes) => {
      const said = lines(chunks, maxBytes);
      assert.equal(
        said.join(''),
        stripControls(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks))),
      );
      for (const line of said) {
        assert.ok(Buffer.byteLength(line) <= maxBytes);
        assert.match(line, /^([^\r\n]*(\r\n|\r|\n)|[^\r\n]+)$/);
      }
    }),
  );
});
