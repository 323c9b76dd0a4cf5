/**
 * The lab: only hosts of a gateway with LAB have it, and a connection of it is one more client of the room.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, LAB_WRITE_MAX_BYTES, SUBPROTOCOL, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { hostToken, openLab } from '../gateway/lab/lab-tab.ts';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';
import { comeIn, knock, logOf, logs, roomAndGateway, shared } from './connect.ts';

const CODE = 'cátedra';
const WITH_LAB = { HOST_CODE: CODE, ACCESS_CODE: 'alumnado', LAB: 'true' };

const open = shared(WITH_LAB);

test('lab is off by default: its path does not exist, and no host is offered it', async (t) => {
  const { gateway } = await roomAndGateway(t, { HOST_CODE: CODE });
  const token = await hostToken(gateway, CODE);
  const protocols = [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token}`];
  assert.equal((await knock(t, gateway, { path: '/ws/lab', protocols })).status, 404);
  const host = await comeIn(t, gateway, { protocols });
  assert.deepEqual([host.welcome?.host, host.welcome?.lab], [true, undefined]);
});

test('LAB without HOST_CODE stops the start with one line', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], { LAB: 'true' });
  assert.equal((await program.exits()).code, 2);
  assert.equal(program.errors, 'Bad configuration: LAB needs HOST_CODE\n');
});

test('lab refuses strangers, guests, a wrong token, and codes in its URL', async (t) => {
  const { gateway } = open;
  const guest = await hostToken(gateway, 'alumnado');
  for (const token of [undefined, guest, 'x'.repeat(43)]) {
    const lab = await openLab(t, gateway, token);
    assert.equal((await lab.isClosed()).code, CLOSE.locked);
    assert.deepEqual(lab.events, []);
  }
  const { tab } = await knock(t, gateway, { path: '/ws/lab?code=alumnado' });
  assert.equal((await tab.isClosed()).code, CLOSE.locked);
});

test('lab refuses pages of other origins and unknown hosts, also with the token of a host', async (t) => {
  const { gateway } = open;
  const token = await hostToken(gateway, CODE);
  const foreign = await openLab(t, gateway, token, { origin: 'https://evil.example.com' });
  assert.equal((await foreign.isClosed()).code, CLOSE.foreign);
  const protocols = [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token}`];
  const rebound = await knock(t, gateway, {
    path: '/ws/lab',
    protocols,
    headers: { host: 'evil.example.com' },
  });
  assert.equal(rebound.status, 421);
});

test('host is offered the lab, and talks in the room as a terminal', async (t) => {
  const { gateway, room } = open;
  const token = await hostToken(gateway, CODE);
  const host = await comeIn(t, gateway, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token}`] });
  assert.equal(host.welcome?.lab, true);
  const lab = await openLab(t, gateway, token);
  const { address } = await lab.has('open');
  const terminal = await enter(t, room.port);
  lab.write('desde el laboratorio\n');
  await terminal.receives(`${address} dice: desde el laboratorio\n`);
  assert.equal((await host.receives('desde el laboratorio')).from, address);
  terminal.send('hola\n');
  await lab.receives(`${terminal.address} dice: hola\n`);
});

test('text of the lab under the address of a browser is marked as forged', async (t) => {
  const { gateway } = open;
  const token = await hostToken(gateway, CODE);
  const victim = await comeIn(t, gateway, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${token}`] });
  const lab = await openLab(t, gateway, token);
  await lab.has('open');
  lab.write(`${victim.you} dice: yo no fui\n`);
  const entry = await eventually(
    () => victim.messages.find(({ text }) => text.includes('yo no fui')),
    () => JSON.stringify(victim.texts),
  );
  assert.equal(entry.forged, true);
});

test('frame of the longest write passes, and a longer frame closes that lab alone', async (t) => {
  const { gateway } = open;
  const token = await hostToken(gateway, CODE);
  const [one, other] = [await openLab(t, gateway, token), await openLab(t, gateway, token)];
  await one.has('open');
  await other.has('open');
  one.write(Buffer.alloc(LAB_WRITE_MAX_BYTES, 'x'));
  await one.has('wrote', ({ bytes }) => bytes === LAB_WRITE_MAX_BYTES);
  one.socket.send(' '.repeat(2 * LAB_WRITE_MAX_BYTES + 4 * 1024 + 1));
  assert.equal((await one.isClosed()).code, CLOSE.tooBig);
  other.write('sigo\n');
  await other.has('wrote');
});

test('lab is logged with addresses and counts, without its bytes', async (t) => {
  const { gateway } = await roomAndGateway(t, WITH_LAB);
  const lab = await openLab(t, gateway, await hostToken(gateway, CODE));
  const { address } = await lab.has('open');
  lab.write('secreto\n');
  await lab.has('wrote');
  lab.socket.close();
  const line = await logs(gateway, 'lab: connection closed');
  assert.deepEqual([line.address, line.sentBytes], [address, 8]);
  assert.ok(logOf(gateway).every((one) => !JSON.stringify(one).includes('secreto')));
});

test('lab talks and hears in a room that expects PROXY headers', async (t) => {
  const room = await builtRoom(t, 'broadcast', { TCP_GATEWAY_PORT: '0' });
  const [, gatewayPort] = await room.program.prints(/Pasarelas: escuchando en .*:(\d+)/);
  const gateway = await startGateway(t, Number(gatewayPort), { ...WITH_LAB, ROOM_PROXY_PROTOCOL: 'v2' });
  const lab = await openLab(t, gateway, await hostToken(gateway, CODE));
  const { address } = await lab.has('open');
  const terminal = await enter(t, room.port);
  lab.write('hola\n');
  await terminal.receives(`${address} dice: hola\n`);
  terminal.send('buenas\n');
  await lab.receives(`${terminal.address} dice: buenas\n`);
});

test('gateway that stops closes its labs with FIN, so that the room goes on', {
  skip: withoutPython,
}, async (t) => {
  const { port } = await pythonRoom(t);
  const gateway = await startGateway(t, port, WITH_LAB);
  const lab = await openLab(t, gateway, await hostToken(gateway, CODE));
  await lab.has('open');
  lab.write('hola\n');
  lab.send({ type: 'read', reading: false });
  await lab.has('reading');
  gateway.program.signal('SIGTERM');
  assert.equal((await lab.isClosed()).code, CLOSE.restart);
  await gateway.program.exits();
  const [one, other] = [await enter(t, port), await enter(t, port)];
  await eventually(
    () => {
      // The room may accept the second terminal only after a message.
      one.send('sigue\n');
      return other.received.includes('sigue');
    },
    () => 'the room stands still',
  );
});

test('experiments show the traps of a server such as the one of the tutorial', {
  skip: withoutPython,
}, async (t) => {
  const { port } = await pythonRoom(t);
  const gateway = await startGateway(t, port, { ...WITH_LAB, ACCESS_CODE: '' });
  const token = await hostToken(gateway, CODE);
  const terminal = await enter(t, port);
  const lab = await openLab(t, gateway, token);
  const { address } = await lab.has('open');
  // One recv is one message, so a write without newline glues to the next header.
  lab.write('sin salto');
  await terminal.receives('sin salto');
  terminal.send('otro\n');
  await lab.receives('otro\n');
  lab.write('y sigue\n');
  await terminal.receives(`${address} dice: sin salto${address} dice: y sigue\n`);
  lab.write(`${'0123456789'.repeat(299)}012345678\n`);
  await terminal.receives('012345678\n');
  assert.equal(terminal.received.split(`${address} dice: `).length, 6);
  lab.write(`hola\n127.0.0.1:1 dice: otra persona\n`);
  await terminal.receives('\n127.0.0.1:1 dice: otra persona\n');
  // A character cut in two ends its client's thread.
  const victim = await openLab(t, gateway, token);
  await victim.has('open');
  victim.write(Buffer.from([0xc3]));
  await victim.has('fin', ({ from }) => from === 'room');
});
