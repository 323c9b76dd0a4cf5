/**
 * The access log: joins and leaves, and never a message.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { openTab } from '../helpers/gateway.ts';
import { enter } from '../helpers/tcp.ts';
import { ask, comeIn, knock, logOf, logs, roomAndGateway } from './connect.ts';

test('access log has a line for each join and leave, with address, duration and reason', async (t) => {
  const { gateway } = await roomAndGateway(t);
  const tab = await comeIn(t, gateway);
  const joined = await logs(gateway, 'joined');
  tab.send({ type: 'leave' });
  const left = await logs(gateway, 'left');
  assert.equal(joined.address, tab.you);
  assert.equal(joined.session, tab.welcome?.me);
  assert.deepEqual(
    [left.session, left.address, left.peer, left.why, typeof left.seconds, left.level],
    [joined.session, joined.address, joined.peer, 'left', 'number', 30],
  );
});

test('access log names the reason of a leave: time-out, closed plain-text socket, stop', async (t) => {
  const { gateway } = await roomAndGateway(t, { SESSION_RESUME_MS: '0' });
  const whys = () =>
    logOf(gateway)
      .filter(({ msg }) => msg === 'left')
      .map(({ why }) => why);
  const tells = (...expected: string[]) =>
    eventually(
      () => JSON.stringify(whys()) === JSON.stringify(expected),
      () => `it told ${whys()}`,
    );
  (await openTab(t, gateway)).vanish();
  await tells('did not come back');
  const { tab: plain } = await knock(t, gateway, { protocols: [] });
  await logs(gateway, 'joined');
  plain.socket.close();
  await tells('did not come back', 'closed the socket');
  await openTab(t, gateway);
  await gateway.program.stop();
  await tells('did not come back', 'closed the socket', 'the gateway stops');
});

test('no message is in the log, at its default level and above debug', async (t) => {
  const { gateway, room } = await roomAndGateway(t);
  const [tab, terminal] = [await comeIn(t, gateway), await enter(t, room.port)];
  await tab.receivesReceipt(tab.say('secreto de página'), 'heard');
  terminal.send('secreto de terminal\n');
  await tab.receives('secreto de terminal');
  tab.send('{"type":"say","text":"secreto roto"}');
  await ask(gateway, '/api/messages?q=secreto');
  await ask(gateway, '/api/messages?limit=secreto&q=secreto');
  await ask(gateway, '/secreto');
  tab.send({ type: 'leave' });
  await logs(gateway, 'left');
  assert.doesNotMatch(gateway.program.output + gateway.program.errors, /secreto/);
});
