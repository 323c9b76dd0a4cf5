import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { EntryFanOut, type FanOutTarget } from '../../../gateway/hub/fan-out.ts';
import { LocalScribe } from '../../../gateway/hub/local-scribe.ts';
import { PresenceList } from '../../../gateway/hub/presence.ts';
import { Recorder } from '../../../gateway/hub/recorder.ts';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';
import { Counters } from '../../../gateway/ops/counters.ts';
import { entriesOf } from '../../../gateway/transcript/ring-buffer.ts';
import { SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import { mannerOf } from '../../../gateway/upstream/formats/manner.ts';
import type { RoomText } from '../../../gateway/upstream/formats/room-text.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

const ignoreDisk = { onWriteError: assert.fail, onDiskChanged: assert.fail, onNewEpoch: () => assert.fail() };

/** A recorder in a room of terminals, and a subscriber that notes each frame and the number of terminals listed then. */
function openRecorder(t: TestContext, burst = 1_000) {
  const dir = mkdtempSync(join(tmpdir(), 'recorder-'));
  const ring = { maxEntries: 1_000, maxBytes: 1024 * 1024 };
  const transcript = new Transcript(new SqliteStore({ dir, retention: KEEP_ALL }), ring, ignoreDisk);
  const presence = new PresenceList(new Map());
  t.after(() => {
    presence.close();
    transcript.close();
    rmSync(dir, { recursive: true });
  });
  const frames: { texts: string[]; terminals: number }[] = [];
  const target: FanOutTarget = {
    subscriber: {
      sendNext(batch) {
        const texts = batch ? entriesOf(batch).map(({ text }) => text) : [];
        return frames.push({ texts, terminals: presence.terminals }) > 0;
      },
    },
  };
  const fanOut = new EntryFanOut(transcript, new Map([['ana', target]]), new TimeSlices());
  const parts = {
    transcript,
    fanOut,
    counters: new Counters(),
    presence,
    voices: new Map(),
    tap: { observer: undefined },
  };
  const scribe = new LocalScribe(parts, { burst, perSecond: 0.001 }, () => {});
  const manner = mannerOf({ ROOM_FORMAT: 'dice' });
  const recorder = new Recorder({
    manner,
    scribe,
    tap: parts.tap,
    voices: new Map(),
    speakers: new Map(),
    cluster: undefined,
  });
  return { recorder, frames, presence };
}

function message(text: string, from = '10.0.0.7:4000'): RoomText {
  return { kind: 'message', from, text };
}

test('recorder writes all messages of one read in one frame before it returns', (t) => {
  const { recorder, frames } = openRecorder(t);
  recorder.record(['uno', 'dos', 'tres'].map((text) => message(text)));
  assert.deepEqual(
    frames.map(({ texts }) => texts),
    [['uno', 'dos', 'tres']],
  );
});

test('recorder updates presence after the message is delivered', (t) => {
  const { recorder, frames, presence } = openRecorder(t);
  recorder.record([message('hola')]);
  assert.deepEqual(frames, [{ texts: ['hola'], terminals: 0 }]);
  assert.equal(presence.terminals, 1);
});

test('recorder delivers gathered lines at the end of the iteration', async (t) => {
  const { recorder, frames } = openRecorder(t, 1);
  recorder.record(['1', '2', '3'].map((text) => message(text)));
  recorder.flush();
  await nextIteration();
  assert.deepEqual(
    frames.map(({ texts }) => texts),
    [['1'], ['2\n3']],
  );
});

test('recorder makes no entry and no frame of private text and empty lines', async (t) => {
  const { recorder, frames } = openRecorder(t);
  assert.equal(recorder.record([{ kind: 'private', text: 'Bienvenido' }, message('  ')]), false);
  await nextIteration();
  assert.deepEqual(frames, []);
});
