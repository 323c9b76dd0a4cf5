/**
 * Acts of hosts in a cluster: what a host does at one gateway is the same at all of them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PeopleHere, SUBPROTOCOL, TOKEN_HEADER, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { AccessCode } from '../../gateway/server/access-code.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, logs } from '../security/connect.ts';
import { startNats } from './nats-servers.ts';

const CODE = 'cátedra';
const TOKEN = new AccessCode('', CODE).tokenOf('host');
const SECRET = 'palabrota';
const PATHS = [
  '/api/messages?limit=500',
  `/api/messages?q=${SECRET}`,
  '/api/transcript?format=text',
  '/api/transcript?format=jsonl',
  '/api/transcript?format=html',
  '/api/days',
  '/api/people',
  '/api/moderation',
];

const shared = sharedFixture(async (t) => {
  const nats = await startNats(t, 1);
  const room = await builtRoom(t);
  const env = {
    CLUSTER: nats.map(({ url }) => url).join(','),
    CLUSTER_ALLOW_OLD: 'true',
    HOST_CODE: CODE,
    LAB: 'true',
    ROOM_TITLE: 'Redes I',
  };
  const dirs = [dataDir(t), dataDir(t)];
  const start = async (DATA_DIR: string) => await startGateway(t, room.port, { ...env, DATA_DIR });
  const gateways = (await Promise.all(dirs.map(start))) as [Gateway, Gateway];
  return { room, gateways, dirs, start };
});

async function hostTab(t: Cleanup, gateway: Gateway): Promise<Tab> {
  return await comeIn(t, gateway, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${TOKEN}`] });
}

async function isNowhere(gateway: Gateway): Promise<void> {
  for (const path of PATHS) {
    const { status, text } = await ask(gateway, path);
    assert.deepEqual([status, text.includes(SECRET)], [200, false], path);
  }
}

async function hasState(tab: Tab, state: object): Promise<void> {
  await eventually(
    () => Object.entries(state).every(([name, value]) => Reflect.get(tab.moderation ?? {}, name) === value),
    () => `the tab has ${JSON.stringify(tab.moderation)}, not ${JSON.stringify(state)}`,
  );
}

async function eachIs<T>(actual: () => T, expected: T): Promise<void> {
  await eventually(
    () => JSON.stringify(actual()) === JSON.stringify(expected),
    () => `it is ${JSON.stringify(actual())}, not ${JSON.stringify(expected)}`,
  );
}

describe('hosts of a cluster', { skip: without('nats-server') }, () => {
  test('cluster hides a message at every gateway, also at one that starts later', async (t) => {
    const { room, gateways, dirs, start } = await shared;
    const [first, second] = gateways;
    const [host, guest] = [await hostTab(t, first), await openTab(t, second)];
    assert.equal(host.welcome?.lab, true);
    const terminal = await enter(t, room.port);
    terminal.send(`${SECRET} de la terminal\n`);
    guest.say('antes y después');
    const { seq } = await host.receives(`${SECRET} de la terminal`);
    await host.receives('antes y después');
    await guest.receives('antes y después');
    host.send({ type: 'hide', seq, hidden: true });
    await eachIs(() => guest.hidden, [seq]);
    await eachIs(() => host.hidden, [seq]);
    const line = await logs(first, 'act of a host');
    assert.deepEqual([line.act, line.seq, line.host], ['hide', seq, true]);
    for (const gateway of gateways) await isNowhere(gateway);
    const fresh = await start(dataDir(t));
    await isNowhere(fresh);
    const reader = await openTab(t, fresh);
    await reader.receives('antes y después');
    assert.doesNotMatch(JSON.stringify(reader.entries), new RegExp(SECRET));
    const asked = await ask(fresh, '/api/messages?limit=500&hidden=true', { [TOKEN_HEADER]: TOKEN });
    assert.match(asked.text, new RegExp(SECRET), 'a host finds it at the new gateway');

    await second.program.stop();
    gateways[1] = await start(dirs[1] ?? '');
    await isNowhere(gateways[1]);
    const again = await hostTab(t, gateways[1]);
    again.send({ type: 'hide', seq, hidden: false });
    await eachIs(() => reader.shown.map(({ text }) => text), [`${SECRET} de la terminal`]);
    await eachIs(() => host.shown.map(({ text }) => text), [`${SECRET} de la terminal`]);
    assert.match((await ask(first, `/api/messages?q=${SECRET}`)).text, /de la terminal/);
  });

  test('cluster pauses browsers, pins a line and sets the title at every gateway', async (t) => {
    const { gateways, dirs, start } = await shared;
    const [first, second] = gateways;
    const [host, guest] = [await hostTab(t, first), await openTab(t, second)];
    host.send({ type: 'pause', paused: true });
    host.send({ type: 'pin', text: 'https://example.org' });
    host.send({ type: 'title', text: 'Sockets' });
    await hasState(guest, { paused: true, pinned: 'https://example.org', title: 'Sockets' });
    assert.equal((await guest.receivesReceipt(guest.say('¿se puede?'), 'failed')).reason, 'paused');
    await first.program.stop();
    gateways[0] = await start(dirs[0] ?? '');
    const later = await openTab(t, gateways[0]);
    await hasState(later, { paused: true, pinned: 'https://example.org', title: 'Sockets' });
    const teacher = await hostTab(t, second);
    teacher.send({ type: 'pause', paused: false });
    teacher.send({ type: 'title', text: '' });
    await hasState(later, { paused: false, title: 'Redes I' });
    await later.receivesReceipt(later.say('ahora sí'), 'heard');
  });

  test('cluster silences a browser of another gateway, and lifts the silence', async (t) => {
    const [first, second] = (await shared).gateways;
    const [host, guest] = [await hostTab(t, first), await openTab(t, second)];
    const who = guest.welcome?.me ?? '';
    // The other gateway knows the browser within a second or two.
    await eventually(
      () => {
        host.send({ type: 'silence', who, seconds: 300 });
        return guest.silences.length > 0;
      },
      () => `the guest is not silenced: ${host.errors}`,
    );
    assert.equal((await guest.receivesReceipt(guest.say('¡eh!'), 'failed')).reason, 'silenced');
    await eventually(
      async () => {
        const { browsers } = JSON.parse((await ask(first, '/api/people')).text) as PeopleHere;
        return browsers.find(({ id }) => id === who)?.silenced;
      },
      () => 'the first gateway does not list the guest as silenced',
    );
    host.send({ type: 'silence', who, seconds: 0 });
    await eachIs(() => guest.silences.at(-1), 0);
    await guest.receivesReceipt(guest.say('ya puedo'), 'heard');
  });

  test('guest of a cluster can do no act of a host at any gateway', async (t) => {
    const { gateways } = await shared;
    const [first, second] = gateways;
    const [host, victim, guest] = [
      await hostTab(t, first),
      await openTab(t, first),
      await openTab(t, second, undefined),
    ];
    victim.say('sigue aquí');
    const { seq } = await guest.receives('sigue aquí');
    await victim.receives('sigue aquí');
    const before = victim.moderation;
    guest.send({ type: 'hide', seq, hidden: true });
    guest.send({ type: 'silence', who: victim.welcome?.me, seconds: 60 });
    guest.send({ type: 'pause', paused: true });
    guest.send({ type: 'pin', text: 'pinned by a guest' });
    guest.send({ type: 'title', text: 'title of a guest' });
    await eachIs(() => guest.errors, Array(5).fill('hosts-only'));
    // A session of a host that a guest resumes at another gateway is a guest.
    const moved = await openTab(t, second, host.resumePoint);
    assert.equal(moved.welcome?.host, false);
    moved.send({ type: 'pause', paused: true });
    await eachIs(() => moved.errors, ['hosts-only']);
    await victim.receivesReceipt(victim.say('puedo hablar'), 'heard');
    assert.deepEqual([victim.moderation, victim.hidden, victim.silences], [before, [], []]);
  });

  test('cluster keeps every act of hosts at two gateways, also when they act at once', async (t) => {
    const [first, second] = (await shared).gateways;
    const [ana, eva] = [await hostTab(t, first), await hostTab(t, second)];
    const texts = Array.from({ length: 10 }, (_, index) => `mensaje ${index}`);
    for (const text of texts) ana.say(text);
    const seqs = await Promise.all(texts.map(async (text) => (await eva.receives(text)).seq));
    await ana.receives(texts.at(-1) ?? '');
    const revision = ana.moderation?.revision ?? 0;
    for (const [index, seq] of seqs.entries())
      (index % 2 === 0 ? ana : eva).send({ type: 'hide', seq, hidden: true });
    for (const tab of [ana, eva]) {
      await hasState(tab, { revision: revision + seqs.length });
      assert.deepEqual(
        [...tab.hidden].sort((one, other) => one - other),
        seqs,
      );
      assert.deepEqual(tab.errors, []);
    }
  });
});
