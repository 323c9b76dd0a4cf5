/**
 * The damage that hostile terminals can do to others, and its limits.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Processes } from '../../bench/lib/usage.ts';
import { networkMatcher } from '../../common/ip.ts';
import { formatProxyHeader } from '../../common/proxy-protocol.ts';
import { eventually } from '../helpers/eventually.ts';
import { builtRoom } from '../helpers/room.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { openRoom, pythonAddress } from '../tcp-server/chat-server-fixture.ts';

const MEGABYTE = 1024 * 1024;
const CROWD = 100;
/** Garbage that a busy engine may keep, MB. With a copy for each speaker it was 480. */
const GARBAGE_MB = 128;
/** More than the buffers of two systems hold for a client that does not read. */
const MOST_HELD_MB = 32;
/** Each of these tests moves a gigabyte, or waits for a reader. */
const DEADLINE_OF_ALL_MS = 120_000;

test("room accepts an address's connections up to its limit, and again after a leave", async (t) => {
  const room = await openRoom(t, { maxClientsPerAddress: 2 });
  const first = await room.enter();
  await room.enter();
  const third = await room.connect();
  await third.receives('Ya hay demasiadas conexiones desde tu dirección.\n');
  await third.isEnded();
  await room.logs(`Demasiadas conexiones: no entra ${pythonAddress(third)}`);
  await first.leave();
  await room.logs(`Conexión cerrada por ${pythonAddress(first)}`);
  await room.enter();
});

test('terminal reverses no text in the terminals of others', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send('a\u202ab\u202bc\u202cd\u202de\u202ef\u2067שלום\u2069\u200f\n');
  await eva.receives('\n');
  assert.equal(eva.received, `${mallory.address} dice: abcdef\u2067שלום\u2069\u200f\n`);
});

test('client that a proxy announces counts under its own address', async (t) => {
  const room = await openRoom(t, { maxClientsPerAddress: 1, isTrustedProxy: networkMatcher(['127.0.0.1']) });
  const to = { ip: '127.0.0.1', port: 12345 };
  for (const last of [7, 8]) {
    (await room.connect()).send(formatProxyHeader('v2', { ip: `192.168.1.${last}`, port: 4000 }, to));
    await room.logs(`Conexión establecida con ('192.168.1.${last}', 4000)`);
  }
  const again = await room.connect();
  again.send(formatProxyHeader('v2', { ip: '192.168.1.7', port: 4001 }, to));
  await again.receives('Ya hay demasiadas conexiones');
});

test('many that flood together leave room for others, and everything arrives', async (t) => {
  const room = await openRoom(t, { maxRateBytes: 256 * 1024, maxBacklogBytes: 256 * 1024 });
  const [reader, honest] = [await room.enter(), await room.enter()];
  const flooders = await Promise.all(Array.from({ length: 16 }, () => room.enter()));
  const flood = `${'x'.repeat(1000)}\n`.repeat(250);
  const began = performance.now();
  for (const flooder of flooders) flooder.send(flood);
  honest.send('¿se me oye?\n');
  const all = flooders.length * flood.length;
  await reader.receivesBytes(all);
  const place = reader.bytes.indexOf(`${honest.address} dice: ¿se me oye?\n`);
  assert.ok(place >= 0 && place < all / 2, `heard after ${place} of ${all} bytes`);
  // 4 MB at 1 MB a second, the first at once. Without the shared limit it would take no time.
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds > 1.5, `took ${seconds} s`);
});

test('terminals that send at once cost one copy of their text, and drop no reader', {
  skip: process.platform !== 'linux' && 'memory is read from /proc',
}, async (t) => {
  const room = await builtRoom(t, 'broadcast', { TCP_SLOW_READER_MS: `${DEADLINE_OF_ALL_MS}` });
  const terminals: TcpClient[] = [];
  for (let n = 0; n < CROWD; n++) terminals.push(await enter(t, room.port));
  const isIn = () => room.program.output.split('Conexión establecida').length === CROWD + 1;
  await eventually(isIn, () => 'not all terminals got in');
  const memory = new Processes(room.program.child.pid ?? 0);
  const before = memory.residentBytes;
  const line = `${'x'.repeat(63)}\n`;
  const lines = (64 * 1024) / line.length;
  for (const terminal of terminals) terminal.send(line.repeat(lines));

  const sizeFrom = ({ address }: TcpClient) => lines * `${address} dice: ${line}`.length;
  const all = terminals.reduce((sum, terminal) => sum + sizeFrom(terminal), 0);
  await Promise.all(
    terminals.map((terminal) => terminal.receivesBytes(all - sizeFrom(terminal), DEADLINE_OF_ALL_MS)),
  );
  assert.ok(!room.program.output.includes('no lee'), 'a terminal that reads was dropped');
  // Each client costs its text twice, and all share one copy. The engine keeps some garbage.
  const grown = (memory.peakBytes - before) / MEGABYTE;
  const most = (CROWD * 128) / 1024 + 1 + GARBAGE_MB;
  assert.ok(grown < most, `grew by ${grown} MB, of at most ${most}`);
});

test('flood waits for a reader that is behind, and ordinary speakers do not', async (t) => {
  const room = await openRoom(t, { maxBacklogBytes: 512 * 1024, slowReaderMs: DEADLINE_OF_ALL_MS });
  const [mallory, luis, eva, late] = [
    await room.enter(),
    await room.enter(),
    await room.enter(),
    await room.enter(),
  ];
  late.stopReading();
  const line = `${'x'.repeat(1000)}\n`;
  const lines = MOST_HELD_MB * 1000;
  const flood = lines * `${mallory.address} dice: ${line}`.length;
  mallory.send(line.repeat(lines));
  await eva.receivesBytes(MEGABYTE);
  let talk = '';
  for (let n = 0; n < 40; n++) {
    luis.send(`${n}\n`);
    await room.logs(`Recibido de ${pythonAddress(luis)}: ${n}`);
    talk += `${luis.address} dice: ${n}\n`;
  }
  await eva.receives(`${luis.address} dice: 39\n`);
  assert.ok(eva.bytes.length < flood, 'the flood did not wait');
  late.resumeReading();
  const all = flood + talk.length;
  for (const client of [eva, late]) await client.receivesBytes(all, DEADLINE_OF_ALL_MS);
  assert.ok(late.bytes.equals(eva.bytes));
});
