import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stripControls } from '../../common/control-characters.ts';
import { LineDecoder } from '../../tcp-server/line-decoder.ts';

const TEXT = 'ñandú, 日本語 y 🎉 €';

/** Returns the lines that the chunks make. */
function lines(chunks: Uint8Array[], maxBytes = 1024): string[] {
  const decoder = new LineDecoder(maxBytes, 0, () => {});
  const results = [...chunks.map((chunk) => decoder.push(Buffer.from(chunk))), decoder.end()];
  const lines: string[] = [];
  for (const result of results) {
    if (result.lineEnd) lines.push(`${lines.pop() ?? ''}${result.lineEnd}`);
    lines.push(...result.lines);
  }
  return lines;
}

function halves(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

test('line decoder ends lines at LF, CRLF or a lone CR', () => {
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

test('line decoder ends one line at a CR and an LF that are cut apart', () => {
  const bytes = Buffer.from('a\r\n\r\nb\r\n');
  for (const at of [2, 4, 7]) {
    assert.equal(bytes[at - 1], 0x0d);
    assert.deepEqual(lines(halves(bytes, at)), ['a\r\n', '\r\n', 'b\r\n']);
  }
});

test('line decoder restores a character cut at any byte', () => {
  const bytes = Buffer.from(TEXT);
  for (let at = 0; at <= bytes.length; at++) {
    assert.equal(lines(halves(bytes, at)).join(''), TEXT);
  }
});

test('line decoder turns an incomplete character and invalid bytes into U+FFFD', () => {
  assert.deepEqual(lines([Buffer.from('a\xc3', 'latin1')]), ['a', '\ufffd']);
  for (let at = 0; at <= 3; at++) {
    const bytes = Buffer.from('abc');
    const broken = Buffer.concat([bytes.subarray(0, at), Buffer.of(0xfe), bytes.subarray(at)]);
    assert.equal(lines([broken]).join(''), `${'abc'.slice(0, at)}\ufffd${'abc'.slice(at)}`);
  }
});

test('line decoder keeps a byte order mark', () => {
  assert.deepEqual(lines([Buffer.from('\ufeffhola')]), ['\ufeffhola']);
});

test('line decoder keeps a line of the maximum whole, and splits one that is a byte longer', () => {
  assert.deepEqual(lines([Buffer.from('x'.repeat(1024))]), ['x'.repeat(1024)]);
  assert.deepEqual(lines([Buffer.from('x'.repeat(1025))]), ['x'.repeat(1024), 'x']);
  assert.deepEqual(lines([Buffer.from(`${'x'.repeat(1023)}ñ`)]), ['x'.repeat(1023), 'ñ']);
  assert.deepEqual(lines([Buffer.from(`${'x'.repeat(1022)}ñ`)]), [`${'x'.repeat(1022)}ñ`]);
});

test('line decoder loses and adds nothing, and makes no line too long, for any bytes and cuts', () => {
  const chunks = fc.array(fc.uint8Array({ max: 0xfe, maxLength: 50 }));
  fc.assert(
    fc.property(chunks, fc.integer({ min: 4, max: 20 }), (chunks, maxBytes) => {
      const decoded = lines(chunks, maxBytes);
      assert.equal(
        decoded.join(''),
        stripControls(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks))),
      );
      for (const line of decoded) {
        assert.ok(Buffer.byteLength(line) <= maxBytes);
        assert.match(line, /^([^\r\n]*(\r\n|\r|\n)|[^\r\n]+)$/);
      }
    }),
  );
});
