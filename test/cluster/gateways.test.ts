/**
 * Built gateways in front of one room, with a NATS server between them.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter } from '../helpers/tcp.ts';
import { appenderOf, haveSame } from './agreement.ts';
import { type NatsServer, startNats } from './nats-servers.ts';

const skip = without('nats-server');

function clustered(nats: NatsServer[]): Record<string, string> {
  return { CLUSTER: nats.map(({ url }) => url).join(','), CLUSTER_ALLOW_OLD: 'true' };
}

/** Waits until the ears of these gateways know their place in the log. */
async function areAligned(gateways: Gateway[]): Promise<void> {
  for (const gateway of gateways) await gateway.metricReaches('tertulia_cluster_aligned', 1);
}

async function allReceive(tabs: Tab[], text: string): Promise<void> {
  for (const tab of tabs) await tab.receives(text);
}

const shared = sharedFixture(async (t) => {
  const nats = await startNats(t, 1);
  const room = await builtRoom(t);
  const gateways = await Promise.all([1, 2].map(() => startGateway(t, room.port, clustered(nats))));
  await areAligned(gateways);
  return { nats, room, gateways };
});

/** A tab at each gateway, and a terminal. */
async function openTabs(t: Cleanup) {
  const { nats, room, gateways } = await shared;
  const [ana, eva] = await Promise.all(gateways.map((gateway) => openTab(t, gateway)));
  assert.ok(ana && eva);
  return { nats, room, gateways, ana, eva, terminal: await enter(t, room.port) };
}

describe('gateways of a cluster', { skip }, () => {
  test('cluster shows all tabs the same entries, and says are heard at any gateway', async (t) => {
    const { ana, eva, terminal } = await openTabs(t);
    assert.equal(ana.welcome?.epoch, eva.welcome?.epoch);
    terminal.send('hola desde la terminal\n');
    await allReceive([ana, eva], 'hola desde la terminal');
    for (const [index, tab] of [ana, eva, ana, eva, eva, ana].entries()) {
      const id = tab.say(`mensaje ${index} ñandú`);
      await tab.receivesReceipt(id, 'heard');
    }
    const long = 'largo '.repeat(1_000).trim();
    await eva.receivesReceipt(eva.say(long), 'heard');
    await allReceive([ana, eva], long);
    await haveSame(ana, eva);
    for (const tab of [ana, eva])
      assert.ok(ana.messages.filter(({ said }) => said?.by === tab.welcome?.me).length >= 3);
    assert.ok(ana.entries.every(({ forged }) => !forged));
  });

  test('cluster shows the bytes of each message to watchers at any gateway', async (t) => {
    const { ana, eva, terminal } = await openTabs(t);
    for (const tab of [ana, eva]) {
      tab.send({ type: 'watch', watching: true });
      await eventually(
        () => tab.seen.length > 0,
        () => 'the gateway does not answer the watcher',
      );
    }
    terminal.send('bytes de la terminal\n');
    const id = ana.say('bytes de Ana');
    await ana.receivesReceipt(id, 'heard');
    for (const tab of [ana, eva]) {
      for (const text of ['bytes de la terminal', 'bytes de Ana']) {
        const { seq, from } = await tab.receives(text);
        const part = await eventually(
          () => tab.seen.flatMap(({ parts }) => parts).findLast((seen) => seen.seq === seq),
          () => `no bytes of ${text} in ${JSON.stringify(tab.seen)}`,
        );
        assert.equal(Buffer.from(part.data, 'base64').toString().trimEnd(), `${from} dice: ${text}`);
        if (tab === ana && text === 'bytes de Ana') assert.equal(part.written?.bytes, text.length + 1);
      }
      tab.send({ type: 'watch', watching: false });
    }
  });

  test('cluster marks text under the address of a voice of another gateway as forged', async (t) => {
    const { ana, eva, terminal } = await openTabs(t);
    // The other gateways know the address of a voice within a second or two.
    await ana.receivesReceipt(ana.say('palabras de Ana'), 'heard');
    await eventually(
      async () => {
        terminal.send(`x\n${ana.you} dice: falso\n`);
        const forged = await eva.receives('falso');
        return eva.entries.some((entry) => entry.from === forged.from && entry.forged);
      },
      () => `no entry is forged: ${JSON.stringify(eva.entries.slice(-3))}`,
    );
    await haveSame(ana, eva);
  });

  test('cluster tells pages while its NATS server is stopped, and loses nothing', async (t) => {
    const { nats, ana, eva, terminal } = await openTabs(t);
    terminal.send('antes de la parada\n');
    await allReceive([ana, eva], 'antes de la parada');
    await nats[0]?.program.freeze();
    terminal.send('durante la parada\n');
    const id = ana.say('dicho durante la parada');
    for (const tab of [ana, eva]) {
      await eventually(
        () => tab.roomState === 'connecting',
        () => 'the tab was not told',
      );
    }
    nats[0]?.program.wake();
    await allReceive([ana, eva], 'durante la parada');
    await ana.receivesReceipt(id, 'heard');
    await allReceive([ana, eva], 'dicho durante la parada');
    await haveSame(ana, eva);
    assert.ok(ana.entries.every(({ gap }) => !gap));
  });

  test('cluster goes on when the appending gateway is killed, and a new one catches up', async (t) => {
    const { nats, room, gateways, ana, eva, terminal } = await openTabs(t);
    terminal.send('antes de la caída\n');
    await allReceive([ana, eva], 'antes de la caída');
    // Before its ear is aligned, a gateway that takes over can't know that nothing is missing.
    await areAligned(gateways);
    const first = await appenderOf(gateways);
    const alive = gateways[1 - first];
    const [lost, tab] = first === 0 ? [ana, eva] : [eva, ana];
    assert.ok(alive);
    const repeated = lost.say('una vez');
    await lost.receives('una vez');
    await gateways[first]?.program.stop('SIGKILL');
    terminal.send('durante la caída\n');
    await tab.receives('durante la caída');
    await tab.receivesReceipt(tab.say('de otra pasarela'), 'heard');
    const back = await openTab(t, alive, lost.resumePoint);
    assert.equal(back.welcome?.recovered, true);
    assert.equal(back.welcome?.resumed, true);
    assert.equal(back.welcome?.me, lost.welcome?.me);
    back.say('una vez', repeated);
    await back.receivesReceipt(repeated, 'heard');
    assert.equal(back.welcome?.epoch, lost.welcome?.epoch);
    await back.receives('de otra pasarela');
    assert.deepEqual(
      back.entries.map(({ text }) => text).filter((text) => text !== 'una vez'),
      ['durante la caída', 'de otra pasarela'],
    );
    assert.equal(tab.texts.filter((text) => text === 'una vez').length, 1);
    const fresh = await startGateway(t, room.port, clustered(nats));
    const reader = await openTab(t, fresh);
    await reader.receives('de otra pasarela');
    await haveSame(reader, tab);
    assert.ok(reader.entries.every(({ gap }) => !gap));
  });
});
