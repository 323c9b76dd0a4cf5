import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Cadence } from '../../gateway/cadence.ts';

const CLASS = 200;
const CROWD = 1_000;

/** Beats as times, ms. The clock stands still but when it is moved. */
function openCadence(t: TestContext): { cadence: Cadence; beats: number[]; pass(ms: number): void } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 10_000;
  t.mock.method(performance, 'now', () => now);
  const beats: number[] = [];
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed++) {
      now++;
      t.mock.timers.tick(1);
    }
  };
  return { cadence: new Cadence(() => beats.push(now - 10_000)), beats, pass };
}

/** Something is said every so many ms, for so long. */
function talk(
  { cadence, pass }: ReturnType<typeof openCadence>,
  browsers: number,
  everyMs: number,
  forMs: number,
): void {
  for (let passed = 0; passed < forMs; passed += everyMs) {
    cadence.ask(browsers, 10);
    pass(everyMs);
  }
}

test('in a room that is not busy nothing waits', (t) => {
  const room = openCadence(t);
  talk(room, CLASS, 60, 6_000);
  assert.deepEqual(
    room.beats,
    Array.from({ length: 100 }, (_, index) => index * 60),
  );
});

test('a few words close together do not wait', (t) => {
  const { cadence, beats } = openCadence(t);
  for (let word = 0; word < 4; word++) cadence.ask(CLASS, 10);
  assert.deepEqual(beats, [0, 0, 0, 0]);
});

test('a busy room is written to 20 times a second by 200, 10 times by 1000', (t) => {
  const few = openCadence(t);
  talk(few, CLASS, 5, 10_000);
  assert.ok(few.beats.length > 180 && few.beats.length < 220, `${few.beats.length}`);
  t.mock.timers.reset();
  t.mock.restoreAll();
  const many = openCadence(t);
  talk(many, CROWD, 5, 10_000);
  assert.ok(many.beats.length > 90 && many.beats.length < 110, `${many.beats.length}`);
});

test('nothing waits longer than a tenth of a second', (t) => {
  const { cadence, beats, pass } = openCadence(t);
  talk({ cadence, beats, pass }, 100_000, 5, 1_000);
  const asked = beats.length;
  cadence.ask(100_000, 10);
  pass(100);
  assert.ok(beats.length > asked);
});

test('much text keeps nothing behind it waiting longer', (t) => {
  const { cadence, beats, pass } = openCadence(t);
  for (let count = 0; count < 100; count++) cadence.ask(CROWD, 16 * 1024);
  const before = beats.length;
  cadence.ask(CROWD, 10);
  pass(100);
  assert.equal(beats.length, before + 1);
});

test('much text does not wait', (t) => {
  const room = openCadence(t);
  talk(room, CROWD, 5, 1_000);
  const before = room.beats.length;
  room.cadence.ask(CROWD, 16 * 1024);
  assert.equal(room.beats.length, before + 1);
});

test('a cadence that is stopped beats no more', (t) => {
  const room = openCadence(t);
  talk(room, CROWD, 5, 1_000);
  const before = room.beats.length;
  room.cadence.ask(CROWD, 10);
  room.cadence.stop();
  room.pass(1_000);
  assert.equal(room.beats.length, before);
});
