/**
 * In front of servers that want a name, or that do not talk as ROOM_FORMAT says.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { courseServer, withoutPython } from '../helpers/python.ts';
import { enter } from '../helpers/tcp.ts';

/** What is unheard for 10 s while the room talks on is given up; and a little for a busy machine. */
const GIVEN_UP_WITHIN_MS = 25_000;

describe('in front of a server with logins', { skip: withoutPython }, () => {
  test('a voice stays connected though the server keeps a text to itself and the room talks on', async (t) => {
    const room = await courseServer(t, 'first');
    const gateway = await startGateway(t, room.port, { RECEIPT_TIMEOUT_MS: '500' });
    const luis = await enter(t, room.port);
    luis.say('Luis\n');
    const ana = await openTab(t, gateway);
    ana.say('Ana');
    await ana.receives(ana.say('hola'), 'heard');
    const talking = setInterval(() => luis.say('la sala sigue\n'), 200);
    t.after(() => clearInterval(talking));
    // The next text goes out when this one is given up, because both do not fit into one read of the server.
    ana.say(`/${'x'.repeat(1_021)}`);
    ana.say('sigo aquí');
    await luis.hears('sigo aquí', GIVEN_UP_WITHIN_MS).catch(() => {});
    assert.match(luis.heard, /Ana: sigo aquí\n/);
    assert.doesNotMatch(luis.heard, /disconnected/);
  });
});
