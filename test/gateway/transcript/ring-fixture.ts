/**
 * A log of numbered lines, in memory.
 */
import type { Entry } from '../../../gateway/protocol.ts';
import { entriesOf, RingBuffer } from '../../../gateway/transcript/ring-buffer.ts';

/** Small enough to overflow in a test. */
export function openRing({ maxEntries = 1_000, maxBytes = 1024 * 1024, head = 0 } = {}): RingBuffer {
  return new RingBuffer({ maxEntries, maxBytes }, head);
}

export function entry(ring: RingBuffer, text: string): Entry {
  return { seq: ring.head + 1, at: 0, from: '10.0.0.7:4000', text };
}

export function append(ring: RingBuffer, text: string): void {
  ring.append(JSON.stringify(entry(ring, text)));
}

/** The entries after `seq` that are kept, frame by frame. */
export function readFrames(ring: RingBuffer, seq: number, maxEntries?: number, maxBytes?: number): Entry[][] {
  const frames: Entry[][] = [];
  let after = seq;
  for (
    let batch = ring.batch(after, maxEntries, maxBytes);
    batch;
    batch = ring.batch(after, maxEntries, maxBytes)
  ) {
    frames.push(entriesOf(batch));
    after = batch.last;
  }
  return frames;
}

export function readTexts(ring: RingBuffer, seq = 0): string[] {
  return readFrames(ring, seq)
    .flat()
    .map(({ text }) => text);
}
