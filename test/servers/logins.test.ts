/**
 * The gateway in front of servers that request a name, or do not have the format of ROOM_FORMAT.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, launchGateway, openTab, startGateway } from '../helpers/gateway.ts';
import { courseServer, pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

describe('in front of a server with logins', { skip: withoutPython }, () => {
  test('voice stays connected when the server repeats others but not its message', async (t) => {
    const room = await courseServer(t, 'first');
    const gateway = await startGateway(t, room.port, { RECEIPT_TIMEOUT_MS: '500' });
    const luis = await enter(t, room.port);
    luis.send('Luis\n');
    const ana = await openTab(t, gateway);
    ana.say('Ana');
    await ana.receivesReceipt(ana.say('hola'), 'heard');
    const talking = setInterval(() => luis.send('la sala sigue\n'), 200);
    t.after(() => clearInterval(talking));
    // The next text goes out when this one is given up, because both do not fit into one read of the server.
    ana.say(`/${'x'.repeat(1_021)}`);
    ana.say('sigo aquí');
    await luis.receives('Ana: sigo aquí\n');
    assert.doesNotMatch(luis.received, /disconnected/);
  });
});

const ASKS = /asks each connection for something first/;
const FORMAT =
  /does not talk as ROOM_FORMAT=(dice|plain) says: try ROOM_FORMAT=(dice|\[\{address\}\]: \{text\}), or find/;

async function isNotReady(gateway: Gateway, reason: RegExp): Promise<void> {
  let last = '';
  await eventually(
    async () => {
      const answer = await gateway.get('/readyz');
      last = await answer.text();
      return answer.status === 503 && reason.test(last);
    },
    () => `it answers ${last}`,
  );
  await gateway.program.prints(reason);
  const told = gateway.program.output.split('\n').filter((line) => reason.test(line));
  assert.equal(told.length, 1, 'it is in the log once');
}

describe('server that reads a name in its accept loop', { skip: withoutPython }, () => {
  for (const kind of ['nick', 'silent']) {
    test(`accepts terminals again after the silent ear has left: ${kind}`, async (t) => {
      const room = await courseServer(t, kind);
      const gateway = await launchGateway(t, room.port);
      await gateway.metricReaches('tertulia_room_up', 1);
      const ana = await enter(t, room.port);
      ana.send('Ana\n');
      // The server starts a thread for each, so one that enters at the same time may be announced before Ana listens.
      await ana.receives('Ana joined!');
      const luis = await enter(t, room.port);
      luis.send('Luis\n');
      await ana.receives('Luis joined!');
      await isNotReady(gateway, ASKS);
      await gateway.metricReaches('tertulia_room_up', 0);
      luis.send('hola\n');
      await ana.receives('Luis: hola\n');
    });
  }

  test('keeps the connection of a browser, which shows the trouble and can answer', async (t) => {
    const room = await courseServer(t, 'nick');
    const gateway = await launchGateway(t, room.port);
    await isNotReady(gateway, ASKS);
    const tab = await openTab(t, gateway);
    await eventually(
      () => tab.trouble === 'asks' && tab.roomState === 'open' && tab.notices.join('').includes('NICK'),
      () => `it was told ${tab.trouble} ${tab.roomState} ${tab.notices}`,
    );
    tab.say('Ana');
    const luis = await enter(t, room.port);
    luis.send('Luis\n');
    await luis.receives('Luis joined!');
    tab.say('hola');
    await luis.receives('Ana: hola\n');
  });
});

describe('gateway reports trouble of a server', { skip: withoutPython }, () => {
  test('that requests a name', async (t) => {
    const room = await courseServer(t, 'username');
    const gateway = await launchGateway(t, room.port);
    const tab = await openTab(t, gateway);
    await isNotReady(gateway, ASKS);
    await eventually(
      () => tab.trouble === 'asks',
      () => `the tab was told ${tab.trouble}`,
    );
  });

  test('that repeats a message behind another header', async (t) => {
    const room = await courseServer(t, 'brackets');
    const gateway = await startGateway(t, room.port);
    const tab = await openTab(t, gateway);
    tab.say('hola');
    await isNotReady(gateway, FORMAT);
    await eventually(
      () => tab.trouble === 'format',
      () => `the tab was told ${tab.trouble}`,
    );
  });

  test('with headers when ROOM_FORMAT is plain', async (t) => {
    const room = await pythonRoom(t);
    const gateway = await startGateway(t, room.port, { ROOM_FORMAT: 'plain' });
    const tab = await openTab(t, gateway);
    tab.say('hola');
    await isNotReady(gateway, FORMAT);
  });
});

describe('gateway reports no trouble', { skip: withoutPython }, () => {
  for (const kind of ['greeting', 'prompt']) {
    test(`of a server with a ${kind}`, async (t) => {
      const room = await courseServer(t, kind);
      await isFine(t, await startGateway(t, room.port));
    });
  }

  for (const mode of ['broadcast', 'echo', 'ack'] as const) {
    test(`of the tutorial's server: ${mode}`, async (t) => {
      const room = await pythonRoom(t, mode);
      await isFine(t, await startGateway(t, room.port));
    });
    test(`of our own: ${mode}`, async (t) => {
      const room = await builtRoom(t, mode);
      await isFine(t, await startGateway(t, room.port));
    });
  }
});

async function isFine(t: Cleanup, gateway: Gateway): Promise<void> {
  const tab = await openTab(t, gateway);
  for (const text of ['hola', '¿cómo os llamáis?']) await tab.receivesReceipt(tab.say(text), 'heard');
  assert.equal((await gateway.get('/readyz')).status, 200);
  assert.deepEqual([tab.trouble, tab.roomState], [undefined, 'open']);
  assert.doesNotMatch(gateway.program.output, /docs\/servers/);
}
