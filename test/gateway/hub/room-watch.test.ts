/**
 * When the gateway decides that it can't follow a room. The test moves the clock.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { RoomWatch } from '../../../gateway/hub/room-watch.ts';
import type { RoomTrouble } from '../../../gateway/protocol.ts';
import { mannerOf } from '../../../gateway/upstream/formats/room-settings.ts';
import type { RoomText } from '../../../gateway/upstream/formats/room-text.ts';

const STEP_MS = 100;

/** A room, and an ear that reconnects when the watch requests it. */
class WatchedRoom {
  readonly watch: RoomWatch;
  readonly troubles: (RoomTrouble | undefined)[] = [];
  /** How long the ear stayed away, each time, ms. */
  readonly rests: number[] = [];
  probes = 0;
  accepted = 0;
  /** Whether the room answers probes while the ear is open, and while it is away. */
  answers = { withEar: true, withoutEar: true };
  isEarOpen = false;
  readonly #t: TestContext;
  #waiting: ((answered: boolean) => void)[] = [];
  #back: NodeJS.Timeout | undefined;

  constructor(t: TestContext, format = 'dice', mayProbe = true) {
    this.#t = t;
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    this.watch = new RoomWatch(
      { manner: mannerOf({ ROOM_FORMAT: format }), mayProbe },
      {
        probe: () =>
          new Promise((resolve) => {
            this.probes++;
            this.#waiting.push(resolve);
            this.#answer();
          }),
        reconnectEar: (ms) => this.#reconnectEar(ms),
        onAccepted: () => this.accepted++,
        onTroubleChanged: (trouble) => this.troubles.push(trouble),
      },
    );
  }

  openEar(): void {
    this.isEarOpen = true;
    this.watch.onEarOpen();
  }

  sends(text: string): void {
    this.watch.onEarHeard([{ kind: 'private', text } satisfies RoomText]);
  }

  sendsMessage(): void {
    this.watch.onEarHeard([{ kind: 'message', from: '10.0.0.7:4000', text: 'hola' }]);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.#t.mock.timers.tick(Math.min(left, STEP_MS));
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  #reconnectEar(ms: number): void {
    this.rests.push(ms);
    if (this.isEarOpen) {
      this.isEarOpen = false;
      this.watch.onEarLost();
    }
    clearTimeout(this.#back);
    this.#back = setTimeout(() => this.openEar(), ms);
    this.#answer();
  }

  #answer(): void {
    if (!(this.isEarOpen ? this.answers.withEar : this.answers.withoutEar)) return;
    for (const resolve of this.#waiting.splice(0)) resolve(true);
  }
}

describe('a room that waits for the ear', () => {
  test('room watch detects a waiting room by two probes, and keeps the ear away ever longer', async (t) => {
    const room = new WatchedRoom(t);
    room.answers.withEar = false;
    room.openEar();
    await room.pass(15_000);
    assert.deepEqual([room.troubles, room.probes, room.accepted], [['asks'], 2, 0]);
    assert.equal(room.isEarOpen, false);
    await room.pass(45 * 60_000);
    const long = room.rests.filter((ms) => ms >= 60_000);
    assert.deepEqual(long.slice(0, 5), [60_000, 120_000, 240_000, 480_000, 600_000]);
    assert.deepEqual(room.troubles, ['asks']);
  });

  test('room watch follows the room again when another server has taken the port', async (t) => {
    const room = new WatchedRoom(t);
    room.answers.withEar = false;
    room.openEar();
    await room.pass(15_000);
    room.answers.withEar = true;
    await room.pass(65_000);
    assert.deepEqual(room.troubles, ['asks', undefined]);
    assert.equal(room.isEarOpen, true);
  });

  test('room watch follows the room again at once when a voice receives a header', async (t) => {
    const room = new WatchedRoom(t);
    room.answers.withEar = false;
    room.openEar();
    await room.pass(15_000);
    room.watch.onVoiceHeader();
    await room.pass(STEP_MS);
    assert.deepEqual([room.troubles, room.isEarOpen], [['asks', undefined], true]);
  });

  test('room watch takes the ear away after one probe when the room asked for a name', async (t) => {
    const room = new WatchedRoom(t);
    room.answers = { withEar: false, withoutEar: false };
    room.openEar();
    room.sends('NICK');
    await room.pass(1_000);
    assert.deepEqual(room.troubles, ['asks']);
    await room.pass(10_000);
    assert.equal(room.isEarOpen, false);
    assert.ok((room.rests.at(-1) ?? 0) >= 60_000, `rests ${room.rests}`);
  });
});

describe('no trouble is found', () => {
  test('room watch finds no trouble when the room answers late once', async (t) => {
    const room = new WatchedRoom(t);
    room.answers.withEar = false;
    room.openEar();
    await room.pass(5_500);
    room.answers.withEar = true;
    await room.pass(120_000);
    assert.deepEqual([room.troubles, room.accepted, room.isEarOpen], [[], 1, true]);
  });

  test('room watch finds no trouble when the room hangs, and probes seldom', async (t) => {
    const room = new WatchedRoom(t);
    room.answers = { withEar: false, withoutEar: false };
    room.openEar();
    await room.pass(10_500);
    assert.equal(room.isEarOpen, true);
    await room.pass(30 * 60_000);
    assert.deepEqual(room.troubles, []);
    assert.ok(room.probes <= 6, `${room.probes} probes`);
  });

  test('room watch keeps the ear in a proven room that hangs later', async (t) => {
    const room = new WatchedRoom(t);
    room.answers = { withEar: false, withoutEar: false };
    room.openEar();
    room.sendsMessage();
    await room.pass(30 * 60_000);
    assert.deepEqual([room.troubles, room.rests], [[], []]);
  });

  test('room watch makes no probe when probes are off', async (t) => {
    const room = new WatchedRoom(t, 'dice', false);
    room.answers.withEar = false;
    room.openEar();
    await room.pass(60_000);
    assert.deepEqual([room.probes, room.rests, room.watch.isAccepted], [0, [], true]);
  });

  for (const text of [
    'Bienvenido a la sala\n',
    'Welcome to this chatroom',
    'Escribe tu mensaje: ',
    '¿Qué tal?\n',
  ]) {
    test(`room watch finds no trouble in the greeting ${JSON.stringify(text)}`, async (t) => {
      const room = new WatchedRoom(t);
      room.openEar();
      room.sends(text);
      await room.pass(120_000);
      assert.deepEqual(room.troubles, []);
    });
  }

  test('room watch finds no trouble in a question that a person asks later in a plain room', async (t) => {
    const room = new WatchedRoom(t, 'plain');
    room.openEar();
    await room.pass(5_000);
    room.sends('¿cuál es tu nombre?');
    await room.pass(60_000);
    assert.deepEqual(room.troubles, []);
  });

  test('room watch finds no trouble when the server announces many joins', async (t) => {
    const room = new WatchedRoom(t);
    room.openEar();
    for (let count = 0; count < 100; count++) room.sends('\nHa entrado alguien');
    room.sendsMessage();
    await room.pass(120_000);
    assert.deepEqual(room.troubles, []);
  });
});

describe('a room of another format', () => {
  test('room watch detects another format by a sent line behind an unknown header', async (t) => {
    const room = new WatchedRoom(t);
    room.openEar();
    room.watch.onVoiceSend('hola a todos\n', { address: '127.0.0.1:4000', loginName: undefined });
    room.sends('[10:30] <127.0.0.1:4000> hola a todos');
    assert.deepEqual(room.troubles, ['format']);
    assert.equal(room.watch.suggestedFormat, '[{any}] <{address}> {text}');
    room.sendsMessage();
    assert.deepEqual(room.troubles, ['format', undefined]);
  });

  test('room watch detects another format after a minute of text without headers', async (t) => {
    const room = new WatchedRoom(t);
    room.openEar();
    for (let second = 0; second < 70; second += 2) {
      room.sends('\nAna: hola');
      await room.pass(2_000);
    }
    assert.deepEqual([room.troubles, room.watch.suggestedFormat], [['format'], undefined]);
    // A line of a browser shows the format later.
    for (const text of ['hola a todos', 'adiós']) {
      room.watch.onVoiceSend(`${text}\n`, { address: '127.0.0.1:4000', loginName: undefined });
      room.sends(`\n(127.0.0.1:4000) ${text}`);
    }
    assert.deepEqual(
      [room.troubles, room.watch.suggestedFormat],
      [['format', 'format'], '({address}) {text}'],
    );
  });

  test('room watch takes no announcement that contains a sent line for another format', async (t) => {
    const room = new WatchedRoom(t);
    room.openEar();
    room.watch.onVoiceSend('Ana\n', { address: null, loginName: undefined });
    room.sends('Ana ha entrado: bienvenida, Ana Luisa');
    assert.deepEqual(room.troubles, []);
  });
});
