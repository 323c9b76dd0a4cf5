import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARENT_INTERVAL_MS, stopSignals } from '../../cli/stop-signals.ts';

test('program of an npm that ended stops at the second look, as a SIGHUP may be on its way', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let parent = 2;
  const stop = stopSignals({ ...process.env, npm_lifecycle_event: 'start' }, () => parent);
  t.mock.timers.tick(PARENT_INTERVAL_MS);
  parent = 1;
  t.mock.timers.tick(PARENT_INTERVAL_MS);
  assert.equal(stop.aborted, false);
  t.mock.timers.tick(PARENT_INTERVAL_MS);
  assert.equal(stop.aborted, true);
});
