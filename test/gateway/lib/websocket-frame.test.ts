import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader } from '../../../bench/clients/frames.ts';
import { textFrame, textOf } from '../../../gateway/lib/websocket-frame.ts';

/** A client's reading of these bytes, however they are cut. */
function read(bytes: Buffer, cutAt = 0): string[] {
  const texts: string[] = [];
  const reader = new FrameReader(
    (part, from, to) => texts.push(part.toString('utf8', from, to)),
    () => assert.fail('closed'),
  );
  reader.take(bytes.subarray(0, cutAt));
  reader.take(bytes.subarray(cutAt));
  return texts;
}

for (const length of [1, 125, 126, 127, 65_535, 65_536, 200_000]) {
  test(`a text of ${length} bytes is one frame, and is read back`, () => {
    const text = 'x'.repeat(length);
    const frame = textFrame(Buffer.from(text));
    assert.deepEqual(read(frame), [text]);
    assert.equal(textOf(frame), text);
  });
}

test('parts are put together, whatever their script', () => {
  const frame = textFrame(Buffer.from('{"ñ":"'), Buffer.from('日本語 🙂'), Buffer.from('"}'));
  assert.deepEqual(read(frame), ['{"ñ":"日本語 🙂"}']);
});

test('frames one after the other are read one by one', () => {
  const frames = Buffer.concat(['uno', 'dos'].map((text) => textFrame(Buffer.from(text))));
  assert.deepEqual(read(frames), ['uno', 'dos']);
});
