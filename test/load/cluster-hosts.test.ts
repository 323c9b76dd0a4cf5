/**
 * Acts of hosts while two of three NATS servers are away.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SUBPROTOCOL, TOKEN_PROTOCOL } from '../../gateway/protocol.ts';
import { AccessCode } from '../../gateway/server/access-code.ts';
import { CLUSTER, findLeader, startNats } from '../cluster/nats-servers.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { comeIn } from '../security/connect.ts';

const CODE = 'cátedra';
const TOKEN = new AccessCode('', CODE).tokenOf('host');

test('cluster keeps acts of hosts while NATS is away, and does each once', {
  skip: without('nats-server'),
}, async (t) => {
  const nats = await startNats(t, 3);
  const room = await builtRoom(t);
  const env = {
    CLUSTER: nats.map(({ url }) => url).join(','),
    CLUSTER_NAME: CLUSTER,
    CLUSTER_ALLOW_OLD: 'true',
    HOST_CODE: CODE,
    ROOM_TITLE: 'Redes I',
  };
  const [first, second] = [await startGateway(t, room.port, env), await startGateway(t, room.port, env)];
  const hostAt = (gateway: Gateway) =>
    comeIn(t, gateway, { protocols: [SUBPROTOCOL, `${TOKEN_PROTOCOL}${TOKEN}`] });
  const [ana, eva, guest] = [await hostAt(first), await hostAt(second), await openTab(t, second)];
  const texts = ['uno', 'dos', 'tres'];
  for (const text of texts) guest.say(text);
  const seqs = await Promise.all(texts.map(async (text) => (await ana.receives(text)).seq));
  for (const text of texts) await eva.receives(text);
  const revision = ana.moderation?.revision ?? 0;
  const shows = async (tabs: Tab[], state: Tab['roomState']): Promise<void> => {
    await eventually(
      () => tabs.every(({ roomState }) => roomState === state),
      () => `the room is ${tabs.map(({ roomState }) => roomState)}, not ${state}`,
    );
  };

  const { leader, others } = await findLeader(nats);
  const lost = [leader, others[0] as typeof leader];
  await Promise.all(lost.map((server) => server.kill()));
  await shows([ana, eva, guest], 'connecting');
  ana.send({ type: 'hide', seq: seqs[0], hidden: true });
  // Nothing has happened, so the host tries again.
  ana.send({ type: 'hide', seq: seqs[0], hidden: true });
  ana.send({ type: 'pause', paused: true });
  eva.send({ type: 'hide', seq: seqs[1], hidden: true });
  eva.send({ type: 'pin', text: 'https://example.org' });
  for (const tab of [ana, eva]) {
    const pongs = tab.pongs;
    tab.send({ type: 'ping' });
    await eventually(
      () => tab.pongs > pongs,
      () => 'the gateway has not read the acts',
    );
  }
  for (const tab of [ana, eva, guest])
    assert.deepEqual([tab.moderation?.revision, tab.hidden, tab.errors], [revision, [], []]);

  await Promise.all(lost.map((server) => server.start()));
  for (const tab of [ana, eva, guest]) {
    await eventually(
      () => tab.moderation?.revision === revision + 4,
      () => `the state is ${JSON.stringify(tab.moderation)}`,
    );
    const { paused, pinned } = tab.moderation ?? {};
    assert.deepEqual([paused, pinned], [true, 'https://example.org']);
    assert.deepEqual(tab.hidden.toSorted(), [seqs[0], seqs[1]].toSorted());
    assert.deepEqual(tab.errors, []);
  }
  await shows([ana, eva, guest], 'open');
  assert.equal((await guest.receivesReceipt(guest.say('¿se puede?'), 'failed')).reason, 'paused');
  ana.send({ type: 'pause', paused: false });
  await eventually(
    () => guest.moderation?.paused === false,
    () => 'the room is still paused',
  );
  await guest.receivesReceipt(guest.say('cuatro'), 'heard');
});
