/**
 * /readyz: the room has shown life, or shows it when it is asked.
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

class AskedRoom {
  readonly liveness: RoomProbe;
  heardAt = 0;
  asked = 0;
  answers = true;

  constructor(t: TestContext, quietMs = QUIET_MS) {
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    this.liveness = new RoomProbe(quietMs, {
      heardAt: () => this.heardAt,
      probe: async () => {
        this.asked++;
        return this.answers;
      },
    });
  }
}

test('a room that was heard lately is not asked, one that was silent is, and an answer is good for a while', async (t) => {
  const room = new AskedRoom(t);
  room.heardAt = Date.now();
  assert.ok(await room.liveness.isResponsive());
  assert.equal(room.asked, 0);
  t.mock.timers.tick(QUIET_MS);
  assert.ok(await room.liveness.isResponsive());
  t.mock.timers.tick(QUIET_MS - 1);
  assert.ok(await room.liveness.isResponsive());
  assert.equal(room.asked, 1);
});

test('a room that does not answer is not asked again at once, and is alive as soon as it is heard', async (t) => {
  const room = new AskedRoom(t);
  room.answers = false;
  assert.equal(await room.liveness.isResponsive(), false);
  t.mock.timers.tick(9_999);
  assert.equal(await room.liveness.isResponsive(), false);
  assert.equal(room.asked, 1);
  room.heardAt = Date.now();
  assert.ok(await room.liveness.isResponsive());
  t.mock.timers.tick(QUIET_MS);
  room.answers = true;
  assert.ok(await room.liveness.isResponsive());
  assert.equal(room.asked, 2);
});

test('many who want to know at once ask once, and with 0 nobody asks', async (t) => {
  const room = new AskedRoom(t);
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => room.liveness.isResponsive())), [true, true, true]);
  assert.equal(room.asked, 1);
});

test('with 0 a connection is taken for an answer', async (t) => {
  const room = new AskedRoom(t, 0);
  room.answers = false;
  assert.ok(await room.liveness.isResponsive());
  assert.equal(room.asked, 0);
});

async function isNotReady(gateway: Gateway): Promise<void> {
  await eventually(
    async () => (await gateway.get('/readyz')).status === 503,
    () => 'it is still ready',
  );
}

test('a room that hangs is not ready, however many connections the system takes for it', async (t) => {
  const room = await builtRoom(t);
  const gateway = await startGateway(t, room.port, { ROOM_QUIET_MS: `${QUIET_MS}` });
  const terminal = await enter(t, room.port);
  room.program.signal('SIGSTOP');
  await isNotReady(gateway);
  assert.equal(await gateway.metric('tertulia_room_up'), 1);
  assert.equal((await gateway.get('/healthz')).status, 200);
  room.program.signal('SIGCONT');
  terminal.send('aquí sigo\n');
  await gateway.isReady();
});

test("the tutorial's server, deadlocked by a reset, is not ready", { skip: withoutPython }, async (t) => {
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

test('a server that takes connections and never says goodbye was never ready', async (t) => {
  const server = await bareServer(t, { allowHalfOpen: true });
  const gateway = await launchGateway(t, server.port);
  await gateway.metricReaches('tertulia_room_up', 1);
  assert.equal((await gateway.get('/readyz')).status, 503);
});
