/**
 * `/readyz`: the room has sent something lately, or answers a probe.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RoomProbe } from '../../../gateway/hub/room-probe.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type Gateway, launchGateway, startGateway } from '../../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../../helpers/python.ts';
import { builtRoom } from '../../helpers/room.ts';
import { bareServer, enter } from '../../helpers/tcp.ts';

const QUIET_MS = 1_000;

class ProbedRoom {
  readonly probe: RoomProbe;
  heardAt = 0;
  probes = 0;
  answers = true;

  constructor(t: TestContext, quietMs = QUIET_MS) {
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    this.probe = new RoomProbe(quietMs, {
      lastHeardAt: () => this.heardAt,
      probe: async () => {
        this.probes++;
        return this.answers;
      },
    });
  }
}

test('room probe probes only a silent room, and its answer is valid for a while', async (t) => {
  const room = new ProbedRoom(t);
  room.heardAt = Date.now();
  assert.ok(await room.probe.isResponsive());
  assert.equal(room.probes, 0);
  t.mock.timers.tick(QUIET_MS);
  assert.ok(await room.probe.isResponsive());
  t.mock.timers.tick(QUIET_MS - 1);
  assert.ok(await room.probe.isResponsive());
  assert.equal(room.probes, 1);
});

test('room probe retries late after a failure, and ends it as soon as the room is heard', async (t) => {
  const room = new ProbedRoom(t);
  room.answers = false;
  assert.equal(await room.probe.isResponsive(), false);
  t.mock.timers.tick(9_999);
  assert.equal(await room.probe.isResponsive(), false);
  assert.equal(room.probes, 1);
  room.heardAt = Date.now();
  assert.ok(await room.probe.isResponsive());
  t.mock.timers.tick(QUIET_MS);
  room.answers = true;
  assert.ok(await room.probe.isResponsive());
  assert.equal(room.probes, 2);
});

test('room probe serves concurrent requests with one connection', async (t) => {
  const room = new ProbedRoom(t);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => room.probe.isResponsive())), [true, true, true]);
  assert.equal(room.probes, 1);
});

test('room probe does not probe when the quiet time is 0', async (t) => {
  const room = new ProbedRoom(t, 0);
  room.answers = false;
  assert.ok(await room.probe.isResponsive());
  assert.equal(room.probes, 0);
});

async function isNotReady(gateway: Gateway): Promise<void> {
  await eventually(
    async () => (await gateway.get('/readyz')).status === 503,
    () => 'it is still ready',
  );
}

test('readyz fails for a room that hangs while the system accepts connections for it', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { ROOM_QUIET_MS: `${QUIET_MS}` });
  const terminal = await enter(t, room.port);
  await room.program.freeze();
  await isNotReady(gateway);
  assert.equal(await gateway.metric('tertulia_room_up'), 1);
  assert.equal((await gateway.get('/healthz')).status, 200);
  room.program.wake();
  terminal.send('aquí sigo\n');
  await gateway.isReady();
});

test("readyz fails for the tutorial's server after a reset has deadlocked it", {
  skip: withoutPython,
}, async (t) => {
  const room = await pythonRoom(t);
  const gateway = await startGateway(t, room.port, { ROOM_QUIET_MS: `${QUIET_MS}` });
  const [victim, other] = [await enter(t, room.port), await enter(t, room.port)];
  await eventually(
    () => {
      other.send('hola\n');
      return victim.received.includes('hola');
    },
    () => 'they are not both in the room',
  );
  victim.reset();
  other.send('¿hay alguien?\n');
  other.send('¿hay alguien?\n');
  await isNotReady(gateway);
});

test('readyz fails for a server that never closes connections', async (t) => {
  const server = await bareServer(t, { allowHalfOpen: true });
  const gateway = await launchGateway(t, server.port);
  await gateway.metricReaches('tertulia_room_up', 1);
  assert.equal((await gateway.get('/readyz')).status, 503);
});
