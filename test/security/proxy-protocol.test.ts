/**
 * PROXY headers: the speaker is the client that the header names, and only trusted addresses may send one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkMatcher } from '../../common/ip.ts';
import { formatProxyHeader } from '../../common/proxy-protocol.ts';
import { start } from '../helpers/process.ts';
import { openRoom, pythonAddress } from '../tcp-server/chat-server-fixture.ts';

const TRUSTED = { isTrustedProxy: networkMatcher(['127.0.0.0/8']) };
const ROOM = { ip: '127.0.0.1', port: 12345 };
const ANA = { ip: '192.168.1.7', port: 4000 };
const LUIS = { ip: '2001:db8::7', port: 4001 };

test('room shows the address that the header names, in both versions', async (t) => {
  const room = await openRoom(t, TRUSTED);
  const [ana, luis] = [await room.connect(), await room.connect()];
  luis.send(formatProxyHeader('v2', LUIS, ROOM));
  await room.logs("Conexión establecida con ('2001:db8::7', 4001)");
  ana.send(formatProxyHeader('v1', ANA, ROOM));
  await room.logs("Conexión establecida con ('192.168.1.7', 4000)");
  ana.send('hola\n');
  luis.send('qué tal\n');
  await luis.receives('192.168.1.7:4000 dice: hola\n');
  await ana.receives('[2001:db8::7]:4001 dice: qué tal\n');
});

test('text behind the header is sent, and a header may arrive byte by byte', async (t) => {
  const room = await openRoom(t, TRUSTED);
  const [ana, luis] = [await room.connect(), await room.connect()];
  for (const byte of formatProxyHeader('v2', LUIS, ROOM)) luis.send(Uint8Array.of(byte));
  await room.logs("Conexión establecida con ('2001:db8::7', 4001)");
  ana.send(Buffer.concat([formatProxyHeader('v2', ANA, ROOM), Buffer.from('hola\n')]));
  await luis.receives('192.168.1.7:4000 dice: hola\n');
});

test('script that sends all and closes is received', async (t) => {
  const room = await openRoom(t, TRUSTED);
  const [ana, luis] = [await room.connect(), await room.connect()];
  luis.send(formatProxyHeader('v2', LUIS, ROOM));
  await room.logs("Conexión establecida con ('2001:db8::7', 4001)");
  ana.send('PROXY TCP4 192.168.1.7 127.0.0.1 4000 12345\r\nadiós\n');
  await ana.leave();
  await luis.receives('192.168.1.7:4000 dice: adiós\n');
});

test("proxy's own connection is in the room under its own address", async (t) => {
  const room = await openRoom(t, TRUSTED);
  const ear = await room.connect();
  ear.send(formatProxyHeader('v1', null, ROOM));
  const [ip, port] = ear.address.split(':');
  await room.logs(`Conexión establecida con ('${ip}', ${port})`);
});

test('trusted address is refused without a header, with the reason', async (t) => {
  const room = await openRoom(t, { ...TRUSTED, proxyTimeoutMs: 50 });
  const [talker, silent] = [await room.connect(), await room.connect()];
  talker.send('hola\n');
  for (const client of [talker, silent]) {
    await client.receives('Desde esta dirección se entra con el protocolo PROXY.\n');
    await client.isEnded();
  }
  await room.logs(`Sin cabecera PROXY válida (none within 50 ms): no entra ${pythonAddress(silent)}`);
  assert.ok(!room.log.some((line) => line.startsWith('Conexión establecida')), room.log.join('\n'));
});

test("client announced with port 0 has the port of the proxy's connection", async (t) => {
  const room = await openRoom(t, TRUSTED);
  const [ana, luis] = [await room.connect(), await room.connect()];
  luis.send(formatProxyHeader('v2', LUIS, ROOM));
  await room.logs("Conexión establecida con ('2001:db8::7', 4001)");
  ana.send('PROXY TCP4 192.168.1.7 127.0.0.1 0 12345\r\nhola\n');
  await luis.receives(`192.168.1.7:${ana.socket.localPort} dice: hola\n`);
});

test('proxy that only probes the room leaves no line', async (t) => {
  const room = await openRoom(t, TRUSTED);
  await (await room.connect()).leave();
  (await room.connect()).reset();
  const ana = await room.connect();
  ana.send(formatProxyHeader('v2', ANA, ROOM));
  await room.logs("Conexión establecida con ('192.168.1.7', 4000)");
  assert.equal(room.log.length, 1);
});

test('header from another address is text, and names no one', async (t) => {
  const room = await openRoom(t, { isTrustedProxy: networkMatcher(['10.0.0.0/8']) });
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send('PROXY TCP4 192.168.1.7 127.0.0.1 4000 12345\r\nsoy Ana\n');
  await eva.receives('soy Ana\n');
  const says = `${mallory.address} dice: `;
  assert.equal(eva.received, `${says}PROXY TCP4 192.168.1.7 127.0.0.1 4000 12345\r\n${says}soy Ana\n`);
});

test('client that is not announced yet counts as connected', async (t) => {
  const room = await openRoom(t, { ...TRUSTED, maxClients: 2 });
  const [ana, , late] = [await room.connect(), await room.connect(), await room.connect()];
  await late.receives('La sala está llena');
  ana.send(formatProxyHeader('v2', ANA, ROOM));
  await room.logs("Conexión establecida con ('192.168.1.7', 4000)");
});

test('room that closes does not wait for clients that were not announced', async (t) => {
  const room = await openRoom(t, { ...TRUSTED, proxyTimeoutMs: 60_000, closeTimeoutMs: 100 });
  const silent = await room.connect();
  await Promise.all([room.room.close(), silent.isEnded()]);
});

test('invalid list of proxies stops the start with a line that names it', async (t) => {
  const program = await start(t, process.execPath, ['dist/tcp-server/main.js'], {
    TCP_PORT: '0',
    TCP_TRUSTED_PROXIES: '10.0.0.1, nadie',
  });
  assert.equal((await program.exits()).code, 2);
  assert.match(
    program.errors,
    /^Bad configuration: TCP_TRUSTED_PROXIES=10\.0\.0\.1, nadie: must be addresses/,
  );
});
