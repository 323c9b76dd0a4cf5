import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mannerOf } from '../../../../gateway/upstream/formats/room-settings.ts';
import { PENDING_MAX_BYTES, TextLocator } from '../../../../gateway/upstream/tap/text-locator.ts';

const FROM = '127.0.0.1:4000';
const HEADER = `${FROM} dice: `;
const HOLA = `${HEADER}hola\n`;

/** A locator that has got these reads, and looks for a message of FROM. */
function locatorOf(...reads: string[]) {
  const locator = new TextLocator(mannerOf({ ROOM_FORMAT: 'dice' }));
  for (const read of reads) locator.push(Buffer.from(read));
  return (text: string) => {
    const located = locator.locate({ kind: 'message', from: FROM, text });
    if (!located) return undefined;
    const { offset, header, span } = located;
    return { offset, header, bytes: `${span.bytes.subarray(span.start, span.end)}` };
  };
}

/** Lines that are no message, so many bytes. */
function filler(bytes: number): string {
  return '.'.repeat(bytes - 1).concat('\n');
}

test('locator finds the oldest of the bytes that it keeps, up to its limit', () => {
  const locate = locatorOf(HOLA, filler(PENDING_MAX_BYTES - HOLA.length));
  assert.deepEqual(locate('hola'), { offset: 0, header: HEADER.length, bytes: `${HEADER}hola` });
});

test('locator forgets the oldest bytes beyond its limit, and counts the others as before', () => {
  // One byte too many takes the first of the header, and as many as the message has take all of it.
  const first = locatorOf(HOLA, filler(PENDING_MAX_BYTES - HOLA.length + 1))('hola');
  assert.deepEqual(first, { offset: 1, header: HEADER.length - 1, bytes: `${HEADER.slice(1)}hola` });
  const locate = locatorOf(HOLA, filler(PENDING_MAX_BYTES - HOLA.length), HOLA.replace('hola', 'otra'));
  assert.equal(locate('hola'), undefined);
  assert.deepEqual(locate('otra'), {
    offset: PENDING_MAX_BYTES,
    header: HEADER.length,
    bytes: `${HEADER}otra`,
  });
});

test('locator keeps a read that is longer than its limit, and counts its bytes from the first', () => {
  const long = filler(PENDING_MAX_BYTES + 100);
  const locate = locatorOf('...', `${HOLA}${long}${HOLA.replace('hola', 'otra')}`);
  assert.equal(locate('hola')?.offset, 3);
});
