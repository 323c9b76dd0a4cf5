import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '../../../gateway/protocol.ts';
import { entriesOf } from '../../../gateway/transcript/ring-buffer.ts';
import { SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import type { Cleanup } from '../../helpers/eventually.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

function openTranscript(t: Cleanup, ringEntries = 5): Transcript {
  const archive = new SqliteStore({ dir: newDir(t), retention: KEEP_ALL });
  const ring = { maxEntries: ringEntries, maxBytes: 64 * 1024 };
  return new Transcript(archive, ring, ignoreDisk);
}

const ignoreDisk = { onWriteError: assert.fail, onDiskChanged: assert.fail, onNewEpoch: () => assert.fail() };

function newDir(t: Cleanup): string {
  const dir = mkdtempSync(join(tmpdir(), 'transcript-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function say(transcript: Transcript, texts: string[]): number[] {
  return texts.map((text) => transcript.append({ at: Date.now(), from: '10.0.0.7:4000', text }));
}

function readAll(transcript: Transcript, seq: number, maxEntries?: number): Entry[][] {
  const frames: Entry[][] = [];
  for (
    let batch = transcript.batch(seq, maxEntries);
    batch;
    batch = transcript.batch(batch.last, maxEntries)
  ) {
    frames.push(entriesOf(batch));
  }
  return frames;
}

const TWENTY = Array.from({ length: 20 }, (_, index) => `mensaje ${index + 1}`);

test('transcript numbers entries from 1 without holes', (t) => {
  const transcript = openTranscript(t);
  assert.deepEqual([transcript.head, transcript.tail], [0, 1]);
  assert.deepEqual(say(transcript, ['uno', 'dos', 'tres']), [1, 2, 3]);
  assert.deepEqual([transcript.head, transcript.tail], [3, 1]);
  assert.equal(transcript.batch(3), undefined);
  transcript.close();
});

test('entries that have left memory are read from disk, once and in order', (t) => {
  const transcript = openTranscript(t);
  say(transcript, TWENTY);
  transcript.flush();
  for (const after of [0, 1, 14, 15, 16, 19]) {
    const texts = readAll(transcript, after, 4).map((frame) => frame.map(({ text }) => text));
    assert.deepEqual(texts.flat(), TWENTY.slice(after), `after ${after}`);
    assert.ok(texts.every(({ length }) => length <= 4));
  }
  transcript.close();
});

test('transcript in another folder has another epoch', (t) => {
  const [one, other] = [openTranscript(t), openTranscript(t)];
  assert.notEqual(one.epoch, other.epoch);
  one.close();
  other.close();
});

test('transcript batch from disk keeps its limit, except for one entry', (t) => {
  const transcript = openTranscript(t);
  for (let i = 0; i < 50; i++) say(transcript, ['x'.repeat(6_000)]);
  transcript.flush();
  const frames = readAll(transcript, 0).length;
  assert.ok(frames < 50);
  const bounded = transcript.batch(0, 200, 16 * 1024);
  assert.equal(bounded?.last, 2);
  assert.equal(transcript.batch(0, 200, 1)?.last, 1);
  transcript.close();
});

test('transcript reports appended entries once on disk, or at once if they are', (t) => {
  const transcript = openTranscript(t);
  const told: string[] = [];
  transcript.afterFlush(() => told.push('nothing to write'));
  say(transcript, ['uno']);
  transcript.afterFlush(() => told.push('uno'));
  assert.deepEqual(told, ['nothing to write']);
  transcript.flush();
  assert.deepEqual(told, ['nothing to write', 'uno']);
  transcript.close();
});
