import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calendar } from '../../../gateway/lib/calendar.ts';

/** Days of time zones, and when they begin and end. */
const DAYS = [
  ['UTC', '2026-12-31', '2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['Europe/Madrid', '2026-11-27', '2026-11-26T23:00:00.000Z', '2026-11-27T23:00:00.000Z'],
  // A day of 23 hours and one of 25, because the clocks change.
  ['Europe/Madrid', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['Europe/Madrid', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ['Asia/Kathmandu', '2026-11-27', '2026-11-26T18:15:00.000Z', '2026-11-27T18:15:00.000Z'],
  ['Pacific/Kiritimati', '2026-11-27', '2026-11-26T10:00:00.000Z', '2026-11-27T10:00:00.000Z'],
  ['America/Los_Angeles', '2026-11-27', '2026-11-27T08:00:00.000Z', '2026-11-28T08:00:00.000Z'],
] as const;

for (const [zone, day, start, end] of DAYS) {
  test(`calendar finds the start and the end of ${day} in ${zone}`, () => {
    const calendar = new Calendar(zone);
    const period = calendar.periodOf(day);
    assert.deepEqual(
      [period.start, period.end].map((at) => new Date(at).toISOString()),
      [start, end],
    );
    assert.deepEqual(
      [period.start - 1, period.start, period.end - 1, period.end].map((at) => calendar.dayOf(at) === day),
      [false, true, true, false],
    );
  });
}

test('calendar refuses an unknown time zone', () => {
  assert.throws(() => new Calendar('Mordor/Barad-dur'), RangeError);
});
