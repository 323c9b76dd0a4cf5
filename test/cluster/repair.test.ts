/**
 * Two gateways in front of one room. NATS gives one of them a record that the log does not have.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE } from '../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { without } from '../helpers/process.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';
import { openFalsifyingProxy } from './falsifying-proxy.ts';
import { startNats } from './nats-servers.ts';

/** Changes the text and the id of live records with messages such as `frase 1`, which then are those of no log. */
function falsify(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1');
  if (!text.includes('frase ')) return chunk;
  const falsified = text.replaceAll('frase ', 'falso ').replaceAll(/(Nats-Msg-Id: )\w{8}/g, '$1ffffffff');
  return Buffer.from(falsified, 'latin1');
}

/** A gateway that reaches NATS through a proxy, and a tab at it. */
async function openPlace(t: Cleanup, roomPort: number, natsPort: number) {
  const proxy = await openFalsifyingProxy(t, natsPort);
  const env = { CLUSTER: `nats://127.0.0.1:${proxy.port}`, CLUSTER_ALLOW_OLD: 'true' };
  const gateway = await startGateway(t, roomPort, env);
  await gateway.metricReaches('tertulia_cluster_aligned', 1);
  return { proxy, gateway, tab: await openTab(t, gateway) };
}

type Place = Awaited<ReturnType<typeof openPlace>>;

/** Returns the text that the tab has received of several. */
async function receivesEither(tab: Tab, texts: string[]): Promise<string> {
  return await eventually(
    () => texts.find((text) => tab.texts.includes(text)),
    () => `the tab received none of ${texts}, but ${tab.texts.slice(-5)}`,
  );
}

const skip = without('nats-server');

/** `next`: another message follows the wrong record, and shows that it was wrong. */
async function misleadOne(t: Cleanup, end: 'next' | 'silence') {
  const [nats] = await startNats(t, 1);
  assert.ok(nats);
  const room = await builtRoom(t);
  const places = [await openPlace(t, room.port, nats.port), await openPlace(t, room.port, nats.port)];
  const terminal = await enter(t, room.port);
  terminal.send('al principio\n');
  for (const { tab } of places) await tab.receives('al principio');
  for (let number = 1; ; number++) {
    const appends = await places[0]?.gateway.metric('tertulia_cluster_appends');
    const [misled, other] = (appends === 1 ? places.toReversed() : places) as [Place, Place];
    misled.proxy.falsify = falsify;
    terminal.send(`frase ${number}\n`);
    await other.tab.receives(`frase ${number}`);
    if (end === 'next') terminal.send(`después ${number}\n`);
    const received = await receivesEither(misled.tab, [`frase ${number}`, `falso ${number}`]);
    misled.proxy.falsify = undefined;
    // A gateway that took over knows its own record.
    if (received.startsWith('falso')) return { misled, other, terminal };
  }
}

async function endsWithTheLog(
  t: Cleanup,
  { misled, other, terminal }: Awaited<ReturnType<typeof misleadOne>>,
) {
  assert.equal((await misled.tab.isClosed()).code, CLOSE.corrected);
  const { program } = misled.gateway;
  await program.prints(/repaired the copy of the transcript: \d+ entries after \d+ were not in the log/);
  await misled.gateway.isReady();
  terminal.send('al final\n');
  await other.tab.receives('al final');
  const { session } = misled.tab.resumePoint;
  const again = await openTab(t, misled.gateway, { session });
  await again.receives('al final');
  assert.deepEqual(again.entries, other.tab.entries);
  assert.deepEqual([again.welcome?.epoch, again.welcome?.resumed], [other.tab.welcome?.epoch, true]);
  assert.equal(await misled.gateway.metric('tertulia_cluster_repairs_total'), 1);
  assert.equal(await other.gateway.metric('tertulia_cluster_repairs_total'), 0);
  assert.equal(other.tab.closed, undefined);
}

test('gateway that NATS gave a wrong record repairs its copy, and its tabs end with the log', {
  skip,
}, async (t) => {
  await endsWithTheLog(t, await misleadOne(t, 'next'));
});

test('gateway repairs its copy also when nobody speaks after a wrong record', { skip }, async (t) => {
  const places = await misleadOne(t, 'silence');
  const { epoch } = places.other.tab.welcome ?? {};
  await endsWithTheLog(t, places);
  assert.equal((await openTab(t, places.other.gateway)).welcome?.epoch, epoch);
});
