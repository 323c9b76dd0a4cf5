/**
 * Coming back: the same member, from the same place in the log, across lost connections and restarts.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Entry } from '../../../gateway/protocol.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { dataDir, type Gateway, launchGateway, openTab, startGateway } from '../../helpers/gateway.ts';
import { builtRoom } from '../../helpers/room.ts';
import { enter, type TcpClient } from '../../helpers/tcp.ts';

const withoutFreezing = process.platform === 'win32' && 'a process can not be stopped here';

/** One for all that restart nothing and count nothing from the first: each comes in with tabs and a terminal of its own. */
const shared = await roomAndGateway({ after }, { HISTORY_ENTRIES: '0' });

async function sharedRoom(t: TestContext) {
  return { ...shared, terminal: await enter(t, shared.room.port) };
}

async function roomAndGateway(t: Cleanup, env: Record<string, string>) {
  const room = await builtRoom(t);
  return { room, gateway: await startGateway(t, room.port, env) };
}

async function busyRoom(t: TestContext, env: Record<string, string> = {}) {
  const own = await roomAndGateway(t, env);
  return { ...own, terminal: await enter(t, own.room.port) };
}

/** `count` messages, and all of them in the log. */
async function talk(
  gateway: Gateway,
  terminal: TcpClient,
  count: number,
  name = 'mensaje',
): Promise<string[]> {
  const head = await gateway.metric('tertulia_transcript_head');
  const texts = Array.from({ length: count }, (_, i) => `${name} ${i}.`);
  for (const text of texts) terminal.send(`${text}\n`);
  await gateway.metricReaches('tertulia_transcript_head', head + count);
  return texts;
}

async function page(
  gateway: Gateway,
  query: string,
): Promise<{ messages: Entry[]; more: boolean; head: number }> {
  const answer = await gateway.get(`/api/messages?${query}`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as { messages: Entry[]; more: boolean; head: number };
}

test('session resumes with the same address and no missing message', async (t) => {
  const { gateway, terminal } = await sharedRoom(t);
  const tab = await openTab(t, gateway);
  const before = await talk(gateway, terminal, 3, 'antes');
  await tab.receives('antes 2.');
  tab.vanish();
  const meanwhile = await talk(gateway, terminal, 50, 'mientras');
  const back = await openTab(t, gateway, tab.resumePoint);
  await back.receives('mientras 49.');
  assert.deepEqual([back.welcome?.resumed, back.welcome?.recovered, back.you], [true, true, tab.you]);
  assert.deepEqual([...tab.texts, ...back.texts], [...before, ...meanwhile]);
});

test('session that returns too late is a new one, and still misses no message', async (t) => {
  const { gateway, terminal } = await busyRoom(t, { SESSION_RESUME_MS: '0' });
  const tab = await openTab(t, gateway);
  tab.vanish();
  await gateway.metricReaches('tertulia_sessions', 0);
  await talk(gateway, terminal, 150);
  const back = await openTab(t, gateway, tab.resumePoint);
  await back.receives('mensaje 149.');
  assert.deepEqual([back.welcome?.resumed, back.welcome?.recovered], [false, true]);
  assert.equal(back.texts.length, 150);
  assert.notEqual(back.you, tab.you);
});

test('session sends a repeated message once after a lost connection, and repeats its receipt', async (t) => {
  const { gateway, terminal } = await sharedRoom(t);
  const tab = await openTab(t, gateway);
  const id = tab.say('una sola vez.');
  await tab.receivesReceipt(id, 'heard');
  tab.vanish();
  const back = await openTab(t, gateway, tab.resumePoint);
  back.say('una sola vez.', id);
  assert.equal((await back.receivesReceipt(id, 'heard')).seq, tab.receipts.get(id)?.seq);
  await back.receivesReceipt(back.say('fin.'), 'heard');
  await terminal.receives('fin.');
  assert.equal(terminal.received.match(/una sola vez/g)?.length, 1);
});

test('entries name their session, their message and the number of chunks to come', async (t) => {
  const { gateway, terminal } = await sharedRoom(t);
  const [tab, other] = [await openTab(t, gateway), await openTab(t, gateway)];
  const id = tab.say('largo '.repeat(400));
  await tab.receivesReceipt(id, 'heard');
  await other.receivesReceipt(other.say('corto'), 'heard');
  terminal.send('de fuera\n');
  await tab.receives('de fuera');
  assert.notEqual(tab.welcome?.me, other.welcome?.me);
  const by = tab.welcome?.me;
  assert.deepEqual(
    tab.entries.slice(0, 3).map(({ said }) => said),
    [2, 1, 0].map((left) => ({ by, id, left })),
  );
  assert.equal(tab.entries[3]?.said?.by, other.welcome?.me);
  assert.equal(tab.entries[4]?.said, undefined);
});

test('session that leaves is out of the room at once, and cannot be resumed', async (t) => {
  const { gateway, room } = await sharedRoom(t);
  const tab = await openTab(t, gateway);
  const port = tab.you?.split(':')[1];
  tab.send({ type: 'leave' });
  assert.equal((await tab.isClosed()).code, 1000);
  await room.program.prints(`Conexión cerrada por ('127.0.0.1', ${port})`);
  assert.equal((await openTab(t, gateway, tab.resumePoint)).welcome?.resumed, false);
});

test('session closes the old WebSocket with its own code when another tab resumes it', async (t) => {
  const { gateway } = await sharedRoom(t);
  const tab = await openTab(t, gateway);
  const copy = await openTab(t, gateway, tab.resumePoint);
  assert.equal((await tab.isClosed()).code, 4001);
  assert.equal(copy.you, tab.you);
  await copy.receivesReceipt(copy.say('soy yo'), 'heard');
});

test('new session reads HISTORY_ENTRIES messages, and pages back to the first', async (t) => {
  const { gateway, terminal } = await busyRoom(t, { HISTORY_ENTRIES: '10' });
  await talk(gateway, terminal, 250);
  const tab = await openTab(t, gateway);
  await tab.receives('mensaje 249.');
  assert.deepEqual(
    [tab.entries.length, tab.entries[0]?.text, tab.welcome?.after, tab.welcome?.recovered],
    [10, 'mensaje 240.', 240, false],
  );
  const older = await page(gateway, `before=${tab.entries[0]?.seq}`);
  assert.deepEqual(
    [older.messages.length, older.messages.at(-1)?.text, older.more],
    [100, 'mensaje 239.', true],
  );
  const first = await page(gateway, `before=141&limit=140`);
  assert.deepEqual([first.messages.length, first.messages[0]?.seq, first.more], [140, 1, false]);
  const next = await page(gateway, 'after=100&limit=3');
  assert.deepEqual([next.messages.map(({ seq }) => seq), next.more], [[101, 102, 103], true]);
  const between = await page(gateway, 'after=100&before=103');
  assert.deepEqual([between.messages.map(({ seq }) => seq), between.more], [[101, 102], false]);
});

test('search finds words without their accents, and prefixes of the last word', async (t) => {
  const { gateway, terminal } = await sharedRoom(t);
  const head = await gateway.metric('tertulia_transcript_head');
  terminal.send('Canción de otoño\nuna cancioncilla\nnada\n');
  await gateway.metricReaches('tertulia_transcript_head', head + 3);
  const found = async (words: string): Promise<string[]> =>
    (await page(gateway, `q=${encodeURIComponent(words)}`)).messages.map(({ text }) => text);
  assert.deepEqual(await found('cancion'), ['Canción de otoño', 'una cancioncilla']);
  assert.deepEqual(await found('OTONO cancion'), ['Canción de otoño']);
  assert.deepEqual(await found('"\'*) OR'), []);
  assert.deepEqual(await found('***'), []);
  assert.deepEqual(await found('otono\0cancion\0'), ['Canción de otoño']);
});

for (const query of ['limit=0', 'limit=501', 'before=-1', 'after=x', `q=${'x'.repeat(201)}`, 'q=']) {
  test(`history request with ${query.slice(0, 12)} is refused`, async () => {
    assert.equal((await shared.gateway.get(`/api/messages?${query}`)).status, 400);
  });
}

test('transcript is downloaded as text and as JSON lines', async (t) => {
  const { gateway, terminal } = await busyRoom(t);
  await talk(gateway, terminal, 1200);
  const text = await (await gateway.get('/api/transcript')).text();
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, 1200);
  assert.match(
    lines[7] ?? '',
    new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${terminal.address} dice: mensaje 7\\.$`),
  );
  const jsonl = await gateway.get('/api/transcript?format=jsonl');
  assert.match(jsonl.headers.get('content-disposition') ?? '', /tertulia\.jsonl/);
  const entries = (await jsonl.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    Array.from({ length: 1200 }, (_, i) => i + 1),
  );
});

test('log marks a gap while the ear is away, and no session counts as recovered', async (t) => {
  const { gateway, room, terminal } = await busyRoom(t);
  const tab = await openTab(t, gateway);
  await talk(gateway, terminal, 2);
  await tab.receives('mensaje 1.');
  const { port } = room;
  await room.program.stop('SIGKILL');
  await builtRoom(t, 'broadcast', { TCP_PORT: `${port}` });
  await gateway.isReady();
  tab.say('de vuelta');
  await tab.receives('de vuelta');
  const gap = tab.entries.find((entry) => entry.gap);
  assert.ok(gap?.gap && gap.gap.until > gap.gap.since);
  assert.deepEqual(
    tab.entries.map(({ seq }) => seq),
    [1, 2, 3, 4],
  );

  const before = await openTab(t, gateway, { ...tab.resumePoint, session: 'another', after: 2 });
  assert.equal(before.welcome?.recovered, false);
  const after = await openTab(t, gateway, { ...tab.resumePoint, session: 'another', after: 3 });
  assert.equal(after.welcome?.recovered, true);
});

test('log puts messages into the gap until the new ear is accepted', {
  skip: withoutFreezing,
}, async (t) => {
  const DATA_DIR = dataDir(t);
  const { gateway, room, terminal } = await busyRoom(t, { DATA_DIR });
  await talk(gateway, terminal, 1);
  await gateway.program.stop();
  await room.program.freeze();
  const second = await launchGateway(t, room.port, { DATA_DIR });
  await second.metricReaches('tertulia_room_up', 1);
  const sentAt = Date.now();
  terminal.send('¿me oye alguien?\n');
  room.program.wake();
  terminal.send('seguro que sí\n');
  const tab = await openTab(t, second);
  const { gap } = await eventually(
    () => tab.entries.find((entry) => entry.gap),
    () => 'no gap',
  );
  assert.ok(gap && gap.since < sentAt && gap.until >= sentAt, `${sentAt} is not in ${JSON.stringify(gap)}`);
});

test('log marks the whole gap when the gateway stops while the room is away', async (t) => {
  const DATA_DIR = dataDir(t);
  const { gateway, room, terminal } = await busyRoom(t, { DATA_DIR });
  await talk(gateway, terminal, 1);
  const tab = await openTab(t, gateway);
  await room.program.stop('SIGKILL');
  await eventually(
    () => tab.roomState === 'connecting',
    () => 'the tab got no room state',
  );
  await eventually(
    async () => !(await gateway.get('/readyz')).ok,
    () => 'the gateway still hears the room',
  );
  const lostBy = Date.now();
  await gateway.program.stop();
  const { port } = await builtRoom(t);
  const back = await openTab(t, await startGateway(t, port, { DATA_DIR }), tab.resumePoint);
  const { gap } = await eventually(
    () => back.entries.find((entry) => entry.gap),
    () => 'no gap',
  );
  assert.ok(gap && gap.since <= lostBy, `lost by ${lostBy}, marked ${JSON.stringify(gap)}`);
});

test('log continues under the same epoch after a restart', async (t) => {
  const DATA_DIR = dataDir(t);
  const { gateway, room, terminal } = await busyRoom(t, { DATA_DIR });
  const tab = await openTab(t, gateway);
  await talk(gateway, terminal, 20);
  await tab.receives('mensaje 19.');
  assert.deepEqual(await gateway.program.stop(), { code: 0, signal: null });

  const second = await startGateway(t, room.port, { DATA_DIR });
  const back = await openTab(t, second, tab.resumePoint);
  back.say('otra vez');
  await back.receives('otra vez');
  assert.equal(back.welcome?.epoch, tab.welcome?.epoch);
  assert.deepEqual(
    back.entries.map(({ seq, gap }) => [seq, gap !== undefined]),
    [
      [21, true],
      [22, false],
    ],
  );
  assert.equal((await page(second, 'after=0&limit=500')).messages.length, 22);
});

test('log gives no seq to two messages after a kill, and marks a gap', async (t) => {
  const DATA_DIR = dataDir(t);
  const { gateway, room, terminal } = await busyRoom(t, { DATA_DIR });
  await talk(gateway, terminal, 20);
  await gateway.metricReaches('tertulia_transcript_unwritten', 0);
  const tab = await openTab(t, gateway);
  await talk(gateway, terminal, 5, 'sin escribir');
  await tab.receives('sin escribir 4.');
  await gateway.program.stop('SIGKILL');

  const second = await startGateway(t, room.port, { DATA_DIR });
  const back = await openTab(t, second, tab.resumePoint);
  back.say('después');
  await back.receives('después');
  assert.equal(back.welcome?.recovered, false);
  const [gap, said] = back.entries;
  assert.ok(gap?.gap && gap.seq > (tab.entries.at(-1)?.seq ?? 0));
  assert.equal(said?.text, 'después');

  const newcomer = await openTab(t, second);
  await newcomer.receives('después');
  const { messages } = await page(second, 'limit=100');
  assert.deepEqual(newcomer.entries, messages);
  assert.equal(messages[0]?.text, 'mensaje 0.');
});

test('log keeps each message with a receipt when the gateway is killed at once', async (t) => {
  const DATA_DIR = dataDir(t);
  const room = await builtRoom(t);
  for (let round = 1; round <= 5; round++) {
    const gateway = await startGateway(t, room.port, { DATA_DIR });
    const tab = await openTab(t, gateway);
    await tab.receivesReceipt(tab.say(`vuelta ${round}.`), 'heard');
    await gateway.program.stop('SIGKILL');
  }
  const { messages } = await page(await startGateway(t, room.port, { DATA_DIR }), 'after=0');
  const texts = messages.filter(({ gap }) => !gap).map(({ text }) => text);
  assert.deepEqual(texts, ['vuelta 1.', 'vuelta 2.', 'vuelta 3.', 'vuelta 4.', 'vuelta 5.']);
});

test('log shows evicted messages as missing seqs', async (t) => {
  const DATA_DIR = dataDir(t);
  const { gateway, room, terminal } = await busyRoom(t, { DATA_DIR });
  const tab = await openTab(t, gateway);
  await talk(gateway, terminal, 1);
  await tab.receives('mensaje 0.');
  tab.vanish();
  await talk(gateway, terminal, 30);
  await gateway.program.stop();

  const second = await startGateway(t, room.port, {
    DATA_DIR,
    TRANSCRIPT_ENTRIES: '5',
    TRANSCRIPT_RECENT_DAYS: '0',
  });
  const back = await openTab(t, second, tab.resumePoint);
  await eventually(
    () => back.entries.at(-1)?.gap,
    () => `the last entry is ${JSON.stringify(back.entries.at(-1))}`,
  );
  assert.equal(back.welcome?.recovered, false);
  assert.equal(back.welcome?.tail, 27);
  assert.deepEqual(
    back.entries.map(({ seq }) => seq),
    [27, 28, 29, 30, 31, 32],
  );
});
