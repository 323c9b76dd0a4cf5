/**
 * When the gateway takes a room for one that it can't follow, by a clock of the test's own.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { RoomWatch } from '../../../gateway/hub/room-watch.ts';
import type { RoomTrouble } from '../../../gateway/protocol.ts';
import type { RoomFormat, RoomText } from '../../../gateway/upstream/formats/dice-parser.ts';

const STEP_MS = 100;

/** A room, and an ear that comes back when it is told to. */
class Watched {
  readonly watch: RoomWatch;
  readonly troubles: (RoomTrouble | undefined)[] = [];
  /** How long the ear was told to stay away, each time, ms. */
  readonly rests: number[] = [];
  probes = 0;
  accepted = 0;
  /** Does the room answer probes while the ear is there, and while it is not? */
  answers = { withEar: true, withoutEar: true };
  isEarThere = false;
  readonly #t: TestContext;
  #waiting: ((answered: boolean) => void)[] = [];
  #back: NodeJS.Timeout | undefined;

  constructor(t: TestContext, format: RoomFormat = 'dice', mayProbe = true) {
    this.#t = t;
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    this.watch = new RoomWatch(
      { format, mayProbe },
      {
        probe: () =>
          new Promise((resolve) => {
            this.probes++;
            this.#waiting.push(resolve);
            this.#answer();
          }),
        keepOut: (ms) => this.#keepOut(ms),
        onAccepted: () => this.accepted++,
        onTrouble: (trouble) => this.troubles.push(trouble),
      },
    );
  }

  comeIn(): void {
    this.isEarThere = true;
    this.watch.earOnOpen();
  }

  says(text: string): void {
    this.watch.earOnHeard([{ kind: 'private', text } satisfies RoomText]);
  }

  talks(): void {
    this.watch.earOnHeard([{ kind: 'message', from: '10.0.0.7:4000', text: 'hola' }]);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.#t.mock.timers.tick(Math.min(left, STEP_MS));
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  #keepOut(ms: number): void {
    this.rests.push(ms);
    if (this.isEarThere) {
      this.isEarThere = false;
      this.watch.earOnLost();
    }
    clearTimeout(this.#back);
    this.#back = setTimeout(() => this.comeIn(), ms);
    this.#answer();
  }

  #answer(): void {
    if (!(this.isEarThere ? this.answers.withEar : this.answers.withoutEar)) return;
    for (const resolve of this.#waiting.splice(0)) resolve(true);
  }
}

describe('a room that waits for the ear', () => {
  test('is found by two probes, and the ear then stays away for longer each time', async (t) => {
    const room = new Watched(t);
    room.answers.withEar = false;
    room.comeIn();
    await room.pass(15_000);
    assert.deepEqual([room.troubles, room.probes, room.accepted], [['asks'], 2, 0]);
    assert.equal(room.isEarThere, false);
    await room.pass(45 * 60_000);
    const long = room.rests.filter((ms) => ms >= 60_000);
    assert.deepEqual(long.slice(0, 5), [60_000, 120_000, 240_000, 480_000, 600_000]);
    assert.deepEqual(room.troubles, ['asks']);
  });

  test('is followed again when another server is there', async (t) => {
    const room = new Watched(t);
    room.answers.withEar = false;
    room.comeIn();
    await room.pass(15_000);
    room.answers.withEar = true;
    await room.pass(65_000);
    assert.deepEqual(room.troubles, ['asks', undefined]);
    assert.equal(room.isEarThere, true);
  });

  test('is followed again at once when a voice hears a header', async (t) => {
    const room = new Watched(t);
    room.answers.withEar = false;
    room.comeIn();
    await room.pass(15_000);
    room.watch.voiceOnHeader();
    await room.pass(STEP_MS);
    assert.deepEqual([room.troubles, room.isEarThere], [['asks', undefined], true]);
  });

  test('is left after one probe when it has asked for a name', async (t) => {
    const room = new Watched(t);
    room.answers = { withEar: false, withoutEar: false };
    room.comeIn();
    room.says('NICK');
    await room.pass(1_000);
    assert.deepEqual(room.troubles, ['asks']);
    await room.pass(10_000);
    assert.equal(room.isEarThere, false);
    assert.ok((room.rests.at(-1) ?? 0) >= 60_000, `rests ${room.rests}`);
  });
});

describe('no trouble is found', () => {
  test('in a room that answers late once', async (t) => {
    const room = new Watched(t);
    room.answers.withEar = false;
    room.comeIn();
    await room.pass(5_500);
    room.answers.withEar = true;
    await room.pass(120_000);
    assert.deepEqual([room.troubles, room.accepted, room.isEarThere], [[], 1, true]);
  });

  test('in a room that hangs: the ear comes back at once, and looks again seldom', async (t) => {
    const room = new Watched(t);
    room.answers = { withEar: false, withoutEar: false };
    room.comeIn();
    await room.pass(10_500);
    assert.equal(room.isEarThere, true);
    await room.pass(30 * 60_000);
    assert.deepEqual(room.troubles, []);
    assert.ok(room.probes <= 6, `${room.probes} probes`);
  });

  test('in a room that has said a header: the ear stays, though it hangs later', async (t) => {
    const room = new Watched(t);
    room.answers = { withEar: false, withoutEar: false };
    room.comeIn();
    room.talks();
    await room.pass(30 * 60_000);
    assert.deepEqual([room.troubles, room.rests], [[], []]);
  });

  test('by a probe where probes are off', async (t) => {
    const room = new Watched(t, 'dice', false);
    room.answers.withEar = false;
    room.comeIn();
    await room.pass(60_000);
    assert.deepEqual([room.probes, room.rests, room.watch.isAccepted], [0, [], true]);
  });

  for (const text of [
    'Bienvenido a la sala\n',
    'Welcome to this chatroom',
    'Escribe tu mensaje: ',
    '¿Qué tal?\n',
  ]) {
    test(`in a greeting: ${JSON.stringify(text)}`, async (t) => {
      const room = new Watched(t);
      room.comeIn();
      room.says(text);
      await room.pass(120_000);
      assert.deepEqual(room.troubles, []);
    });
  }

  test('in a question that somebody asks later in a plain room', async (t) => {
    const room = new Watched(t, 'plain');
    room.comeIn();
    await room.pass(5_000);
    room.says('¿cuál es tu nombre?');
    await room.pass(60_000);
    assert.deepEqual(room.troubles, []);
  });

  test('when many come in and the server tells of each', async (t) => {
    const room = new Watched(t);
    room.comeIn();
    for (let count = 0; count < 100; count++) room.says('\nHa entrado alguien');
    room.talks();
    await room.pass(120_000);
    assert.deepEqual(room.troubles, []);
  });
});

describe('a room of another format', () => {
  test('is found when a line ends with what was sent, and is followed after a header', async (t) => {
    const room = new Watched(t);
    room.comeIn();
    room.watch.voiceOnSend('hola a todos\n');
    room.says('[10:30] <127.0.0.1:4000> hola a todos');
    assert.deepEqual(room.troubles, ['format']);
    room.talks();
    assert.deepEqual(room.troubles, ['format', undefined]);
  });

  test('is found when only terminals talk, for a minute', async (t) => {
    const room = new Watched(t);
    room.comeIn();
    for (let second = 0; second < 70; second += 2) {
      room.says('\nAna: hola');
      await room.pass(2_000);
    }
    assert.deepEqual(room.troubles, ['format']);
  });

  test('is not found by an announcement that holds what was sent', async (t) => {
    const room = new Watched(t);
    room.comeIn();
    room.watch.voiceOnSend('Ana\n');
    room.says('Ana ha entrado: bienvenida, Ana Luisa');
    assert.deepEqual(room.troubles, []);
  });
});
