/**
 * Hosts of a room: who is one, what the others may not do, and that a hidden message is nowhere for them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import {
  type Entry,
  PIN_MAX,
  SILENCE_MAX_S,
  SUBPROTOCOL,
  TITLE_MAX,
  TOKEN_HEADER,
  TOKEN_PROTOCOL,
} from '../../gateway/protocol.ts';
import { AccessCode } from '../../gateway/server/access-code.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, logs, shared } from './connect.ts';

const CODE = 'cátedra';
const WITH_HOSTS = { HOST_CODE: CODE, ROOM_TITLE: 'Redes I' };

const room = shared(WITH_HOSTS);

async function give(gateway: { port: number }, code: string) {
  const headers = { 'content-type': 'application/json' };
  const { status, text } = await ask(gateway, '/api/enter', headers, {
    method: 'POST',
    body: JSON.stringify({ code }),
  });
  return { status, answer: JSON.parse(text) as { token: string; host?: true } };
}

async function hostHeader(gateway: { port: number }): Promise<Record<string, string>> {
  return { [TOKEN_HEADER]: (await give(gateway, CODE)).answer.token };
}

async function hostTab(t: Cleanup, gateway: { port: number }): Promise<Tab> {
  const { token } = (await give(gateway, CODE)).answer;
  return await comeIn(t, gateway, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token}`] });
}

/** A fence: the gateway has processed everything that the tab sent before. */
async function isProcessed(tab: Tab): Promise<void> {
  const before = tab.pongs;
  tab.send({ type: 'ping' });
  await eventually(
    () => tab.pongs > before,
    () => 'no pong',
  );
}

async function act(tab: Tab, message: Record<string, unknown>): Promise<void> {
  tab.send(message);
  await isProcessed(tab);
}

async function history(gateway: { port: number }, headers = {}, query = ''): Promise<string> {
  return (await ask(gateway, `/api/messages?limit=500${query}`, headers)).text;
}

const ACTS = (who: string, seq: number) => [
  { type: 'hide', seq, hidden: true },
  { type: 'silence', who, seconds: 60 },
  { type: 'pause', paused: true },
  { type: 'pin', text: 'pinned by a guest' },
  { type: 'title', text: 'title of a guest' },
];

test('HOST_CODE makes a host, marked in welcome, in people and in each own message', async (t) => {
  const { gateway } = room;
  assert.deepEqual((await give(gateway, 'otra')).status, 401);
  const host = await hostTab(t, gateway);
  const guest = await openTab(t, gateway);
  assert.deepEqual([host.welcome?.host, guest.welcome?.host], [true, false]);
  host.say('<Prof> soy yo');
  guest.say('<Prof> yo también');
  assert.equal((await guest.receives('<Prof> soy yo')).said?.host, true);
  assert.equal((await host.receives('<Prof> yo también')).said?.host, undefined);
  const { browsers } = JSON.parse((await ask(gateway, '/api/people')).text);
  const hosts = browsers.filter((browser: { host?: true }) => browser.host);
  assert.deepEqual(hosts.map(({ id }: { id: string }) => id).includes(host.welcome?.me), true);
  assert.equal(
    hosts.some(({ id }: { id: string }) => id === guest.welcome?.me),
    false,
  );
});

test('room without HOST_CODE has no hosts', async (t) => {
  const { port } = await builtRoom(t);
  const gateway = await startGateway(t, port);
  const tab = await openTab(t, gateway);
  assert.equal(tab.welcome?.host, undefined);
  await act(tab, { type: 'pause', paused: true });
  assert.deepEqual(tab.errors, ['hosts-only']);
});

test('guest can do no act of a host, with or without a wrong token', async (t) => {
  const { gateway } = room;
  const victim = await openTab(t, gateway);
  victim.say('sigue aquí');
  const { seq } = await victim.receives('sigue aquí');
  const before = victim.moderation;
  for (const protocols of [[SUBPROTOCOL], [SUBPROTOCOL, `${TOKEN_PROTOCOL}${'x'.repeat(43)}`]]) {
    const guest = await comeIn(t, gateway, { protocols });
    for (const message of ACTS(victim.welcome?.me ?? '', seq)) await act(guest, message);
    assert.deepEqual(guest.errors, Array(5).fill('hosts-only'));
  }
  await isProcessed(victim);
  assert.deepEqual([victim.moderation, victim.hidden, victim.silences], [before, [], []]);
  const id = victim.say('puedo hablar');
  await victim.receivesReceipt(id, 'heard');
});

test('session of a host that a guest resumes is a guest', async (t) => {
  const { gateway } = room;
  const host = await hostTab(t, gateway);
  const back = host.resumePoint;
  const guest = await openTab(t, gateway, back);
  assert.deepEqual([guest.welcome?.resumed, guest.welcome?.host], [true, false]);
  await act(guest, { type: 'pause', paused: true });
  assert.deepEqual(guest.errors, ['hosts-only']);
});

test('hidden message is nowhere for guests, and everywhere marked for hosts', async (t) => {
  const dir = dataDir(t);
  const { port } = await builtRoom(t);
  const gateway = await startGateway(t, port, { ...WITH_HOSTS, DATA_DIR: dir });
  const host = await hostTab(t, gateway);
  const guest = await openTab(t, gateway);
  const plain = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
  t.after(() => plain.terminate());
  const terminal = await enter(t, port);
  const secret = `palabrota ${'y más '.repeat(400)}fin`;
  guest.say(secret);
  terminal.send('<Grosero> injuria\n');
  guest.say('antes y después');
  const { seq } = await host.receives(secret);
  const injury = await host.receives('<Grosero> injuria');
  await host.receives('antes y después');
  // The last entry of the message stands for all.
  const last = host.entries.findLast(({ continues }) => continues === seq)?.seq ?? 0;
  await act(host, { type: 'hide', seq: last, hidden: true });
  await act(host, { type: 'pin', text: 'injuria' });
  await act(host, { type: 'hide', seq: injury.seq, hidden: true });
  await isProcessed(guest);
  assert.deepEqual(guest.hidden, [seq, injury.seq]);
  await isNowhere(t, gateway, 'palabrota|y más|injuria|Grosero');
  await isMarkedForHosts(t, gateway, secret);

  await gateway.program.stop();
  const again = await startGateway(t, port, { ...WITH_HOSTS, DATA_DIR: dir });
  await isNowhere(t, again, 'palabrota|y más|injuria|Grosero');
  await isMarkedForHosts(t, again, secret);
  const back = await hostTab(t, again);
  const reader = await openTab(t, again);
  await act(back, { type: 'hide', seq, hidden: false });
  await isProcessed(reader);
  assert.equal(reader.shown.map(({ text }) => text).join(''), secret);
  assert.equal((await ask(again, '/api/messages?q=palabrota')).text.includes(secret), true);
});

async function isNowhere(t: Cleanup, gateway: Gateway, text: string): Promise<void> {
  const pattern = new RegExp(text);
  const tab = await openTab(t, gateway);
  await tab.receives('antes y después');
  const paths = [
    '/api/messages?limit=500',
    '/api/messages?q=palabrota',
    '/api/messages?q=injuria',
    '/api/transcript?format=text',
    '/api/transcript?format=jsonl',
    '/api/transcript?format=html',
    '/api/days',
    '/api/people',
    '/api/moderation',
  ];
  const answers = await Promise.all(paths.map((path) => ask(gateway, path)));
  for (const [index, { status, text: body }] of answers.entries()) {
    assert.deepEqual([status, body.match(pattern)], [200, null], paths[index]);
  }
  assert.doesNotMatch(JSON.stringify(tab.entries), pattern);
  const { messages } = JSON.parse(answers[0]?.text ?? '') as { messages: Entry[] };
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    messages.map((_, index) => (messages[0]?.seq ?? 0) + index),
    'seq has no holes',
  );
  for (const path of ['/api/messages?hidden=true', '/api/transcript?hidden=true']) {
    assert.equal((await ask(gateway, path)).status, 403, path);
  }
}

async function isMarkedForHosts(t: Cleanup, gateway: Gateway, secret: string): Promise<void> {
  const host = await hostTab(t, gateway);
  await host.receives(secret);
  assert.equal(
    host.entries.every(({ text, hidden }) => !text.includes('y más') || hidden),
    true,
  );
  const header = await hostHeader(gateway);
  const asked = JSON.parse(await history(gateway, header, '&hidden=true')) as { messages: Entry[] };
  assert.equal(asked.messages.filter(({ hidden }) => hidden).length > 1, true);
  assert.equal((await history(gateway, header)).includes('y más'), false, 'a projector of a host');
  const { ticket } = JSON.parse((await ask(gateway, '/api/ticket', header, { method: 'POST' })).text);
  const file = await ask(gateway, `/api/transcript?hidden=true&ticket=${ticket}`);
  assert.match(file.text, /HIDDEN 127\.0\.0\.1:\d+ dice: palabrota/);
}

test('page that reconnects learns which messages were hidden or shown meanwhile', async (t) => {
  const { gateway } = room;
  const host = await hostTab(t, gateway);
  const guest = await openTab(t, gateway);
  guest.say('uno');
  guest.say('dos');
  const [one, two] = [await host.receives('uno'), await host.receives('dos')];
  await guest.receives('dos');
  await act(host, { type: 'hide', seq: one.seq, hidden: true });
  await isProcessed(guest);
  const revision = guest.moderation?.revision;
  const back = guest.resumePoint;
  guest.vanish();
  await act(host, { type: 'hide', seq: one.seq, hidden: false });
  await act(host, { type: 'hide', seq: two.seq, hidden: true });
  const again = await openTab(t, gateway, { ...back, revision } as typeof back);
  await isProcessed(again);
  assert.deepEqual([again.hidden, again.shown.map(({ text }) => text)], [[two.seq], ['uno']]);
  await act(host, { type: 'hide', seq: two.seq, hidden: false });
});

test('pause refuses browsers, not hosts or terminals, and lasts across a restart', async (t) => {
  const dir = dataDir(t);
  const { port } = await builtRoom(t);
  const env = { ...WITH_HOSTS, DATA_DIR: dir };
  const gateway = await startGateway(t, port, env);
  const host = await hostTab(t, gateway);
  await act(host, { type: 'pause', paused: true });
  await act(host, { type: 'pin', text: 'https://example.org' });
  await gateway.program.stop();
  const again = await startGateway(t, port, env);
  const guest = await openTab(t, again);
  const teacher = await hostTab(t, again);
  const { paused, pinned, title } = guest.moderation ?? {};
  assert.deepEqual([paused, pinned, title], [true, 'https://example.org', 'Redes I']);
  assert.equal((await guest.receivesReceipt(guest.say('¿se puede?'), 'failed')).reason, 'paused');
  await teacher.receivesReceipt(teacher.say('escuchad'), 'heard');
  const terminal = await enter(t, port);
  terminal.send('desde la terminal\n');
  await guest.receives('desde la terminal');
  await act(teacher, { type: 'pause', paused: false });
  await guest.receivesReceipt(guest.say('ahora sí'), 'heard');
  assert.doesNotMatch(guest.texts.join(), /se puede/);
});

test('silenced browser is refused until its time is over, also after a reconnect', async (t) => {
  const { gateway } = room;
  const host = await hostTab(t, gateway);
  const [loud, other] = [await openTab(t, gateway), await openTab(t, gateway)];
  const who = loud.welcome?.me;
  await act(host, { type: 'silence', who, seconds: 300 });
  assert.equal((await loud.receivesReceipt(loud.say('¡eh!'), 'failed')).reason, 'silenced');
  await other.receivesReceipt(other.say('yo puedo'), 'heard');
  const back = loud.resumePoint;
  loud.vanish();
  const again = await openTab(t, gateway, back);
  await isProcessed(again);
  assert.equal(again.silences.length, 1);
  const [seconds = 0] = again.silences;
  assert.ok(seconds > 200 && seconds <= 300, `${seconds} s`);
  await act(host, { type: 'silence', who, seconds: 1 });
  await eventually(
    async () => {
      const id = again.say('ya puedo');
      await eventually(
        () => again.receipts.get(id),
        () => 'no receipt',
      );
      return again.receipts.get(id)?.state === 'heard';
    },
    () => 'the silence does not end',
  );
  assert.deepEqual(host.errors, []);
  await act(host, { type: 'silence', who: host.welcome?.me, seconds: 60 });
  await act(host, { type: 'silence', who: 'nadie', seconds: 60 });
  assert.deepEqual(host.errors, ['not-found', 'not-found']);
});

test('acts of a host are limited, and logged without their text', async (t) => {
  const { gateway } = room;
  const host = await hostTab(t, gateway);
  const wrong = [
    { type: 'title', text: 'x'.repeat(TITLE_MAX + 1) },
    { type: 'pin', text: 'x'.repeat(PIN_MAX + 1) },
    { type: 'pin', text: 'dos\nlíneas' },
    { type: 'pin', text: '\u202eal revés' },
    { type: 'silence', who: 'x', seconds: SILENCE_MAX_S + 1 },
    { type: 'silence', who: 'x', seconds: -1 },
    { type: 'hide', seq: 1.5, hidden: true },
    { type: 'hide', seq: 1, hidden: 'yes' },
    { type: 'pause' },
  ];
  for (const message of wrong) await act(host, message);
  assert.deepEqual(host.errors, Array(wrong.length).fill('bad-message'));
  await act(host, { type: 'hide', seq: 1_000_000, hidden: true });
  assert.equal(host.errors.at(-1), 'not-found');
  await act(host, { type: 'title', text: 'tema reservado' });
  assert.equal(host.moderation?.title, 'tema reservado');
  await act(host, { type: 'title', text: '' });
  assert.equal(host.moderation?.title, 'Redes I');
  const line = await logs(gateway, 'act of a host');
  assert.equal(line.host, true);
  assert.doesNotMatch(gateway.program.output, /reservado/);
});

test('host code opens a locked room, guesses are limited, and the other code makes no host', async () => {
  const access = new AccessCode('sala', CODE);
  assert.deepEqual([access.try('sala', '10.0.0.1'), access.try(`${CODE} `, '10.0.0.1')], ['guest', 'host']);
  const [guest, host] = [access.tokenOf('guest'), access.tokenOf('host')];
  assert.notEqual(guest, host);
  const check = (token: string) => access.checkRequest({ [TOKEN_HEADER]: token }, null, '10.0.0.1');
  assert.deepEqual([check(guest), check(host), check('')], ['guest', 'host', 'locked']);
  for (let i = 0; i < 30; i++) access.try('mal', '10.0.0.2');
  assert.equal(access.try(CODE, '10.0.0.2'), 'too-many-tries');
});
