/**
 * People and sessions of built gateways that share a transcript.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entry, PeopleHere } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter } from '../helpers/tcp.ts';
import { startNats } from './nats-servers.ts';

async function openCluster(t: Cleanup) {
  const room = await builtRoom(t);
  const nats = await startNats(t, 1);
  const env = {
    CLUSTER: nats.map(({ url }) => url).join(','),
    CLUSTER_ALLOW_OLD: 'true',
  };
  const gateways = await Promise.all([1, 2].map(() => startGateway(t, room.port, env)));
  return { room, nats, env, gateways };
}

describe('sessions of a cluster', { skip: without('nats-server') }, () => {
  const cluster = sharedFixture(openCluster);
  const pair = () => cluster.gateways as [Gateway, Gateway];

  test('people of all gateways are in the list of each', async (t) => {
    const tabs = await Promise.all(pair().map((gateway) => openTab(t, gateway)));
    const ids = tabs.map(({ welcome }) => welcome?.me);
    for (const gateway of pair()) {
      await eventually(
        async () => {
          const { browsers } = (await (await gateway.get('/api/people')).json()) as PeopleHere;
          return ids.every((id) => browsers.some((browser) => browser.id === id));
        },
        () => 'the list lacks people of another gateway',
      );
    }
  });

  test('tab whose gateway is killed resumes at another one, misses nothing and repeats nothing', async (t) => {
    const [one] = pair();
    const dying = await startGateway(t, cluster.room.port, cluster.env);
    const ana = await openTab(t, dying);
    const watching = await openTab(t, one);
    const id = ana.say('antes');
    await ana.receivesReceipt(id, 'heard');
    const seen = await watching.receives('antes');
    // The other gateways learn of a session by the list that its gateway sends.
    await eventually(
      async () => {
        const { browsers } = (await (await one.get('/api/people')).json()) as PeopleHere;
        return browsers.some(({ id }) => id === ana.welcome?.me);
      },
      () => 'the other gateway does not know the session',
    );
    const { resumePoint } = ana;
    await dying.program.stop('SIGKILL');
    const terminal = await enter(t, cluster.room.port);
    terminal.send('mientras tanto\n');
    const back = await openTab(t, one, resumePoint);
    const { welcome } = back;
    assert.deepEqual(
      [welcome?.epoch, welcome?.recovered, welcome?.resumed, welcome?.me],
      [resumePoint.epoch, true, true, ana.welcome?.me],
    );
    await back.receives('mientras tanto');
    assert.ok(back.entries.every(({ seq }) => seq > seen.seq));
    // A page that has lost a receipt sends the message again.
    back.say('antes', id);
    await back.receivesReceipt(id, 'heard');
    await back.receivesReceipt(back.say('después'), 'heard');
    const { messages } = (await (await one.get('/api/messages?limit=500')).json()) as { messages: Entry[] };
    assert.equal(messages.filter(({ text }) => text === 'antes').length, 1);
  });
});
