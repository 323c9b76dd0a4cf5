/**
 * The people in the room: browsers that join and leave, and terminals that have sent something.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { BROWSERS_LISTED, PresenceList, type PresentSession } from '../../../gateway/hub/presence.ts';
import { type PeopleHere, type ServerMessage, TERMINAL_HERE_MS } from '../../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import {
  dataDir,
  type Gateway,
  openTab,
  type ResumePoint,
  startGateway,
  type Tab,
} from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { sharedFixture } from '../../helpers/shared-fixture.ts';
import { enter } from '../../helpers/tcp.ts';

async function scene(t: Cleanup, env: Record<string, string> = {}) {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, env) };
}

/** Shared by tests with browsers alone. Each test starts and ends without a session. */
const shared = sharedFixture(scene);

function emptyRoom(t: TestContext) {
  const { gateway } = shared;
  const tabs: Tab[] = [];
  t.after(async () => {
    for (const tab of tabs) tab.send({ type: 'leave' });
    await gateway.metricReaches('tertulia_sessions', 0);
  });
  const join = async (point?: ResumePoint): Promise<Tab> => {
    const tab = await openTab(t, gateway, point);
    tabs.push(tab);
    return tab;
  };
  return { gateway, join };
}

async function people(gateway: Gateway): Promise<PeopleHere> {
  return (await (await gateway.get('/api/people')).json()) as PeopleHere;
}

/** Waits until the list passes the check. */
async function shows(gateway: Gateway, check: (people: PeopleHere) => unknown): Promise<PeopleHere> {
  let last: PeopleHere | undefined;
  return await eventually(
    async () => {
      last = await people(gateway);
      return check(last) ? last : undefined;
    },
    () => `the people are ${JSON.stringify(last)}`,
  );
}

async function isNotified(tab: Tab, count: number): Promise<void> {
  await eventually(
    () => tab.people.at(-1) === count,
    () => `the tab was notified of ${tab.people}, not of ${count}`,
  );
}

test('presence list orders browsers by arrival, with the nickname chosen before a message', async (t) => {
  const { gateway, join } = emptyRoom(t);
  const [ana, bea] = [await join(), await join()];
  ana.send({ type: 'name', name: 'Ana' });
  const { browsers, count } = await shows(gateway, ({ browsers: [first] }) => first?.nickname);
  assert.deepEqual(browsers, [
    { id: ana.welcome?.me, address: ana.you, nickname: 'Ana' },
    { id: bea.welcome?.me, address: bea.you },
  ]);
  assert.equal(count, 2);
  ana.send({ type: 'name', name: '' });
  await shows(gateway, ({ browsers: [first] }) => first && first.nickname === undefined);
});

test('presence list shows the nickname in the newest message of a browser', async (t) => {
  const { gateway } = await scene(t);
  const script = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
  t.after(() => script.terminate());
  script.on('open', () => script.send('<Guion> hola'));
  await shows(gateway, ({ browsers: [first] }) => first?.nickname === 'Guion');
});

test('presence list keeps the last valid nickname when misleading ones are refused', async (t) => {
  const { gateway, join } = emptyRoom(t);
  const tab = await join();
  tab.send({ type: 'name', name: 'Ana' });
  for (const name of ['<b>', 'x'.repeat(25), '\u202eanA', ' ', '\u200b\u200b', 7]) {
    tab.send({ type: 'name', name });
  }
  await eventually(
    () => tab.errors.length === 6,
    () => `errors: ${tab.errors}`,
  );
  const { browsers } = await shows(gateway, ({ browsers: [first] }) => first?.nickname);
  assert.equal(browsers[0]?.nickname, 'Ana');
});

test('presence list shows a detached session as away until it resumes', async (t) => {
  const { gateway, join } = emptyRoom(t);
  const [ana, bea] = [await join(), await join()];
  await isNotified(bea, 2);
  ana.vanish();
  await shows(gateway, ({ browsers: [first] }) => first?.away);
  await join(ana.resumePoint);
  const { browsers } = await shows(gateway, ({ browsers: [first] }) => first && !first.away);
  assert.deepEqual(browsers[0], { id: ana.welcome?.me, address: ana.you });
});

test('presence list removes a session that leaves, and notifies the others', async (t) => {
  const { gateway, join } = emptyRoom(t);
  const [ana, bea] = [await join(), await join()];
  await isNotified(ana, 2);
  bea.send({ type: 'leave' });
  await isNotified(ana, 1);
  assert.equal((await people(gateway)).browsers.length, 1);
});

test('presence list shows terminals after their first message, the last heard first', async (t) => {
  const { room, gateway } = await scene(t);
  const [uno, dos] = [await enter(t, room.port), await enter(t, room.port)];
  const tab = await openTab(t, gateway);
  const before = Date.now();
  uno.send('<Uno> hola\n');
  await tab.receives('<Uno> hola');
  dos.send('sin nombre\n');
  await tab.receives('sin nombre');
  await isNotified(tab, 3);
  const { terminals } = await people(gateway);
  assert.deepEqual(
    terminals.map(({ address, nickname }) => [address, nickname]),
    [
      [dos.address, undefined],
      [uno.address, 'Uno'],
    ],
  );
  for (const { at } of terminals) assert.ok(at >= before && at <= Date.now());
  uno.send('sin decirlo otra vez\n');
  const again = await shows(gateway, ({ terminals: [first] }) => first?.address === uno.address);
  assert.equal(again.terminals[0]?.nickname, 'Uno');
});

test('presence list takes no browser for a terminal', async (t) => {
  const { gateway, join } = emptyRoom(t);
  const tab = await join();
  await tab.receivesReceipt(tab.say('hola'), 'heard');
  const { terminals, count } = await people(gateway);
  assert.deepEqual([terminals, count], [[], 1]);
});

test('presence list restores terminals, and no earlier browsers, after a restart', async (t) => {
  const DATA_DIR = dataDir(t);
  const { room, gateway } = await scene(t, { DATA_DIR });
  const terminal = await enter(t, room.port);
  const tab = await openTab(t, gateway);
  terminal.send('<Bea> hola\n');
  await tab.receives('<Bea> hola');
  await tab.receivesReceipt(tab.say('adiós'), 'heard');
  const { terminals } = await people(gateway);
  await gateway.program.stop();

  const second = await startGateway(t, room.port, { DATA_DIR });
  assert.deepEqual(await people(second), { browsers: [], terminals, unlisted: 0, count: 1 });
});

test('presence list notifies each client at most once a second when a class joins at once', async (t) => {
  const { gateway } = await scene(t);
  const start = performance.now();
  const first = await openTab(t, gateway);
  const tabs = await Promise.all(Array.from({ length: 60 }, () => openTab(t, gateway)));
  await isNotified(first, 61);
  await Promise.all(tabs.map((tab) => isNotified(tab, 61)));
  const seconds = Math.ceil((performance.now() - start) / 1_000);
  assert.ok(first.people.length <= seconds, `notified ${first.people.length} times in ${seconds} s`);
});

test('presence list names the first browsers of very many, and counts all', (t) => {
  const sessionOf = (publicId: string): PresentSession => ({
    publicId,
    address: null,
    nickname: undefined,
    presence: 'here',
    isHost: false,
    isSilenced: false,
    subscriber: undefined,
  });
  const sessions = new Map<string, PresentSession>();
  for (let i = 0; i <= BROWSERS_LISTED; i++) sessions.set(`${i}`, sessionOf(`${i}`));
  const people = new PresenceList(sessions);
  t.after(() => people.close());
  const { browsers, unlisted, count } = JSON.parse(people.json) as PeopleHere;
  assert.deepEqual([browsers.length, browsers.at(-1)?.id], [BROWSERS_LISTED, `${BROWSERS_LISTED - 1}`]);
  assert.deepEqual([unlisted, count], [1, BROWSERS_LISTED + 1]);
});

test('presence list is current when clients are notified, despite its cache', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
  const notified: boolean[] = [];
  const guest = { address: null, presence: 'here' as const, isHost: false, isSilenced: false };
  const ana = { ...guest, publicId: 'a', nickname: 'Ana' };
  const listed = (): boolean => people.json.includes('"nickname":"Bea"');
  const sessions = new Map<string, PresentSession>([
    ['a', { ...ana, subscriber: { sendIfWritable: () => notified.push(listed()) > 0 } }],
  ]);
  const people = new PresenceList(sessions);
  t.after(() => people.close());
  people.onChange();
  t.mock.timers.tick(900);
  assert.equal(listed(), false);
  sessions.set('b', { ...ana, publicId: 'b', nickname: 'Bea', subscriber: undefined });
  people.onChange();
  t.mock.timers.tick(200);
  assert.deepEqual(notified, [true]);
});

test('presence list shows the sessions of a person as one', async (t) => {
  const { gateway } = await scene(t);
  const person = 'a secret of a browser';
  const [first, second] = [await openTab(t, gateway, { person }), await openTab(t, gateway, { person })];
  const other = await openTab(t, gateway, { person: 'a secret of another' });
  assert.equal(first.welcome?.me, second.welcome?.me);
  assert.notEqual(first.welcome?.me, other.welcome?.me);
  await isNotified(other, 2);
  first.vanish();
  const { browsers } = await people(gateway);
  assert.deepEqual(
    browsers.map(({ id, away }) => [id, away]),
    [
      [second.welcome?.me, undefined],
      [other.welcome?.me, undefined],
    ],
  );
});

test('presence list does not count a terminal that is silent for ten minutes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
  const counts: number[] = [];
  const client = {
    sendIfWritable: (message: ServerMessage) => counts.push('count' in message ? message.count : -1) > 0,
  };
  const ana = {
    publicId: 'a',
    address: null,
    nickname: 'Ana',
    presence: 'here',
    isHost: false,
    isSilenced: false,
    subscriber: client,
  } as const;
  const people = new PresenceList(new Map([['a', ana]]));
  t.after(() => people.close());
  people.onEntry({ from: '127.0.0.1:4000', text: 'hola', at: Date.now() }, undefined);
  t.mock.timers.tick(2_000);
  t.mock.timers.tick(TERMINAL_HERE_MS + 60_000);
  t.mock.timers.tick(60_000);
  people.onEntry({ from: '127.0.0.1:4000', text: 'otra vez', at: Date.now() }, undefined);
  t.mock.timers.tick(2_000);
  assert.deepEqual(counts, [2, 1, 2]);
});

test('presence list takes no nickname from the middle of a message', (t) => {
  const people = new PresenceList(new Map());
  t.after(() => people.close());
  const entry = { at: Date.now(), from: '127.0.0.1:4000' };
  people.restore([
    { ...entry, seq: 1, text: 'dijo: ' },
    { ...entry, seq: 2, text: '<Bea> hola', continues: 1 },
  ]);
  assert.deepEqual((JSON.parse(people.json) as PeopleHere).terminals, [
    { address: entry.from, at: entry.at },
  ]);
});

test('name stays that of its browser after a restart', (t) => {
  const people = new PresenceList(new Map());
  t.after(() => people.close());
  const entry = { at: 0, from: '127.0.0.1:4000', text: '<Elena> hola' };
  people.restore([
    { ...entry, seq: 1, said: { by: 'elena', id: '1', left: 0 } },
    { ...entry, seq: 2, said: { by: 'luis', id: '1', left: 0 }, taken: true },
  ]);
  assert.equal(people.claimName('Elena', 'luis', Date.now()), true);
  assert.equal(people.claimName('Elena', 'elena', Date.now()), false);
});
