/**
 * Messages of browsers in front of servers that cut, join, and answer only the sender.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { openTab, startGateway } from '../helpers/gateway.ts';
import { pythonRoom, withoutPython } from '../helpers/python.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter } from '../helpers/tcp.ts';

const SCRIPTS = ['hola ', 'ñandú ', 'Ωμέγα ', '日本語', 'עברית ', 'العربية ', '🙂', '👩‍👩‍👧‍👦', 'é', '🇪🇸'];

/** A text of at most about `bytes` bytes in mixed scripts, identified by its number. */
function mixedText(number: number, bytes: number): string {
  let text = `${number}:`;
  for (let i = number; ; i++) {
    const next = text + SCRIPTS[i % SCRIPTS.length];
    if (Buffer.byteLength(next) > bytes) return text.trimEnd();
    text = next;
  }
}

/** Rate limits are off, because this test checks the text and not the speed. */
const UNPACED = { MESSAGE_RATE: '100000', MESSAGE_BURST: '100000' };

test('messages of 1 to 8,000 bytes arrive whole and in order', { skip: withoutPython }, async (t) => {
  const { port } = await pythonRoom(t);
  const gateway = await startGateway(t, port, UNPACED);
  const [speaker, hearer] = [await openTab(t, gateway), await openTab(t, gateway)];
  const terminal = await enter(t, port);

  const texts = ['a', 'ñ', '🙂'];
  for (let i = 0; i < 120; i++) texts.push(mixedText(i, Math.round(10 + (i / 119) * 7990)));
  const ids = texts.map((text) => speaker.say(text));

  for (const id of ids) await speaker.receivesReceipt(id, 'heard');
  for (const tab of [speaker, hearer]) {
    await tab.receives(texts.at(-1) ?? '');
    assert.deepEqual(tab.texts, texts);
    assert.ok(tab.messages.every(({ from }) => from === speaker.you));
  }
  await terminal.receives(texts.at(-1)?.slice(-20) ?? '');
  assert.ok(!terminal.received.includes('\ufffd'));
});

test('chunks of a long message keep their place while others talk', {
  skip: withoutPython,
}, async (t) => {
  const { port } = await pythonRoom(t);
  const gateway = await startGateway(t, port, UNPACED);
  const [one, two] = [await openTab(t, gateway), await openTab(t, gateway)];
  const texts = Array.from({ length: 20 }, (_, i) => mixedText(i, 5000));
  for (const text of texts) {
    one.say(`uno ${text}`);
    two.say(`dos ${text}`);
  }
  for (const text of texts) {
    assert.equal((await one.receives(`uno ${text}`)).from, one.you);
    assert.equal((await one.receives(`dos ${text}`)).from, two.you);
  }
  assert.equal(one.messages.length, 2 * texts.length);
});

for (const [mode, prefix] of [
  ['echo', 'Eco del servidor: '],
  ['ack', 'Mensaje recibido por el servidor (hilo): '],
] as const) {
  const answers = async (t: Parameters<typeof startGateway>[0], port: number): Promise<void> => {
    const gateway = await startGateway(t, port, UNPACED);
    const [speaker, other] = [await openTab(t, gateway), await openTab(t, gateway)];
    for (const words of ['hola', '¿qué tal? 🙂', 'son las 10']) {
      await speaker.receivesReceipt(speaker.say(words), 'heard');
      // The receipt may come before the answer.
      await eventually(
        () => speaker.notices.at(-1) === prefix + words,
        () => `the server answered ${JSON.stringify(speaker.notices)}`,
      );
    }
    const quick = ['uno', 'dos', 'tres'].map((text) => ({ text: prefix + text, answers: speaker.say(text) }));
    for (const { answers } of quick) await speaker.receivesReceipt(answers, 'heard');
    await eventually(
      () => speaker.notices.at(-1) === quick.at(-1)?.text,
      () => `the server answered ${JSON.stringify(speaker.notices)}`,
    );
    assert.deepEqual(speaker.noticeMessages.slice(-3), quick);
    assert.deepEqual(other.notices, []);
    assert.deepEqual(speaker.entries, []);
  };

  test(`page sees the answers of a server in mode ${mode}: tutorial's`, {
    skip: withoutPython,
  }, async (t) => {
    await answers(t, (await pythonRoom(t, mode)).port);
  });

  test(`page sees the answers of a server in mode ${mode}: ours`, async (t) => {
    await answers(t, (await builtRoom(t, mode)).port);
  });
}

test('each line of an acknowledging server is a notice with the message it answers', async (t) => {
  const server = createServer((client) => {
    client.on('error', () => {}).on('end', () => client.end());
    client.write('Wel');
    client.on('data', (bytes) => client.write(String(bytes) === 'fin\n' ? 'come\n' : 'OK\n'));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const gateway = await startGateway(t, port, { RECEIPT_TIMEOUT_MS: '20' });
  const tab = await openTab(t, gateway);
  const expected: unknown[] = [{ text: 'Wel' }];
  const has = async (...more: unknown[]): Promise<void> => {
    expected.push(...more);
    await eventually(
      () => tab.noticeMessages.length >= expected.length,
      () => JSON.stringify(tab.noticeMessages),
    );
    assert.deepEqual(tab.noticeMessages, expected);
  };
  await has();
  const answers = tab.say('fin');
  await has({ text: 'come', answers, continues: true });
  for (const text of ['uno', 'dos', 'tres']) await has({ text: 'OK', answers: tab.say(text) });
});
