/**
 * Gateways of a cluster in front of servers of other kinds.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { dataDir, type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { start, without } from '../helpers/process.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { standIn, withoutStandIn } from '../servers/stand-in.ts';
import { appenderOf, haveSame } from './agreement.ts';
import { startNats } from './nats-servers.ts';

/** Presets, and how the line of a terminal appears. Each finds the sender of a line in another way. */
const ROOMS = {
  'node-gist': { shown: '', login: '' },
  tokio: { shown: '<Paco> ', login: 'Paco\n' },
  geeksforgeeks: { shown: '<127.0.0.1> ', login: '' },
};

const fixture = sharedFixture(async (t) => ({ servers: await startNats(t, 1) }));

async function isIn(tab: Tab, name: string): Promise<void> {
  tab.send({ type: 'name', name });
  await eventually(
    () => tab.roomState === 'open' && tab.you,
    () => `${name} is not in the room: ${tab.roomState} ${tab.trouble}`,
  );
}

/** Talks until the ears of the gateways know their place in the log. */
async function areAligned(gateways: Gateway[], terminal: TcpClient): Promise<void> {
  for (const gateway of gateways) {
    await eventually(
      async () => {
        terminal.send(`un texto que sitúa a cada oído ${Math.random()}\n`);
        return (await gateway.metric('tertulia_cluster_aligned')) === 1;
      },
      () => 'a gateway is not aligned',
    );
  }
}

describe('cluster in front of', { skip: without('nats-server'), concurrency: 3 }, () => {
  for (const [preset, { shown, login }] of Object.entries(ROOMS)) {
    test(`${preset} has one log with the senders of its lines, and survives a kill`, {
      skip: withoutStandIn(preset),
    }, async (t) => {
      const room = await standIn(t, preset);
      const settings = {
        ROOM_FORMAT: preset,
        CLUSTER: fixture.servers.map(({ url }) => url).join(','),
        CLUSTER_NAME: preset,
        CLUSTER_ALLOW_OLD: 'true',
      };
      const gateways = [
        await startGateway(t, room.port, settings),
        await startGateway(t, room.port, settings),
      ] as [Gateway, Gateway];
      const tabs = (await Promise.all(gateways.map((gateway) => openTab(t, gateway)))) as [Tab, Tab];
      for (const [index, name] of ['Ana', 'Eva'].entries()) await isIn(tabs[index] as Tab, name);
      const terminal = await enter(t, room.port);
      if (login !== '') {
        terminal.send(login);
        for (const tab of tabs) await tab.receives('Paco has joined the chat');
      }
      await areAligned(gateways, terminal);
      // Before its ear is aligned, a gateway that takes over can't know that nothing is missing.
      const aligned = tabs[0].entries.at(-1)?.seq ?? 0;
      for (const [index, tab] of [...tabs, ...tabs].entries()) {
        const text = `<${tab === tabs[0] ? 'Ana' : 'Eva'}> mensaje ${index}`;
        await tab.receivesReceipt(tab.say(text), 'heard');
        for (const other of tabs) {
          const { said, forged } = await other.receives(text);
          assert.deepEqual([said?.by, forged], [tab.welcome?.me, undefined]);
        }
        terminal.send(`del terminal ${index}\n`);
        for (const other of tabs)
          assert.equal((await other.receives(`${shown}del terminal ${index}`)).said, undefined);
      }
      await haveSame(...tabs);
      await areAligned(gateways, terminal);
      const first = await appenderOf(gateways);
      await gateways[first]?.program.stop('SIGKILL');
      terminal.send('después de la caída\n');
      const tab = tabs[1 - first] as Tab;
      await tab.receives(`${shown}después de la caída`);
      await tab.receivesReceipt(tab.say(`<${first === 1 ? 'Ana' : 'Eva'}> sigo`), 'heard');
      assert.deepEqual(
        tab.entries.filter(({ gap, seq }) => gap && seq > aligned),
        [],
      );
    });
  }
});

test('cluster in front of a room whose messages end by a pause is refused in one line', async (t) => {
  const program = await start(t, process.execPath, ['dist/gateway/main.js'], {
    ROOM_FORMAT: '{name}: {text}{pause}',
    CLUSTER: 'nats://127.0.0.1:1',
    DATA_DIR: dataDir(t),
    HTTP_PORT: '0',
  });
  assert.equal((await program.exits()).code, 2);
  assert.equal(
    program.errors,
    "Bad configuration: CLUSTER can't compare what gateways hear if a pause ends messages: ROOM_FORMAT={name}: {text}{pause}\n",
  );
});
