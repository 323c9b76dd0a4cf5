/**
 * The client for programs, in front of a Python room.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { type ConnectOptions, connect, type Message, type Room } from '../../connection/client.ts';
import { UnreadMessages } from '../../connection/unread-messages.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { type Cleanup, eventually } from '../helpers/eventually.ts';
import { startGateway } from '../helpers/gateway.ts';
import { start } from '../helpers/process.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { enter } from '../helpers/tcp.ts';

describe('client', { skip: withoutPython }, async () => {
  if (withoutPython) return;
  const { port } = await pythonRoom({ after });
  const gateway = await startGateway({ after }, port);
  const locked = await startGateway({ after }, port, { ACCESS_CODE: 'ábrete' });

  test('bot of the documents answers in a room with a passphrase, and leaves', async (t) => {
    const bot = await start(t, process.execPath, [inProject('docs/examples/bot.mjs'), locked.url, 'ábrete']);
    await bot.prints('joined as 127.0.0.1:');
    const terminal = await enter(t, port);
    terminal.send('<Ana> !time\n');
    await terminal.receives('dice: <bot> Ana, it is ');
    await bot.prints('answered Ana: heard');
    assert.equal((await bot.stop('SIGINT')).code, 0);
    assert.match(bot.output, /left\n$/);
  });

  test('client gets each message once when its connections are lost', async (t) => {
    const { room, read, sockets } = await join(t);
    const terminal = await enter(t, port);
    for (let number = 0; number < 2; number++) {
      terminal.send(`m${number}\n`);
      await read(`m${number}`);
      const socket = sockets.at(-1);
      const receipt = room.send(`e${number}`);
      socket?.terminate();
      terminal.send(`away${number}\n`);
      assert.equal((await receipt).state, 'heard');
      await read(`away${number}`);
    }
    const texts = (await read('away1')).map(({ text }) => text);
    for (let number = 0; number < 2; number++) {
      for (const text of [`m${number}`, `e${number}`, `away${number}`]) {
        assert.equal(texts.filter((other) => other === text).length, 1, text);
      }
    }
    assert.ok(sockets.length > 2);
  });

  test('client reports messages that can not be sent', async (t) => {
    const { room } = await join(t);
    assert.deepEqual(await room.send('x'.repeat(40_000)), { state: 'failed', reason: 'too-long' });
    assert.deepEqual(await room.send(''), { state: 'failed', reason: 'empty' });
    await room.leave();
    assert.deepEqual(await room.send('hola'), { state: 'failed', reason: 'left' });
  });

  test('client sends waiting messages before it leaves, and its loop ends', async (t) => {
    const terminal = await enter(t, port);
    const room = await connect(gateway.url, { WebSocket, nickname: 'bot' });
    const receipts = Array.from({ length: 50 }, (_, number) => room.send(`w${number}`));
    await room.leave();
    assert.deepEqual([...new Set((await Promise.all(receipts)).map(({ state }) => state))], ['heard']);
    await terminal.receives('dice: <bot> w49');
    let own = 0;
    for await (const { isOwn, nickname } of room) if (isOwn && nickname === 'bot') own++;
    assert.equal(own, 50);
  });

  test('restarted program continues after the last message that it had', async (t) => {
    const terminal = await enter(t, port);
    const first = await join(t);
    terminal.send('before\n');
    await first.read('before');
    const resume = first.room.resumePoint;
    await first.room.leave();
    terminal.send('between\n');
    const second = await join(t, { resume });
    const texts = (await second.read('between')).map(({ text }) => text);
    assert.deepEqual(texts, ['between']);
  });

  test('client begins with the history only when asked', async (t) => {
    const terminal = await enter(t, port);
    const first = await join(t);
    terminal.send('old news\n');
    await first.read('old news');
    await (await join(t, { history: true })).read('old news');
    const { read } = await join(t);
    terminal.send('new\n');
    assert.deepEqual(
      (await read('new')).map(({ text }) => text),
      ['new'],
    );
  });

  test('client rejects a passphrase that is missing or wrong', async () => {
    await assert.rejects(connect(locked.url, { WebSocket }), /needs a passphrase/);
    await assert.rejects(connect(locked.url, { WebSocket, passphrase: 'sésamo' }), /passphrase is wrong/);
  });

  test('client stops its attempts when the signal aborts', async () => {
    const signal = AbortSignal.timeout(50);
    await assert.rejects(connect('http://127.0.0.1:9', { WebSocket, signal }), { name: 'TimeoutError' });
  });

  /** Joins with sockets that the test can end, and collects the messages. */
  async function join(t: Cleanup, options: ConnectOptions = {}): Promise<Joined> {
    const sockets: WebSocket[] = [];
    class ObservedSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const room = await connect(gateway.url, { WebSocket: ObservedSocket, ...options });
    t.after(() => room.leave());
    const messages: Message[] = [];
    void collect(room, messages);
    const read = async (text: string): Promise<Message[]> => {
      const seen = () => messages.map((message) => message.text);
      await eventually(
        () => seen().includes(text),
        () => `no ${text} in ${seen().join(', ')}`,
      );
      return messages;
    };
    return { room, sockets, read };
  }
});

interface Joined {
  room: Room;
  sockets: WebSocket[];
  /** Waits for a message, and returns all. */
  read: (text: string) => Promise<Message[]>;
}

async function collect(room: Room, messages: Message[]): Promise<void> {
  for await (const message of room) messages.push(message);
}

test('client refuses a Node without WebSocket', async (t) => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  t.after(() => own && Object.defineProperty(globalThis, 'WebSocket', own));
  Reflect.deleteProperty(globalThis, 'WebSocket');
  await assert.rejects(connect('http://127.0.0.1:9'), /no WebSocket; pass the one of the package ws/);
});

test('unread messages are read in order, and the oldest is dropped when they are too many', async () => {
  const unread = new UnreadMessages<number>(2);
  for (const number of [1, 2, 3]) unread.add(number);
  unread.end();
  const read: number[] = [];
  for await (const number of unread.read()) read.push(number);
  assert.deepEqual(read, [2, 3]);
});

test('unread messages end with an error', async () => {
  const unread = new UnreadMessages<number>(2);
  const first = unread.read().next();
  unread.end(new Error('gone'));
  await assert.rejects(first, /gone/);
});
