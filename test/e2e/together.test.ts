/**
 * All kinds of clients in one room: two pages, nc, telnet, a tutorial's client, our terminal client, a plain
 * WebSocket.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { openBrowser, openPage } from '../helpers/page/browser.ts';
import { type Program, start, without } from '../helpers/process.ts';
import { pythonClient, pythonRoom } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const browser = await openBrowser({ after });

const ROUNDS = 5;
/** A window in which all messages of the test are drawn. */
const TALL = { width: 1280, height: 4_000 };

interface Said {
  address: string;
  words: string;
}

interface Participant {
  name: string;
  say(words: string): Promise<void> | void;
  /** The messages it has received from others, in order. */
  seen(): Promise<Said[]> | Said[];
}

/** Parses what a terminal shows. Headers are anywhere, because messages without a newline are joined. */
function inTerminal(text: string): Said[] {
  return [...text.matchAll(/(\d+\.\d+\.\d+\.\d+:\d+) dice: (\w+-\d+;)/g)].map(
    ([, address = '', words = '']) => ({
      address,
      words,
    }),
  );
}

function terminal(name: string, program: Program): Participant {
  return { name, say: (words) => program.type(`${words}\n`), seen: () => inTerminal(program.output) };
}

async function plainSocket(t: TestContext, port: number): Promise<Participant> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  t.after(() => socket.terminate());
  let text = '';
  socket.on('message', (data) => {
    text += `${data}\n`;
  });
  await once(socket, 'open');
  return { name: 'websocket', say: (words) => socket.send(words), seen: () => inTerminal(text) };
}

async function everybody(t: TestContext, roomPort: number): Promise<Participant[]> {
  const gateway = await startGateway(t, roomPort);
  const host = ['127.0.0.1', `${roomPort}`];
  const client = await start(t, 'npm', ['run', '-s', 'client', `127.0.0.1:${roomPort}`]);
  const participants = [
    terminal('nc', await start(t, 'nc', host)),
    terminal('telnet', await start(t, 'telnet', host)),
    terminal('python', await pythonClient(t, roomPort)),
    terminal('client', client),
    await plainSocket(t, gateway.port),
  ];
  for (const name of ['pageA', 'pageB']) {
    const page = await openPage(browser, gateway.url, { viewport: TALL });
    t.after(() => page.page.context().close());
    participants.push({
      name,
      say: (words) => page.send(words),
      seen: async () =>
        (await page.messages()).map(({ who, words }) => ({ address: who.split(',')[0] ?? '', words })),
    });
  }
  return participants;
}

/** Every participant sends until all others have received it. Then all have joined, and their addresses are known. */
async function addressesOf(
  participants: Participant[],
  listener: { received: string },
): Promise<Map<string, string>> {
  const addresses = new Map<string, string>();
  for (const { name, say } of participants) {
    await say(`${name}-0;`);
    const said = await eventually(
      () => inTerminal(listener.received).find(({ words }) => words === `${name}-0;`),
      () => `${name} was not heard`,
    );
    addresses.set(name, said.address);
  }
  return addresses;
}

async function hearEachOther(t: TestContext, roomPort: number): Promise<void> {
  const listener = await enter(t, roomPort);
  const participants = await everybody(t, roomPort);
  const addresses = await addressesOf(participants, listener);
  const total = participants.length * (ROUNDS + 1);

  for (let round = 1; round <= ROUNDS; round++) {
    await Promise.all(participants.map(({ name, say }) => say(`${name}-${round};`)));
    // The tutorial's server joins two messages of one client that it reads together.
    const total = participants.length * (round + 1);
    await eventually(
      () => inTerminal(listener.received).length >= total,
      () => `heard ${inTerminal(listener.received).length} of ${total}`,
    );
  }
  const order = inTerminal(listener.received);
  assert.equal(order.length, total);
  assert.equal(new Set(order.map(({ words }) => words)).size, total);

  for (const { name, seen } of participants) {
    const ofOthers = ({ words }: Said): boolean => !words.startsWith(`${name}-`) && !words.endsWith('-0;');
    const expected = order.filter(ofOthers);
    await eventually(
      async () => (await seen()).filter(ofOthers).length >= expected.length,
      () => `${name} did not see all`,
    );
    assert.deepEqual(
      (await seen()).filter(ofOthers),
      expected,
      `${name} sees the same, once, in the same order`,
    );
  }
  for (const { address, words } of order) assert.equal(address, addresses.get(words.split('-')[0] ?? ''));
}

const skip = without('python3', 'nc', 'telnet');

test('all kinds of clients receive each message once, in one order: our room server', { skip }, async (t) => {
  await hearEachOther(t, (await builtRoom(t)).port);
});

test("all kinds of clients receive each message once, in one order: tutorial's server", {
  skip,
}, async (t) => {
  await hearEachOther(t, (await pythonRoom(t)).port);
});
