import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FanOutThrottle } from '../../../gateway/hub/fan-out-throttle.ts';

const CLASS = 200;
const CROWD = 1_000;

/** Beats as times, ms, each written to so many. The clock stands still but when it is moved. */
function openCadence(
  t: TestContext,
  browsers: number,
): { cadence: FanOutThrottle; beats: number[]; pass(ms: number): void } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 10_000;
  t.mock.method(performance, 'now', () => now);
  const beats: number[] = [];
  const beat = (): number => {
    beats.push(now - 10_000);
    return browsers;
  };
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed++) {
      now++;
      t.mock.timers.tick(1);
    }
  };
  return { cadence: new FanOutThrottle(beat), beats, pass };
}

/** Something is said every so many ms, for so long. */
function talk({ cadence, pass }: ReturnType<typeof openCadence>, everyMs: number, forMs: number): void {
  for (let passed = 0; passed < forMs; passed += everyMs) {
    cadence.request(10);
    pass(everyMs);
  }
}

test('in a room that is not busy nothing waits', (t) => {
  const room = openCadence(t, CLASS);
  talk(room, 60, 6_000);
  assert.deepEqual(
    room.beats,
    Array.from({ length: 100 }, (_, index) => index * 60),
  );
});

test('a few words close together do not wait', (t) => {
  const { cadence, beats } = openCadence(t, CLASS);
  for (let word = 0; word < 5; word++) cadence.request(10);
  assert.deepEqual(beats, [0, 0, 0, 0, 0]);
});

test('a busy room of 200 is written to some 17 times a second, of 1000 five or six times', (t) => {
  const few = openCadence(t, CLASS);
  talk(few, 5, 10_000);
  assert.ok(few.beats.length > 155 && few.beats.length < 180, `${few.beats.length}`);
  t.mock.timers.reset();
  t.mock.restoreAll();
  const many = openCadence(t, CROWD);
  talk(many, 5, 10_000);
  assert.ok(many.beats.length > 50 && many.beats.length < 62, `${many.beats.length}`);
});

test('what nobody was written for costs no time: those who are behind read it in their turn', (t) => {
  const room = openCadence(t, 0);
  talk(room, 5, 1_000);
  assert.equal(room.beats.length, 200);
});

test('nothing waits longer than 180 ms', (t) => {
  const room = openCadence(t, 100_000);
  talk(room, 5, 1_000);
  const before = room.beats.length;
  room.cadence.request(10);
  room.pass(180);
  assert.ok(room.beats.length > before);
});

test('much text keeps nothing behind it waiting longer', (t) => {
  const { cadence, beats, pass } = openCadence(t, CROWD);
  for (let count = 0; count < 100; count++) cadence.request(16 * 1024);
  const before = beats.length;
  cadence.request(10);
  pass(180);
  assert.equal(beats.length, before + 1);
});

test('much text does not wait', (t) => {
  const room = openCadence(t, CROWD);
  talk(room, 5, 1_000);
  const before = room.beats.length;
  room.cadence.request(16 * 1024);
  assert.equal(room.beats.length, before + 1);
});

test('a cadence that is stopped beats no more', (t) => {
  const room = openCadence(t, CROWD);
  talk(room, 5, 1_000);
  const before = room.beats.length;
  room.cadence.request(10);
  room.cadence.stop();
  room.pass(1_000);
  assert.equal(room.beats.length, before);
});
