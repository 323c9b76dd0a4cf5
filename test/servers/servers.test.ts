/**
 * The gateway in front of other servers than the tutorial's, as docs/servers.md describes.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { isOpen } from '../helpers/configured.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { type Gateway, openTab, startGateway, type Tab } from '../helpers/gateway.ts';
import { start, without } from '../helpers/process.ts';
import { sharedFixture } from '../helpers/shared-fixture.ts';
import { enter, freePort, type TcpClient } from '../helpers/tcp.ts';

const PLAIN = { ROOM_FORMAT: 'plain' };

async function serve(t: Cleanup, command: string, args: (port: string) => string[], env = PLAIN as object) {
  const port = await freePort();
  const server = await start(t, command, args(String(port)));
  await isOpen(port, () => server.errors);
  const gateway = await startGateway(t, port, env as Record<string, string>);
  return { port, gateway, server };
}

const broker = (port: string): string[] => ['-l', '127.0.0.1', port, '--broker', '-k'];
const chat = (port: string): string[] => [...broker(port), '--chat'];

/** Waits until the server repeats to the terminal: it accepts a connection later than `connect` returns. */
async function enterHeard(t: Cleanup, port: number, tab: Tab): Promise<TcpClient> {
  const terminal = await enter(t, port);
  terminal.send('yo\n');
  await eventually(
    () => tab.texts.some((text) => text.endsWith('yo')),
    () => `heard ${JSON.stringify(tab.texts)}`,
  );
  return terminal;
}

async function searched(gateway: Gateway, words: string): Promise<string[]> {
  const answer = await gateway.get(`/api/messages?q=${encodeURIComponent(words)}`);
  const { messages } = (await answer.json()) as { messages: { text: string }[] };
  return messages.map(({ text }) => text);
}

describe('ncat --broker', { skip: without('ncat') }, () => {
  const common = sharedFixture((t) => serve(t, 'ncat', broker, { ...PLAIN, HISTORY_ENTRIES: '0' }));

  test("pages and terminals receive each other's messages, and senders get receipts", async (t) => {
    const { port, gateway } = common;
    const [ana, luis] = [await openTab(t, gateway), await openTab(t, gateway)];
    const terminal = await enterHeard(t, port, ana);
    assert.equal((await ana.receives('yo')).from, '');
    await ana.receivesReceipt(ana.say('mañana, ¿quién viene?'), 'heard');
    await terminal.receives('mañana, ¿quién viene?\n');
    const heard = await luis.receives('mañana, ¿quién viene?');
    assert.deepEqual([heard.from, heard.said?.by], [ana.you, ana.welcome?.me]);
    assert.deepEqual(luis.notices, []);
  });

  test('browsers get history, resume and search', async (t) => {
    const { port, gateway } = await serve(t, 'ncat', broker);
    const tab = await openTab(t, gateway);
    const terminal = await enter(t, port);
    terminal.send('uno\ndos\n');
    await tab.receives('dos');
    tab.vanish();
    terminal.send('tres\n');
    const back = await openTab(t, gateway, tab.resumePoint);
    await back.receives('tres');
    assert.equal(back.welcome?.recovered, true);
    const newcomer = await openTab(t, gateway);
    await newcomer.receives('tres');
    assert.deepEqual(newcomer.texts, ['uno', 'dos', 'tres']);
    assert.deepEqual(await searched(gateway, 'dos'), ['dos']);
    assert.match(
      await (await gateway.get('/api/transcript?format=text')).text(),
      /^\S+Z uno\n\S+Z dos\n\S+Z tres\n$/,
    );
  });

  test('long message, and two equal ones, arrive with their receipts', async (t) => {
    const { gateway } = common;
    const [ana, luis] = [await openTab(t, gateway), await openTab(t, gateway)];
    const long = 'palabra '.repeat(500).trim();
    const ids = [ana.say(long), ana.say('sí')];
    const other = luis.say('sí');
    for (const id of ids) await ana.receivesReceipt(id, 'heard');
    await luis.receivesReceipt(other, 'heard');
    await luis.receives(long);
    await eventually(
      () => luis.texts.filter((text) => text === 'sí').length === 2,
      () => `the tab received ${JSON.stringify(luis.texts)}`,
    );
  });

  test('plain WebSocket gets the lines as a terminal does', async (t) => {
    const { port, gateway } = await serve(t, 'ncat', broker);
    const frames: string[] = [];
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`);
    t.after(() => socket.terminate());
    socket.on('message', (data) => frames.push(String(data)));
    await gateway.metricReaches('tertulia_voices', 1);
    (await enter(t, port)).send('hola\n');
    await eventually(
      () => frames.includes('hola'),
      () => `got ${JSON.stringify(frames)}`,
    );
  });
});

describe('ncat --broker --chat', { skip: without('ncat') }, () => {
  test("names of the server stand before terminals' text, and browsers' text is unchanged", async (t) => {
    const { port, gateway } = await serve(t, 'ncat', chat);
    const tab = await openTab(t, gateway);
    const terminal = await enterHeard(t, port, tab);
    await tab.receivesReceipt(tab.say('<Ana> mañana 🙂'), 'heard');
    assert.equal((await tab.receives('<Ana> mañana 🙂')).said?.by, tab.welcome?.me);
    await terminal.receives('> <Ana> ma\\303\\261ana \\360\\237\\231\\202\n');
    terminal.send('hola\n');
    const heard = await eventually(
      () => tab.messages.find(({ text }) => text.endsWith('> hola')),
      () => `heard ${tab.texts}`,
    );
    assert.match(heard.text, /^<user\d+> hola$/);
    assert.ok(tab.texts.some((text) => /^<announce> 127\.0\.0\.1 is connected as <user\d+>\.$/.test(text)));
  });
});

test('page shows each line once when the server also repeats it to its sender', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('data', (words) => {
      for (const other of sockets) other.write(words);
    });
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    t.after(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const gateway = await startGateway(t, (server.address() as AddressInfo).port, PLAIN);
  const [ana, luis] = [await openTab(t, gateway), await openTab(t, gateway)];
  await ana.receivesReceipt(ana.say('hola'), 'heard');
  await luis.receivesReceipt(luis.say('buenas'), 'heard');
  await ana.receives('buenas');
  assert.deepEqual([ana.texts, ana.notices], [['hola', 'buenas'], []]);
});

describe('echo server: socat', { skip: without('socat') }, () => {
  /** The server's answer may come after the receipt. */
  const answers = async (tab: Tab, text: string): Promise<boolean> =>
    await eventually(
      () => tab.notices.join('').trim() === text,
      () => `the server answered ${JSON.stringify(tab.notices)}`,
    );
  const echo = (port: string): string[] => [`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, 'EXEC:cat'];

  test('answers each browser alone, and its echo confirms the message', async (t) => {
    const { gateway } = await serve(t, 'socat', echo, {});
    const [ana, luis] = [await openTab(t, gateway), await openTab(t, gateway)];
    await ana.receivesReceipt(ana.say('¿hay eco?'), 'heard');
    await answers(ana, '¿hay eco?');
    await luis.receivesReceipt(luis.say('sí'), 'heard');
    await answers(luis, 'sí');
    assert.deepEqual([...ana.texts, ...luis.texts], []);
  });
});

describe('silent server: socat', { skip: without('socat') }, () => {
  test('leaves a message unconfirmed, and does not delay the next', async (t) => {
    const sink = (port: string): string[] => [
      '-u',
      `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`,
      'OPEN:/dev/null',
    ];
    const { gateway } = await serve(t, 'socat', sink, { RECEIPT_TIMEOUT_MS: '100' });
    const tab = await openTab(t, gateway);
    await tab.receivesReceipt(tab.say('¿hola?'), 'unconfirmed');
    await tab.receivesReceipt(tab.say('¿nadie?'), 'unconfirmed');
  });
});
