/**
 * The gateway's door: who may come in, and what it answers to what it can't use.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, launchGateway, openTab, startGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, freePort } from '../helpers/tcp.ts';

/** One for all who leave it as it was. */
const { room, gateway } = await roomAndGateway({ after }, { HISTORY_ENTRIES: '0', MAX_TEXT_BYTES: '1000' });

async function roomAndGateway(t: Cleanup, env: Record<string, string> = {}) {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, env) };
}

test('page has a strict policy, immutable assets, and health and metrics beside it', async () => {
  const page = await gateway.get('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
  const [, asset = ''] = /src="\.(\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
  assert.match((await gateway.get(asset)).headers.get('cache-control') ?? '', /immutable/);
  assert.deepEqual(await (await gateway.get('/healthz')).json(), { alive: true });
  assert.deepEqual(await (await gateway.get('/readyz')).json(), { ready: true });
  assert.equal(await gateway.metric('tertulia_room_up'), 1);
});

test('gateway without its room is alive but not ready, and is ready once the room runs', async (t) => {
  const port = await freePort();
  const gateway = await launchGateway(t, port);
  assert.equal((await gateway.get('/healthz')).status, 200);
  assert.equal((await gateway.get('/readyz')).status, 503);
  const tab = await openTab(t, gateway);
  assert.equal(tab.you, null);
  await eventually(
    () => tab.roomState === 'connecting',
    () => tab.roomState,
  );
  await builtRoom(t, 'broadcast', { TCP_PORT: `${port}` });
  await eventually(
    () => tab.roomState === 'open' && tab.you,
    () => `${tab.roomState}, ${tab.you}`,
  );
  await tab.receivesReceipt(tab.say('ya está'), 'heard');
});

test('gateway answers invalid frames with an error, and keeps the connection', async (t) => {
  const tab = await openTab(t, gateway);
  for (const frame of ['{', '[]', '{"type":"dance"}', '{"type":"say","id":"1"}', '{"type":"hello"}']) {
    tab.socket.send(frame);
  }
  tab.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
  await tab.receivesReceipt(tab.say('sigo aquí'), 'heard');
  assert.deepEqual(tab.errors, [
    'bad-json',
    'bad-json',
    'bad-message',
    'bad-message',
    'hello-twice',
    'not-text',
  ]);
});

test('gateway refuses a message before hello', async (t) => {
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  socket.send('{"type":"say","id":"1","text":"hola"}');
  const [answer] = await once(socket, 'message');
  assert.equal(JSON.parse(String(answer)).code, 'hello-first');
});

test('gateway closes a WebSocket that sends no hello', async (t) => {
  const { gateway } = await roomAndGateway(t, { HELLO_TIMEOUT_MS: '50' });
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL);
  assert.equal((await once(socket, 'close'))[0], 4000);
});

// That a browser which answers stays is a test of the subscriber, whose clock a test can set.
test('gateway closes a browser that answers no ping', async (t) => {
  const { gateway } = await roomAndGateway(t, { STALL_TIMEOUT_MS: '300', SESSION_RESUME_MS: '0' });
  const tab = await openTab(t, gateway);
  tab.socket.pause();
  await gateway.metricReaches('tertulia_sessions', 0);
  tab.socket.resume();
  assert.notEqual((await tab.isClosed()).code, 1000);
});

test('gateway closes a WebSocket that sends too large a frame, and no other', async (t) => {
  const [large, other] = [await openTab(t, gateway), await openTab(t, gateway)];
  large.socket.send('x'.repeat(2 * 1000 + 4 * 1024 + 1));
  assert.equal((await large.isClosed()).code, 1009);
  await other.receivesReceipt(other.say('nadie lo nota'), 'heard');
});

test('gateway accepts a text of MAX_TEXT_BYTES, and no byte more', async (t) => {
  const tab = await openTab(t, gateway);
  assert.equal(tab.welcome?.limits.textBytes, 1000);
  await tab.receivesReceipt(tab.say('ñ'.repeat(500)), 'heard');
  assert.equal((await tab.receivesReceipt(tab.say(`${'ñ'.repeat(500)}a`), 'failed')).reason, 'too-long');
  assert.equal((await tab.receivesReceipt(tab.say(' \n '), 'failed')).reason, 'empty');
});

test('gateway accepts its number of browsers, refuses one more, and lets one resume', async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_SESSIONS: '2' });
  const tabs = [await openTab(t, gateway), await openTab(t, gateway)];
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, SUBPROTOCOL);
  await once(socket, 'open');
  socket.send('{"type":"hello"}');
  const [code, reason] = await once(socket, 'close');
  assert.deepEqual([code, String(reason)], [1013, 'the room is full']);
  assert.equal(await gateway.metric('tertulia_refused_total{reason="full"}'), 1);
  const [lost] = tabs;
  lost?.vanish();
  await openTab(t, gateway, lost?.resumePoint);
  tabs[1]?.send({ type: 'leave' });
  await gateway.metricReaches('tertulia_sessions', 1);
  await openTab(t, gateway);
});

test("browser that sends hundreds of messages is read at the room's rate, without loss", async (t) => {
  const { gateway } = await roomAndGateway(t, { MAX_QUEUED_MESSAGES: '4', MESSAGE_BURST: '1000' });
  const tab = await openTab(t, gateway);
  const texts = Array.from({ length: 500 }, (_, i) => `palabra ${i}.`);
  const ids = texts.map((text) => tab.say(text));
  for (const id of ids) await tab.receivesReceipt(id, 'heard');
  await tab.receives(texts.at(-1) ?? '');
  assert.deepEqual(tab.texts, texts);
});

test('plain-text WebSocket sends and receives lines, and leaves with salir', async (t) => {
  const terminal = await enter(t, room.port);
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
  const frames: string[] = [];
  socket.on('message', (data) => frames.push(String(data)));
  await once(socket, 'open');
  socket.send('hola a\ntodos\n');
  await terminal.receives('dice: hola a todos\n');
  terminal.send('buenas\ntardes\n');
  await eventually(
    () => frames.join('\n').includes('tardes'),
    () => frames.join('\n'),
  );
  assert.equal(frames.join('\n'), `${terminal.address} dice: buenas\n${terminal.address} dice: tardes`);
  socket.send('esto aún');
  socket.send('SALIR\n');
  const [code] = await once(socket, 'close');
  assert.equal(code, 1000);
  await terminal.receives('dice: esto aún\n');
});

test('plain-text WebSocket sends all of its text though it closes at once', async (t) => {
  const terminal = await enter(t, room.port);
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
  await once(socket, 'open');
  for (let i = 0; i < 100; i++) socket.send(`línea ${i}.`);
  socket.close();
  await terminal.receives('línea 99.');
  assert.equal(terminal.received.match(/dice: línea \d+\.\n/g)?.length, 100);
});

test('gateway marks text as forged under the address of a browser that did not send it', async (t) => {
  const tab = await openTab(t, gateway);
  // Our room gives each line its header; this is what another server would pass on.
  const terminal = await enter(t, room.port);
  terminal.send(`${tab.you} dice: mentira`);
  const entry = await tab.receives('mentira');
  assert.equal(entry.from, tab.you);
  assert.equal(entry.forged, true);
  assert.equal(await gateway.metric('tertulia_forged_total'), 1);
});

test('headers, newlines and escapes in a message of a browser reach terminals as plain text', async (t) => {
  const [tab, terminal] = [await openTab(t, gateway), await enter(t, room.port)];
  await tab.receivesReceipt(tab.say('a\n10.0.0.1:9 dice: b\u001b[2J\r\n[::1]:5 dice: c'), 'heard');
  await terminal.receives('dice: c\n');
  await eventually(
    () => tab.messages.length > 0,
    () => 'nothing came back',
  );
  assert.equal(terminal.received, `${tab.you} dice: a 10.0.0.1:9\u00a0dice: b[2J [::1]:5\u00a0dice: c\n`);
  assert.equal(tab.messages.length, 1);
});

test('gateway with an invalid setting stops with one line', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { HTTP_PORT: '99999' });
  assert.equal((await program.exits()).code, 2);
  assert.match(program.errors, /^Bad configuration: HTTP_PORT=99999: .*\n$/);
  assert.equal(program.output, '');
});

test('second gateway on the same transcript stops with one line', async (t) => {
  const room = await builtRoom(t);
  const DATA_DIR = dataDir(t);
  await startGateway(t, room.port, { DATA_DIR });
  const second = await start(t, process.execPath, ['dist/gateway/main.js'], { HTTP_PORT: '0', DATA_DIR });
  assert.equal((await second.exits()).code, 1);
  assert.match(second.errors, /^Could not open the transcript in DATA_DIR=.*locked.*\n$/);
});
