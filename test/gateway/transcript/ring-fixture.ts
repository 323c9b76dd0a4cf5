/**
 * A log of numbered lines, in memory.
 */
import type { Entry } from '../../../gateway/protocol.ts';
import { entriesOf, Ring } from '../../../gateway/transcript/ring-buffer.ts';

/** Small enough to overflow in a test. */
export function openRing({ maxEntries = 1_000, maxBytes = 1024 * 1024, head = 0 } = {}): Ring {
  return new Ring({ maxEntries, maxBytes }, head);
}

export function entry(ring: Ring, text: string): Entry {
  return { seq: ring.head + 1, at: 0, from: '10.0.0.7:4000', text };
}

export function append(ring: Ring, text: string): void {
  ring.append(JSON.stringify(entry(ring, text)));
}

/** All that is kept after `seq`, frame by frame. */
export function readFrames(ring: Ring, seq: number, maxEntries?: number, maxBytes?: number): Entry[][] {
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

export function readTexts(ring: Ring, seq = 0): string[] {
  return readFrames(ring, seq)
    .flat()
    .map(({ text }) => text);
}
