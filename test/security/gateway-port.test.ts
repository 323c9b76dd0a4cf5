/**
 * The port for gateways alone, and clients there that ask for no broadcasts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkMatcher } from '../../common/ip.ts';
import { formatProxyHeader, formatTlv } from '../../common/proxy-protocol.ts';
import { lanAddresses } from '../../gateway/lib/lan-addresses.ts';
import { NO_BROADCASTS_TLV } from '../../tcp-server/wire.ts';
import { start } from '../helpers/process.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { openRoom, pythonAddress, type TestRoom } from '../tcp-server/chat-server-fixture.ts';

const ROOM = { ip: '127.0.0.1', port: 12345 };
const ANA = { ip: '192.168.1.7', port: 4000 };
const LUIS = { ip: '2001:db8::7', port: 4001 };
const { type, value } = NO_BROADCASTS_TLV;
const NO_BROADCASTS = formatTlv(type, Buffer.from(value));

/** A client that a gateway announces, once the room has accepted it. */
async function announced(
  room: TestRoom,
  from: typeof ANA | null,
  tlvs: readonly number[] = [],
): Promise<TcpClient> {
  const client = await room.connectAsGateway();
  client.send(formatProxyHeader('v2', from, ROOM, tlvs));
  await room.logs(
    `Conexión establecida con ${from ? `('${from.ip}', ${from.port})` : pythonAddress(client)} por una pasarela`,
  );
  return client;
}

test('room sends a broadcast once to the gateway: to its ear, and to no voice', async (t) => {
  const room = await openRoom(t);
  const ear = await announced(room, null);
  const [ana, luis] = [await announced(room, ANA, NO_BROADCASTS), await announced(room, LUIS, NO_BROADCASTS)];
  const terminal = await room.enter();
  ana.send('hola\n');
  luis.send('qué tal\n');
  await terminal.receives('[2001:db8::7]:4001 dice: qué tal\n');
  terminal.send('buenas\n');
  await ear.receives(`${terminal.address} dice: buenas\n`);
  const [hola, queTal] = ['192.168.1.7:4000 dice: hola\n', '[2001:db8::7]:4001 dice: qué tal\n'];
  assert.equal(ear.received, `${hola}${queTal}${terminal.address} dice: buenas\n`);
  // A graceful close is the fence: all that the room ever wrote to a voice has come before its FIN.
  await Promise.all([ana.leave(), luis.leave()]);
  assert.deepEqual([ana.received, luis.received], ['', '']);
});

for (const [mode, answer] of [
  ['echo', 'Eco del servidor: hola\n'],
  ['ack', 'Mensaje recibido por el servidor (hilo): hola\n'],
] as const) {
  test(`room in mode ${mode} answers a client that wants no broadcasts`, async (t) => {
    const room = await openRoom(t, { mode });
    const ana = await announced(room, ANA, NO_BROADCASTS);
    ana.send('hola\n');
    await ana.receives(answer);
  });
}

test('room sends broadcasts to a client whose header has no such field, or another value', async (t) => {
  const room = await openRoom(t);
  const clients = [
    await announced(room, ANA),
    await announced(room, LUIS, formatTlv(type, Buffer.from('another meaning'))),
    await announced(room, null, [...formatTlv(3, Buffer.from('crc')), type, 255, 255]),
  ];
  const terminal = await room.enter();
  terminal.send('hola\n');
  for (const client of clients) await client.receives(`${terminal.address} dice: hola\n`);
});

test('room finds the field behind other fields, and in the header of a client without an address', async (t) => {
  const room = await openRoom(t);
  const voice = await announced(room, null, [...formatTlv(3, Buffer.from('crc')), ...NO_BROADCASTS]);
  const terminal = await room.enter();
  (await room.enter()).send('hola\n');
  await terminal.receives('dice: hola\n');
  await voice.leave();
  assert.equal(voice.received, '');
});

test('room refuses a client that wants no broadcasts when its address has too many connections', async (t) => {
  const room = await openRoom(t, { maxClientsPerAddress: 1 });
  await announced(room, ANA, NO_BROADCASTS);
  const second = await room.connectAsGateway();
  second.send(formatProxyHeader('v2', { ...ANA, port: 4001 }, ROOM, NO_BROADCASTS));
  await second.receives('Ya hay demasiadas conexiones desde tu dirección.\n');
  await second.isEnded();
});

test('room says goodbye to a client that wants no broadcasts when it stops', async (t) => {
  const room = await openRoom(t);
  const ana = await announced(room, ANA, NO_BROADCASTS);
  await Promise.all([room.room.close(), ana.isEnded()]);
});

test('gateway port refuses a connection without a header, or without one in time', async (t) => {
  const room = await openRoom(t, { proxyTimeoutMs: 50 });
  const [talker, silent] = [await room.connectAsGateway(), await room.connectAsGateway()];
  talker.send('hola\n');
  for (const client of [talker, silent]) {
    await client.receives('Desde esta dirección se entra con el protocolo PROXY.\n');
    await client.isEnded();
  }
  assert.ok(!room.log.some((line) => line.startsWith('Conexión establecida')), room.log.join('\n'));
});

test('terminals of this machine need no header on the public port beside the gateway port', async (t) => {
  const room = await openRoom(t);
  const ear = await announced(room, null);
  (await room.enter()).send('hola\n');
  await ear.receives('dice: hola\n');
});

const [lan] = lanAddresses();

test('gateway port refuses a stranger at once, whatever header it sends', {
  skip: !lan && 'no LAN address',
}, async (t) => {
  const room = await openRoom(t, {}, '0.0.0.0');
  const stranger = await enter(t, room.gatewayPort, lan);
  stranger.send(formatProxyHeader('v2', ANA, ROOM));
  await stranger.receives('Este puerto es solo para pasarelas.\n');
  await stranger.isEnded();
  await room.logs(`No es una pasarela: no entra ${pythonAddress(stranger)}`);
  assert.ok(!room.log.some((line) => line.startsWith('Conexión establecida')), room.log.join('\n'));
});

test('gateway port accepts a trusted address', { skip: !lan && 'no LAN address' }, async (t) => {
  const room = await openRoom(t, { isTrustedProxy: networkMatcher([lan ?? '']) }, '0.0.0.0');
  const gateway = await enter(t, room.gatewayPort, lan);
  gateway.send(formatProxyHeader('v2', ANA, ROOM));
  await room.logs("Conexión establecida con ('192.168.1.7', 4000) por una pasarela");
});

test('room program opens no gateway port by default, and names the one that it opens', async (t) => {
  const env = { TCP_HOST: '127.0.0.1', TCP_PORT: '0' };
  const program = await start(t, process.execPath, ['dist/tcp-server/main.js'], {
    ...env,
    TCP_GATEWAY_PORT: '0',
  });
  const [, port] = await program.prints(/Pasarelas: escuchando en 127\.0\.0\.1:(\d+)/);
  const ear = await enter(t, Number(port));
  ear.send(formatProxyHeader('v2', null, ROOM));
  await program.prints(`Conexión establecida con ${pythonAddress(ear)}`);
  const other = await start(t, process.execPath, ['dist/tcp-server/main.js'], env);
  await other.prints('Servidor escuchando en');
  assert.doesNotMatch(other.output, /Pasarelas/);
});
