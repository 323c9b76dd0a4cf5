import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Dialer } from '../../gateway/dialer.ts';
import { Naps } from '../../gateway/naps.ts';
import { Voice } from '../../gateway/voice.ts';
import { eventually } from '../helpers/eventually.ts';
import { bareServer } from '../helpers/tcp.ts';

const MANY = 500;
const SAYS = '127.0.0.1:4000 dice: hola\n';

class Sleeper {
  woken = 0;

  readOn(): void {
    this.woken++;
  }
}

function napsOf(t: TestContext, voices: () => number): Naps {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  return new Naps(voices);
}

test('who naps is woken once, after a millisecond for each voice', (t) => {
  const naps = napsOf(t, () => MANY);
  const sleeper = new Sleeper();
  assert.equal(naps.take(sleeper), true);
  t.mock.timers.tick(MANY - 1);
  assert.equal(sleeper.woken, 0);
  t.mock.timers.tick(1);
  assert.equal(sleeper.woken, 1);
  t.mock.timers.tick(10_000);
  assert.equal(sleeper.woken, 1);
});

test('however many there are, a nap ends after a second', (t) => {
  const naps = napsOf(t, () => 100_000);
  const sleeper = new Sleeper();
  naps.take(sleeper);
  t.mock.timers.tick(1_000);
  assert.equal(sleeper.woken, 1);
});

test('16 KiB heard meanwhile end it at once: no voice gets full', (t) => {
  const naps = napsOf(t, () => MANY);
  const sleepers = [new Sleeper(), new Sleeper()];
  for (const sleeper of sleepers) naps.take(sleeper);
  naps.heard(16 * 1024 - 1);
  assert.deepEqual([sleepers[0]?.woken, sleepers[1]?.woken], [0, 0]);
  naps.heard(1);
  assert.deepEqual([sleepers[0]?.woken, sleepers[1]?.woken], [1, 1]);
});

test('nobody naps among a few, nor while the ear does not hear', (t) => {
  assert.equal(napsOf(t, () => 9).take(new Sleeper()), false);
  assert.equal(new Naps(() => 0).take(new Sleeper()), false);
});

/** A voice in a room of our own making, and the room's end of it. */
async function openVoice(
  t: TestContext,
  naps: Naps,
): Promise<{ voice: Voice; room: Socket; words: string[] }> {
  const server = await bareServer(t);
  const dialer = new Dialer({
    host: '127.0.0.1',
    port: server.port,
    gapMs: 0,
    timeoutMs: 1_000,
    retryFirstMs: 10,
    retryMaxMs: 10,
  });
  const words: string[] = [];
  const accepted = server.accepts();
  const owner = {
    announce: () => '127.0.0.1:1',
    voiceOnOpen: () => {},
    voiceOnLost: () => {},
    voiceOnWords: (text: string) => void words.push(text),
  };
  const voice = new Voice(owner, dialer, naps, { format: 'dice', leaveTimeoutMs: 1_000 });
  await eventually(
    () => voice.address,
    () => 'the voice is not in the room',
  );
  return { voice, room: await accepted, words };
}

async function isAsleep(voice: Voice): Promise<void> {
  await eventually(
    () => voice.broadcastAt > 0,
    () => 'no broadcast came',
  );
}

test('what waits in a napping voice is read before it leaves: no reset', async (t) => {
  const { voice, room } = await openVoice(t, new Naps(() => 1_000));
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
  const { voice, room, words } = await openVoice(t, new Naps(() => 1_000));
  for (const greeting of ['Hola. ', 'Pasa.\n']) {
    room.write(greeting);
    await eventually(
      () => words.join('').includes(greeting.trim()),
      () => words.join(),
      500,
    );
  }
  const left = voice.leave();
  room.end();
  await left;
});

test('a voice that speaks is awake', async (t) => {
  const { voice, room } = await openVoice(t, new Naps(() => 1_000));
  room.write(SAYS);
  await isAsleep(voice);
  const before = voice.broadcastAt;
  await new Promise((resolve) => setTimeout(resolve, 5)); // so that the clock shows the difference
  voice.write('hola\n');
  room.write(SAYS);
  await eventually(
    () => voice.broadcastAt > before,
    () => 'still asleep',
    500,
  );
  const left = voice.leave();
  room.end();
  await left;
});
