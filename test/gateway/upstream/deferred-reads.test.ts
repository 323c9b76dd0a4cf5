import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DeferredReads } from '../../../gateway/upstream/deferred-reads.ts';
import { Dialer } from '../../../gateway/upstream/dialer.ts';
import { Voice } from '../../../gateway/upstream/voice.ts';
import { eventually } from '../../helpers/eventually.ts';
import { bareServer } from '../../helpers/tcp.ts';

const MANY = 500;
const SAYS = '127.0.0.1:4000 dice: hola\n';

class Sleeper {
  woken = 0;

  resumeReading(): void {
    this.woken++;
  }
}

function napsOf(t: TestContext, voices: () => number): DeferredReads {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return new DeferredReads(voices);
}

function fallAsleep(naps: DeferredReads, count: number): Sleeper[] {
  const sleepers = Array.from({ length: count }, () => new Sleeper());
  for (const sleeper of sleepers) assert.equal(naps.defer(sleeper), true);
  return sleepers;
}

/** Step by step: a timer set by another counts from when that went off. */
function pass(t: TestContext, ms: number): void {
  for (let passed = 0; passed < ms; passed++) t.mock.timers.tick(1);
}

const wokenOf = (sleepers: readonly Sleeper[]): number => sleepers.filter(({ woken }) => woken > 0).length;

test('deferred voices resume once, the longest waiting first, within a ms for each', (t) => {
  const naps = napsOf(t, () => 400);
  const sleepers = fallAsleep(naps, 400);
  pass(t, 49);
  assert.equal(wokenOf(sleepers), 0);
  pass(t, 1);
  assert.equal(wokenOf(sleepers), 50);
  assert.equal(wokenOf(sleepers.slice(0, 50)), 50);
  pass(t, 349);
  assert.equal(wokenOf(sleepers), 350);
  pass(t, 1);
  assert.equal(wokenOf(sleepers), 400);
  pass(t, 10_000);
  assert.ok(sleepers.every(({ woken }) => woken === 1));
});

test('however many there are, a nap ends after a second', (t) => {
  const naps = napsOf(t, () => 10_000);
  const sleepers = fallAsleep(naps, 10_000);
  pass(t, 999);
  assert.equal(wokenOf(sleepers), 8_750);
  pass(t, 1);
  assert.equal(wokenOf(sleepers), 10_000);
});

test('16 KiB heard meanwhile end it for all, a part of it for a part: no voice gets full', (t) => {
  const naps = napsOf(t, () => MANY);
  const sleepers = fallAsleep(naps, MANY);
  naps.onBytesHeard(1024);
  assert.equal(wokenOf(sleepers), Math.floor(MANY / 16));
  naps.onBytesHeard(15 * 1024 - 1);
  assert.equal(wokenOf(sleepers), MANY - 1);
  naps.onBytesHeard(1);
  assert.equal(wokenOf(sleepers), MANY);
});

test('few bytes at a time are not forgotten', (t) => {
  const naps = napsOf(t, () => MANY);
  const sleepers = fallAsleep(naps, MANY);
  for (let byte = 0; byte < 16 * 1024; byte++) naps.onBytesHeard(1);
  assert.equal(wokenOf(sleepers), MANY);
});

test("voice resumed by the ear's text does not resume again by the clock", (t) => {
  const naps = napsOf(t, () => 400);
  const sleepers = fallAsleep(naps, 400);
  naps.onBytesHeard(1024);
  pass(t, 50);
  assert.equal(wokenOf(sleepers), 50);
});

test("ear's text without deferred voices has no later effect", (t) => {
  const naps = napsOf(t, () => 400);
  naps.onBytesHeard(8 * 1024);
  const sleepers = fallAsleep(naps, 400);
  assert.equal(wokenOf(sleepers), 0);
  pass(t, 50);
  assert.equal(wokenOf(sleepers), 50);
});

test('last deferred voices resume when only a few are left', (t) => {
  let voices = 400;
  const naps = napsOf(t, () => voices);
  const sleepers = fallAsleep(naps, 400);
  voices = 0;
  pass(t, 50);
  assert.equal(wokenOf(sleepers), 400);
});

test('nobody naps among a few, nor while the ear does not hear', (t) => {
  assert.equal(napsOf(t, () => 9).defer(new Sleeper()), false);
  assert.equal(new DeferredReads(() => 0).defer(new Sleeper()), false);
});

/** A voice in a room of our own making, and the room's end of it. */
async function openVoice(
  t: TestContext,
  naps: DeferredReads,
): Promise<{ voice: Voice; room: Socket; words: string[] }> {
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
  const words: string[] = [];
  const accepted = server.accepts();
  const listener = {
    peer: { ip: '127.0.0.1', port: 0 },
    mayUse: () => true,
    onVoiceOpen: () => {},
    onVoiceLost: () => {},
    onPrivateText: (text: string) => void words.push(text),
  };
  const voice = new Voice(listener, dialer, naps, { format: 'dice', leaveTimeoutMs: 1_000 });
  await eventually(
    () => voice.address,
    () => 'the voice is not in the room',
  );
  return { voice, room: await accepted, words };
}

/** Longer than a test waits: what is read at all is read because the voice is awake. */
const NAP_MS = 3_600_000;

async function isAsleep(voice: Voice): Promise<void> {
  await eventually(
    () => voice.lastBroadcastAt > 0,
    () => 'no broadcast came',
  );
}

test('waiting text of a deferred voice is read before it closes, without a reset', async (t) => {
  const { voice, room } = await openVoice(t, new DeferredReads(() => NAP_MS));
  room.write(SAYS);
  await isAsleep(voice);
  room.write(SAYS.repeat(100));
  const ended = once(room.resume(), 'end');
  const left = voice.leave();
  await ended;
  room.end();
  const [hadError] = await once(room, 'close');
  assert.equal(hadError, false);
  await left;
});

test('private words are read at once, as long as no broadcast has come', async (t) => {
  const { voice, room, words } = await openVoice(t, new DeferredReads(() => NAP_MS));
  for (const greeting of ['Hola. ', 'Pasa.\n']) {
    room.write(greeting);
    await eventually(
      () => words.join('').includes(greeting.trim()),
      () => words.join(),
    );
  }
  const left = voice.leave();
  room.end();
  await left;
});

test('a voice that speaks is awake', async (t) => {
  const { voice, room } = await openVoice(t, new DeferredReads(() => NAP_MS));
  room.write(SAYS);
  await isAsleep(voice);
  const before = voice.lastBroadcastAt;
  await new Promise((resolve) => setTimeout(resolve, 5)); // so that the clock shows the difference
  voice.write('hola\n');
  room.write(SAYS);
  await eventually(
    () => voice.lastBroadcastAt > before,
    () => 'still asleep',
  );
  const left = voice.leave();
  room.end();
  await left;
});
