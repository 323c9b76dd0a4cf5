/**
 * Settings for a room: names that are taken, passwords, bad templates.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, launchGateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { withoutPython } from '../helpers/python.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { bareServer, enter } from '../helpers/tcp.ts';
import { standIn, withoutStandIn } from './stand-in.ts';

async function isIn(tab: Tab, name: string): Promise<void> {
  await eventually(
    () => tab.name === name && tab.you,
    () => `the tab is ${tab.name}, ${tab.roomState}, ${tab.trouble}`,
  );
}

describe('room with logins', { skip: withoutStandIn('submitname') }, () => {
  const common = sharedFixture(async (t) => {
    const room = await standIn(t, 'submitname');
    return { room, gateway: await startGateway(t, room.port, { ROOM_FORMAT: 'submitname' }) };
  });

  test('page is asked for a name, and its messages wait for it', async (t) => {
    const tab = await openTab(t, common.gateway);
    await eventually(
      () => tab.trouble === 'name',
      () => `the trouble is ${tab.trouble}`,
    );
    assert.equal(tab.you, null);
    const id = tab.say('hola');
    tab.send({ type: 'name', name: 'Inés' });
    await isIn(tab, 'Inés');
    assert.equal(tab.trouble, undefined);
    await tab.receivesReceipt(id, 'heard');
    await tab.receives('<Inés> hola');
  });

  test('name that a terminal has becomes another, and messages go out under it', async (t) => {
    const terminal = await enter(t, common.room.port);
    terminal.send('Ana\n');
    await terminal.receives('NAMEACCEPTED Ana\n');
    const tab = await openTab(t, common.gateway);
    tab.send({ type: 'name', name: 'Ana' });
    await isIn(tab, 'Ana-2');
    await tab.receivesReceipt(tab.say('<Ana> hola'), 'heard');
    await terminal.receives('MESSAGE Ana-2: hola\n');
    terminal.send('hola\n');
    assert.equal((await tab.receives('<Ana> hola')).said, undefined);
  });

  test('name that another tab has becomes another', async (t) => {
    const [one, two] = [await openTab(t, common.gateway), await openTab(t, common.gateway)];
    for (const tab of [one, two]) tab.send({ type: 'name', name: 'Eva' });
    await eventually(
      () => [one.name, two.name].sort().join() === 'Eva,Eva-2' && one.you && two.you,
      () => `the tabs are ${one.name} and ${two.name}`,
    );
  });

  test('new name logs in again, and the room hears of it', async (t) => {
    const terminal = await enter(t, common.room.port);
    terminal.send('Paco\n');
    await terminal.receives('NAMEACCEPTED Paco\n');
    const tab = await openTab(t, common.gateway);
    tab.send({ type: 'name', name: 'Luis' });
    await isIn(tab, 'Luis');
    await tab.receivesReceipt(tab.say('<Lola> hola'), 'heard');
    await isIn(tab, 'Lola');
    await terminal.receives('MESSAGE Luis has left\n');
    await terminal.receives('MESSAGE Lola: hola\n');
  });

  test('plain WebSocket without a name comes in under a name for guests', async (t) => {
    const terminal = await enter(t, common.room.port);
    terminal.send('Rosa\n');
    await terminal.receives('NAMEACCEPTED');
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`ws://127.0.0.1:${common.gateway.port}/ws`);
    t.after(() => socket.terminate());
    socket.on('open', () => socket.send('buenas'));
    await terminal.receives('MESSAGE invitado: buenas\n');
  });
});

test('server that closes for a taken name gets the next name', { skip: withoutPython }, async (t) => {
  const room = await standIn(t, 'closes');
  const gateway = await startGateway(t, room.port, {
    ROOM_FORMAT: '({name}) {text}',
    ROOM_LOGIN: '{name}\\n',
  });
  const terminal = await enter(t, room.port);
  terminal.send('Ana\n');
  await terminal.receives('Hi Ana');
  const tab = await openTab(t, gateway);
  tab.send({ type: 'name', name: 'Ana' });
  await isIn(tab, 'Ana-2');
});

test('password of a login is in no log and no message', { skip: withoutStandIn('mug4z') }, async (t) => {
  const room = await standIn(t, 'mug4z');
  const gateway = await startGateway(t, room.port, {
    ROOM_FORMAT: '{name}: {text}',
    ROOM_LOGIN: 'intergouvernementalisations\\n/nick {name}\\n',
    LOG_LEVEL: 'trace',
  });
  const tab = await openTab(t, gateway);
  tab.send({ type: 'name', name: 'Ana' });
  await isIn(tab, 'Ana');
  await tab.receivesReceipt(tab.say('hola'), 'heard');
  assert.doesNotMatch(gateway.program.output, /intergouv/);
  assert.doesNotMatch(JSON.stringify([tab.entries, tab.notices]), /intergouv/);
});

test('browser that leaves while it logs in ends its login first', async (t) => {
  const server = await bareServer(t);
  const accepted = [server.accepts()];
  const gateway = await launchGateway(t, server.port, { ROOM_FORMAT: 'neuralnine' });
  const ear = await (accepted[0] as ReturnType<typeof server.accepts>);
  ear.write('NICK');
  const next = server.accepts();
  const tab = await openTab(t, gateway);
  tab.send({ type: 'name', name: 'Ana' });
  const voice = await next;
  const received: string[] = [];
  voice.on('data', (data) => received.push(String(data)));
  let end = '';
  voice.on('end', () => {
    end ||= 'fin';
  });
  voice.on('error', ({ message }) => {
    end ||= message;
  });
  tab.send({ type: 'leave' });
  await eventually(
    () => end,
    () => 'the voice did not leave',
  );
  assert.deepEqual([received.join(''), end], ['Ana', 'read ECONNRESET']);
});

test('bad template stops the start with its setting in one line', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], {
    ROOM_FORMAT: '{nombre}: {text}',
    DATA_DIR: dataDir(t),
    HTTP_PORT: '0',
  });
  assert.equal((await program.exits()).code, 2);
  assert.equal(
    program.errors,
    'Bad configuration: ROOM_FORMAT={nombre}: {text}: {nombre} is none of {address}, {ip}, {port}, {name}, {text}, {any}\n',
  );
});
