/**
 * Servers that send frames instead of lines.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, openTab, startGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { enter } from '../helpers/tcp.ts';
import { bringTogether, type Room } from './one-room.ts';
import { standIn, withoutStandIn } from './stand-in.ts';

const DIGITS = { ROOM_FORMAT: 'plain', ROOM_FRAMING: 'digits:4' };

const ROOMS: Record<string, Room> = {
  hilos: {
    settings: { ROOM_FORMAT: '{name}: {text}', ROOM_LOGIN: '{name}', ROOM_FRAMING: 'utf' },
    line: '{name}: {text}',
    senders: 'name',
    login: ['{name}'],
    say: '{text}',
    joined: '{name} se ha unido al chat',
    frame: (text) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(text));
      return Buffer.concat([length, Buffer.from(text)]);
    },
  },
  digits: {
    settings: DIGITS,
    line: '<{name}> {text}',
    senders: 'none',
    say: '{text}',
    frame: (text) => Buffer.from(`${`${Buffer.byteLength(text)}`.padStart(4)}${text}`),
  },
  fixed: {
    settings: { ROOM_FORMAT: 'plain', ROOM_FRAMING: 'fixed:1024' },
    line: '<{name}> {text}',
    senders: 'none',
    say: '{text}',
    frame: (text) => Buffer.concat([Buffer.from(text), Buffer.alloc(1024)]).subarray(0, 1024),
  },
};

describe('server with frames', { concurrency: 3 }, () => {
  for (const [kind, room] of Object.entries(ROOMS)) {
    test(`${kind} brings three tabs and a terminal into one room`, {
      skip: withoutStandIn(kind),
    }, async (t) => {
      const server = await standIn(t, kind);
      const { tab } = await bringTogether(t, server.port, kind, room);
      // Java encodes an emoji as two halves. A long text is cut to what the server takes.
      for (const text of ['¡hola 👋 a todas!', 'ñ'.repeat(1_500)]) {
        const id = tab.say(`<Ana> ${text}`);
        await tab.receivesReceipt(id, 'heard');
        await tab.receives(`<Ana> ${text}`);
      }
    });
  }
});

test('gateway reports a room that sends no frames, and its voices stay', {
  skip: withoutStandIn('bad'),
}, async (t) => {
  const server = await standIn(t, 'bad');
  const gateway = await startGateway(t, server.port, DIGITS);
  const tab = await openTab(t, gateway);
  const terminal = await enter(t, server.port);
  terminal.send('0004hola');
  await eventually(
    () => tab.trouble === 'format',
    () => `the trouble is ${tab.trouble}`,
  );
  const reason =
    '"hola" begins no frame of ROOM_FRAMING=digits:4: try ROOM_FRAMING=lines, or find the settings';
  assert.ok((await (await gateway.get('/readyz')).text()).includes(reason.replaceAll('"', '\\"')));
  await gateway.program.prints(reason.replaceAll('"', '\\"'));
  tab.say('sigo aquí');
  await terminal.receives('sigo aquí\n');
});

test('gateway refuses an unknown ROOM_FRAMING at its start', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], {
    ROOM_FRAMING: 'fixed:9',
    DATA_DIR: dataDir(t),
    HTTP_PORT: '0',
  });
  assert.equal((await program.exits()).code, 2);
  assert.match(program.errors, /^Bad configuration: .*ROOM_FRAMING.*\n$/);
});
