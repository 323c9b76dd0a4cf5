import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { RemoteVoices } from '../../../gateway/hub/cluster/remote-voices.ts';
import type { SharedScribe } from '../../../gateway/hub/cluster/shared-scribe.ts';
import { EntryFanOut, type FanOutTarget } from '../../../gateway/hub/fan-out.ts';
import { LocalScribe } from '../../../gateway/hub/local-scribe.ts';
import { PresenceList } from '../../../gateway/hub/presence.ts';
import { Recorder } from '../../../gateway/hub/recorder.ts';
import { TimeSlices } from '../../../gateway/lib/time-slices.ts';
import { Counters } from '../../../gateway/ops/counters.ts';
import type { Entry } from '../../../gateway/protocol.ts';
import type { Session } from '../../../gateway/session/session.ts';
import { entriesOf } from '../../../gateway/transcript/ring-buffer.ts';
import { SqliteStore } from '../../../gateway/transcript/sqlite-store.ts';
import { Transcript } from '../../../gateway/transcript/transcript.ts';
import { mannerOf } from '../../../gateway/upstream/formats/room-settings.ts';
import type { RoomText } from '../../../gateway/upstream/formats/room-text.ts';
import { KEEP_ALL } from '../../helpers/transcript.ts';

const ignoreDisk = { onWriteError: assert.fail, onDiskChanged: assert.fail, onNewEpoch: () => assert.fail() };

interface RecorderSetup {
  burst?: number;
  voices?: Map<string, Session>;
  cluster?: SharedScribe;
}

/** A recorder in a room of terminals, and a subscriber that notes each frame and the number of terminals listed then. */
function openRecorder(t: TestContext, { burst = 1_000, voices = new Map(), cluster }: RecorderSetup = {}) {
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
  const written: Entry[] = [];
  const target: FanOutTarget = {
    subscriber: {
      sendNext(batch) {
        const entries = batch ? entriesOf(batch) : [];
        const texts = entries.map(({ text }) => text);
        written.push(...entries);
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
    voices,
    speakers: new Map(),
    cluster,
  });
  return { recorder, frames, written, presence };
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
  const { recorder, frames } = openRecorder(t, { burst: 1 });
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

/**
 * A session whose voice had the address a moment ago, and the gateways of a cluster, one of which has it perhaps.
 * `addressNow`: the address that the voice has now.
 */
function openFormerAddress(
  t: TestContext,
  address: string,
  isVoice = true,
  addressNow: string | null = null,
) {
  const sendQueue = { expectsEcho: () => false, matchEcho: () => ({ kind: 'forged' }) };
  const session = { address: addressNow, presence: 'here', sendQueue } as unknown as Session;
  const remoteVoices = new RemoteVoices('g1');
  const waiting: (() => void)[] = [];
  const cluster = {
    voices: remoteVoices,
    isVoice: () => isVoice,
    afterAnnouncements: (callback: () => void) => waiting.push(callback),
  } as unknown as SharedScribe;
  const announce = (text: string) =>
    remoteVoices.onAnnouncement({
      gateway: 'g2',
      by: 'ana',
      id: '1',
      isHost: false,
      address,
      chunks: [text],
    });
  const allAnnounced = () => {
    for (const callback of waiting.splice(0)) callback();
  };
  const opened = openRecorder(t, { voices: new Map([[address, session]]), cluster });
  return { ...opened, announce, allAnnounced, waiting };
}

test('line from a former address of a session belongs to the other gateway that announced it', async (t) => {
  const { recorder, written, announce, allAnnounced } = openFormerAddress(t, '10.0.0.7:4000');
  recorder.record([message('hola')]);
  await nextIteration();
  assert.equal(written.length, 0, 'its announcement may still be on the way');
  announce('hola');
  allAnnounced();
  await nextIteration();
  assert.deepEqual(
    written.map(({ text, said, forged }) => ({ text, by: said?.by, forged })),
    [{ text: 'hola', by: 'ana', forged: undefined }],
  );
});

test('late line of another gateway belongs to it, although a session has its address now', async (t) => {
  const address = '10.0.0.7:4000';
  const { recorder, written, announce } = openFormerAddress(t, address, false, address);
  announce('hola');
  recorder.record([message('hola'), message('falso')]);
  await nextIteration();
  assert.deepEqual(
    written.map(({ text, said, forged = false }) => ({ text, by: said?.by, forged })),
    [
      { text: 'hola', by: 'ana', forged: false },
      { text: 'falso', by: undefined, forged: true },
    ],
  );
});

test('parts of a line from a former address of a session belong to the same announcement', (t) => {
  const { recorder, written, announce } = openFormerAddress(t, '10.0.0.7:4000');
  announce('hola, mundo');
  recorder.record([message('hola,'), { kind: 'continuation', text: ' mundo' }]);
  assert.deepEqual(
    written.map(({ said }) => [said?.by, said?.left]),
    [
      ['ana', 1],
      ['ana', 0],
    ],
  );
});

test('line that nobody announced is forged if its address is now a voice of another gateway', (t) => {
  for (const isVoice of [true, false]) {
    const { recorder, written, allAnnounced } = openFormerAddress(t, '10.0.0.7:4000', isVoice);
    recorder.record([message('falso')]);
    allAnnounced();
    assert.deepEqual(
      written.map(({ text, forged = false }) => ({ text, forged })),
      [{ text: 'falso', forged: isVoice }],
    );
  }
});

test('line of a new ear waits for its announcement, not for that of a line before', async (t) => {
  const { recorder, written, announce, allAnnounced, waiting } = openFormerAddress(t, '10.0.0.7:4000');
  recorder.record([message('uno'), message('dos')]);
  const [answer] = waiting.splice(0);
  recorder.reset();
  recorder.record([message('hola')]);
  answer?.();
  await nextIteration();
  assert.deepEqual(
    written.map(({ text }) => text),
    ['uno', 'dos'],
  );
  announce('hola');
  allAnnounced();
  await nextIteration();
  assert.equal(written.at(-1)?.said?.by, 'ana');
});
