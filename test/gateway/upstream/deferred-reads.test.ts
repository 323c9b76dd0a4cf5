import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DeferredReads } from '../../../gateway/upstream/deferred-reads.ts';
import { Dialer } from '../../../gateway/upstream/dialer.ts';
import { mannerOf } from '../../../gateway/upstream/formats/room-settings.ts';
import { Voice } from '../../../gateway/upstream/voice.ts';
import { eventually } from '../../helpers/eventually.ts';
import { bareServer } from '../../helpers/tcp.ts';

const MANY = 500;
const SAYS = '127.0.0.1:4000 dice: hola\n';

class FakeReader {
  resumed = 0;

  resumeReading(): void {
    this.resumed++;
  }
}

function deferredReadsOf(t: TestContext, voices: () => number): DeferredReads {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return new DeferredReads(voices);
}

function deferAll(reads: DeferredReads, count: number): FakeReader[] {
  const readers = Array.from({ length: count }, () => new FakeReader());
  for (const reader of readers) assert.equal(reads.defer(reader), true);
  return readers;
}

/** Advances the clock step by step, because a timer may set another one. */
function pass(t: TestContext, ms: number): void {
  for (let passed = 0; passed < ms; passed++) t.mock.timers.tick(1);
}

const resumedOf = (readers: readonly FakeReader[]): number =>
  readers.filter(({ resumed }) => resumed > 0).length;

test('deferred voices resume once, the longest waiting first, within a ms for each', (t) => {
  const reads = deferredReadsOf(t, () => 400);
  const readers = deferAll(reads, 400);
  pass(t, 49);
  assert.equal(resumedOf(readers), 0);
  pass(t, 1);
  assert.equal(resumedOf(readers), 50);
  assert.equal(resumedOf(readers.slice(0, 50)), 50);
  pass(t, 349);
  assert.equal(resumedOf(readers), 350);
  pass(t, 1);
  assert.equal(resumedOf(readers), 400);
  pass(t, 10_000);
  assert.ok(readers.every(({ resumed }) => resumed === 1));
});

test('deferred reads resume every reader within a second', (t) => {
  const reads = deferredReadsOf(t, () => 10_000);
  const readers = deferAll(reads, 10_000);
  pass(t, 999);
  assert.equal(resumedOf(readers), 8_750);
  pass(t, 1);
  assert.equal(resumedOf(readers), 10_000);
});

test('deferred reads resume a share of readers per byte heard, and all after 16 KiB', (t) => {
  const reads = deferredReadsOf(t, () => MANY);
  const readers = deferAll(reads, MANY);
  reads.onBytesHeard(1024);
  assert.equal(resumedOf(readers), Math.floor(MANY / 16));
  reads.onBytesHeard(15 * 1024 - 1);
  assert.equal(resumedOf(readers), MANY - 1);
  reads.onBytesHeard(1);
  assert.equal(resumedOf(readers), MANY);
});

test('deferred reads add up single bytes heard', (t) => {
  const reads = deferredReadsOf(t, () => MANY);
  const readers = deferAll(reads, MANY);
  for (let byte = 0; byte < 16 * 1024; byte++) reads.onBytesHeard(1);
  assert.equal(resumedOf(readers), MANY);
});

test("voice resumed by the ear's text does not resume again by the clock", (t) => {
  const reads = deferredReadsOf(t, () => 400);
  const readers = deferAll(reads, 400);
  reads.onBytesHeard(1024);
  pass(t, 50);
  assert.equal(resumedOf(readers), 50);
});

test("ear's text without deferred voices has no later effect", (t) => {
  const reads = deferredReadsOf(t, () => 400);
  reads.onBytesHeard(8 * 1024);
  const readers = deferAll(reads, 400);
  assert.equal(resumedOf(readers), 0);
  pass(t, 50);
  assert.equal(resumedOf(readers), 50);
});

test('last deferred voices resume when only a few are left', (t) => {
  let voices = 400;
  const reads = deferredReadsOf(t, () => voices);
  const readers = deferAll(reads, 400);
  voices = 0;
  pass(t, 50);
  assert.equal(resumedOf(readers), 400);
});

test('deferred reads defer nothing with few voices or without an ear', (t) => {
  assert.equal(deferredReadsOf(t, () => 9).defer(new FakeReader()), false);
  assert.equal(new DeferredReads(() => 0).defer(new FakeReader()), false);
});

/** Opens a voice in a stand-in for the room, and returns both ends. */
async function openVoice(
  t: TestContext,
  reads: DeferredReads,
): Promise<{ voice: Voice; room: Socket; texts: string[] }> {
  const server = await bareServer(t);
  const dialer = new Dialer({
    host: '127.0.0.1',
    port: server.port,
    proxyProtocol: 'off',
    spacingMs: 0,
    timeoutMs: 1_000,
    retryFirstMs: 10,
    retryMaxMs: 10,
  });
  const texts: string[] = [];
  const accepted = server.accepts();
  const listener = {
    peer: { ip: '127.0.0.1', port: 0 },
    mayUse: () => true,
    loginNameFor: () => undefined,
    onVoiceOpen: () => {},
    onVoiceLost: () => {},
    onPrivateText: (text: string) => void texts.push(text),
  };
  const voice = new Voice(listener, dialer, reads, {
    manner: mannerOf({ ROOM_FORMAT: 'dice' }),
    leaveTimeoutMs: 1_000,
  });
  await eventually(
    () => voice.address,
    () => 'the voice is not in the room',
  );
  return { voice, room: await accepted, texts };
}

/** Longer than a test waits, so bytes are read only if the voice resumes. */
const DEFER_MS = 3_600_000;

async function isDeferred(voice: Voice): Promise<void> {
  await eventually(
    () => voice.lastBroadcastAt > 0,
    () => 'no broadcast came',
  );
}

test('waiting text of a deferred voice is read before it closes, without a reset', async (t) => {
  const { voice, room } = await openVoice(t, new DeferredReads(() => DEFER_MS));
  room.write(SAYS);
  await isDeferred(voice);
  room.write(SAYS.repeat(100));
  const ended = once(room.resume(), 'end');
  const left = voice.leave();
  await ended;
  room.end();
  const [hadError] = await once(room, 'close');
  assert.equal(hadError, false);
  await left;
});

test('voice reads private text at once until a broadcast comes', async (t) => {
  const { voice, room, texts } = await openVoice(t, new DeferredReads(() => DEFER_MS));
  for (const greeting of ['Hola. ', 'Pasa.\n']) {
    room.write(greeting);
    await eventually(
      () => texts.join('').includes(greeting.trim()),
      () => texts.join(),
    );
  }
  const left = voice.leave();
  room.end();
  await left;
});

test('voice resumes reading when it sends', async (t) => {
  const { voice, room } = await openVoice(t, new DeferredReads(() => DEFER_MS));
  room.write(SAYS);
  await isDeferred(voice);
  const before = voice.lastBroadcastAt;
  await new Promise((resolve) => setTimeout(resolve, 5)); // so that the clock shows the difference
  voice.say('hola');
  room.write(SAYS);
  await eventually(
    () => voice.lastBroadcastAt > before,
    () => 'the voice does not read',
  );
  const left = voice.leave();
  room.end();
  await left;
});
