import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, hexOf, isInCharacter, type Piece, piecesOf } from '../../../web/wire/bytes.ts';

const HEADER = '127.0.0.1:4000 dice: ';

function viewOf(bytes: Buffer, cuts: number[] = [], header = 0): string[] {
  const nameOf = (piece: Piece) => (piece.kind === 'cut' ? 'cut' : `${piece.kind} ${piece.text}`);
  return piecesOf(
    bytes,
    header,
    cuts.map((at) => ({ at, ms: 1 })),
  ).map(nameOf);
}

test('bytes of a message are its header, text, characters of several bytes and escapes', () => {
  const bytes = Buffer.from(`${HEADER}año 🙂\t\u0007\x7f\r\n`);
  assert.deepEqual(viewOf(bytes, [], HEADER.length), [
    `header ${HEADER}`,
    'text a',
    'wide ñ',
    'text o ',
    'wide 🙂',
    'control \\t',
    'control \\x07',
    'control \\x7f',
    'control \\r',
    'control \\n',
  ]);
});

test('character that a read cuts is shown as bytes on both sides', () => {
  assert.deepEqual(viewOf(Buffer.from('a€b'), [2]), [
    'text a',
    'bytes e2',
    'cut',
    'bytes 82',
    'bytes ac',
    'text b',
  ]);
});

test('cut between characters parts the text', () => {
  assert.deepEqual(viewOf(Buffer.from('hola'), [2]), ['text ho', 'cut', 'text la']);
});

test('invalid bytes are shown one by one', () => {
  assert.deepEqual(viewOf(Buffer.from([0x61, 0xff, 0xc3, 0x62, 0xe2, 0x82])), [
    'text a',
    'bytes ff',
    'bytes c3',
    'text b',
    'bytes e2',
    'bytes 82',
  ]);
});

test('place in a character is found from its bytes', () => {
  const bytes = Buffer.from('a€🙂');
  const inside = Array.from({ length: bytes.length + 1 }, (_, at) => Number(isInCharacter(bytes, at)));
  assert.deepEqual(inside, [0, 0, 1, 1, 0, 1, 1, 1, 0]);
});

test('bytes come from base64 and go to hexadecimal', () => {
  assert.equal(hexOf(bytesOf(Buffer.from('ñ\n').toString('base64'))), 'c3 b1 0a');
});
