/**
 * Who is here: browsers as they come and go, terminals as they are heard.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { BROWSERS_LISTED, PresenceList, type PresentSession } from '../../../gateway/hub/presence.ts';
import type { PeopleHere } from '../../../gateway/protocol.ts';
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

/** For browsers alone: each test finds nobody there, and leaves nobody. */
const common = sharedFixture(scene);

function emptyRoom(t: TestContext) {
  const { gateway } = common;
  const tabs: Tab[] = [];
  t.after(async () => {
    for (const tab of tabs) tab.send({ type: 'leave' });
    await gateway.metricReaches('tertulia_sessions', 0);
  });
  const comeIn = async (back?: ResumePoint): Promise<Tab> => {
    const tab = await openTab(t, gateway, back);
    tabs.push(tab);
    return tab;
  };
  return { gateway, comeIn };
}

async function people(gateway: Gateway): Promise<PeopleHere> {
  return (await (await gateway.get('/api/people')).json()) as PeopleHere;
}

/** Waits until the list shows it. */
async function shows(gateway: Gateway, isSo: (people: PeopleHere) => unknown): Promise<PeopleHere> {
  let last: PeopleHere | undefined;
  return await eventually(
    async () => {
      last = await people(gateway);
      return isSo(last) ? last : undefined;
    },
    () => `the people are ${JSON.stringify(last)}`,
  );
}

async function isTold(tab: Tab, count: number): Promise<void> {
  await eventually(
    () => tab.people.at(-1) === count,
    () => `the tab was told of ${tab.people}, not of ${count}`,
  );
}

test('presence list orders browsers by arrival, with the nickname chosen before a message', async (t) => {
  const { gateway, comeIn } = emptyRoom(t);
  const [ana, bea] = [await comeIn(), await comeIn()];
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
  const { gateway, comeIn } = emptyRoom(t);
  const tab = await comeIn();
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
  const { gateway, comeIn } = emptyRoom(t);
  const [ana, bea] = [await comeIn(), await comeIn()];
  await isTold(bea, 2);
  ana.vanish();
  await shows(gateway, ({ browsers: [first] }) => first?.away);
  await comeIn(ana.resumePoint);
  const { browsers } = await shows(gateway, ({ browsers: [first] }) => first && !first.away);
  assert.deepEqual(browsers[0], { id: ana.welcome?.me, address: ana.you });
});

test('presence list removes a session that leaves, and notifies the others', async (t) => {
  const { gateway, comeIn } = emptyRoom(t);
  const [ana, bea] = [await comeIn(), await comeIn()];
  await isTold(ana, 2);
  bea.send({ type: 'leave' });
  await isTold(ana, 1);
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
  await isTold(tab, 3);
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
  const { gateway, comeIn } = emptyRoom(t);
  const tab = await comeIn();
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
  await tab.receivesReceipt(tab.say('adiós'), 'heard');
  const { terminals } = await people(gateway);
  await gateway.program.stop();

  const second = await startGateway(t, room.port, { DATA_DIR });
  assert.deepEqual(await people(second), { browsers: [], terminals, count: 1 });
});

test('presence list notifies a class that joins at once only a few times', async (t) => {
  const { gateway } = await scene(t);
  const first = await openTab(t, gateway);
  const tabs = await Promise.all(Array.from({ length: 60 }, () => openTab(t, gateway)));
  await isTold(first, 61);
  await Promise.all(tabs.map((tab) => isTold(tab, 61)));
  assert.ok(first.people.length <= 5, `told ${first.people.length} times`);
});

test('presence list names the first browsers of very many, and counts all', (t) => {
  const somebody = (publicId: string): PresentSession => ({
    publicId,
    address: null,
    nickname: undefined,
    presence: 'here',
    subscriber: undefined,
  });
  const members = new Map<string, PresentSession>();
  for (let i = 0; i <= BROWSERS_LISTED; i++) members.set(`${i}`, somebody(`${i}`));
  const people = new PresenceList(members);
  t.after(() => people.close());
  const { browsers, count } = JSON.parse(people.json) as PeopleHere;
  assert.deepEqual([browsers.length, browsers.at(-1)?.id], [BROWSERS_LISTED, `${BROWSERS_LISTED - 1}`]);
  assert.equal(count, BROWSERS_LISTED + 1);
});

test('presence list is current when clients are notified, despite its cache', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
  const told: boolean[] = [];
  const ana = { publicId: 'a', address: null, nickname: 'Ana', presence: 'here' as const };
  const listed = (): boolean => people.json.includes('"nickname":"Bea"');
  const members = new Map<string, PresentSession>([
    ['a', { ...ana, subscriber: { sendIfWritable: () => told.push(listed()) > 0 } }],
  ]);
  const people = new PresenceList(members);
  t.after(() => people.close());
  people.onChange();
  t.mock.timers.tick(900);
  assert.equal(listed(), false);
  members.set('b', { ...ana, publicId: 'b', nickname: 'Bea', subscriber: undefined });
  people.onChange();
  t.mock.timers.tick(200);
  assert.deepEqual(told, [true]);
});
