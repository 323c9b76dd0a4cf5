import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEAF_AFTER_MS, DEAF_MAX_MS, DeafEarWatch } from '../../../gateway/hub/deaf-ear.ts';

/** An ear that has heard nothing, in a room that answers probes or hangs. The test moves the clock. */
function openEar(t: TestContext, { answers = true } = {}) {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const ear = {
    openedAt: Date.now(),
    heardAt: 0,
    reconnects: 0,
    reconnect() {
      ear.reconnects++;
      ear.openedAt = Date.now();
    },
  };
  const room = { probes: 0 };
  const watch = new DeafEarWatch(ear, async () => {
    room.probes++;
    return answers;
  });
  const pass = (ms: number): void => t.mock.timers.tick(ms);
  return { ear, room, watch, pass };
}

test('deaf ear watch reconnects an ear that misses broadcasts, ever later', (t) => {
  const { ear, watch, pass } = openEar(t);
  pass(DEAF_AFTER_MS);
  watch.checkBroadcasts(Date.now());
  assert.equal(ear.reconnects, 0);
  pass(1);
  watch.checkBroadcasts(Date.now());
  assert.equal(ear.reconnects, 1);
  pass(2 * DEAF_AFTER_MS);
  watch.checkBroadcasts(Date.now());
  assert.equal(ear.reconnects, 1);
  pass(1);
  watch.checkBroadcasts(Date.now());
  assert.equal(ear.reconnects, 2);
});

test('deaf ear watch keeps an ear that hears broadcasts', (t) => {
  const { ear, watch, pass } = openEar(t);
  pass(DEAF_MAX_MS);
  ear.heardAt = Date.now();
  watch.checkBroadcasts(Date.now());
  assert.equal(ear.reconnects, 0);
});

test('deaf ear watch probes after an unheard message, and reconnects if the room answers', async (t) => {
  const { ear, room, watch, pass } = openEar(t);
  pass(1);
  watch.onVoiceSend();
  pass(DEAF_AFTER_MS - 1);
  await watch.checkSent();
  assert.equal(room.probes, 0);
  pass(1);
  await watch.checkSent();
  assert.deepEqual([room.probes, ear.reconnects], [1, 1]);
});

test('deaf ear watch keeps the ear in a room that hangs, and probes ever later', async (t) => {
  const { ear, room, watch, pass } = openEar(t, { answers: false });
  pass(1);
  watch.onVoiceSend();
  pass(DEAF_AFTER_MS);
  for (let check = 0; check < 2; check++) await watch.checkSent();
  assert.deepEqual([room.probes, ear.reconnects], [1, 0]);
  pass(DEAF_AFTER_MS);
  await watch.checkSent();
  assert.deepEqual([room.probes, ear.reconnects], [2, 0]);
});

test('deaf ear watch takes private text for a sign of the room', async (t) => {
  const { ear, room, watch, pass } = openEar(t);
  pass(1);
  watch.onVoiceSend();
  pass(1);
  watch.onPrivateText();
  pass(DEAF_AFTER_MS);
  await watch.checkSent();
  assert.deepEqual([room.probes, ear.reconnects], [0, 0]);
});
