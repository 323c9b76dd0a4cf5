import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { LOG_EVERY_MS } from '../../tcp-server/chat-server.ts';
import { eventually } from '../helpers/eventually.ts';
import { enter } from '../helpers/tcp.ts';
import { openRoom, pythonAddress, withoutHeaders } from './chat-server-fixture.ts';

/** More bytes than the buffers of two systems hold for a client that does not read. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

test('room sends a message to all but its sender, under its address', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  ana.send('hola');
  await luis.receives(`${ana.address} dice: hola`);
  luis.send('qué tal\n');
  await eva.receives(`${ana.address} dice: hola${luis.address} dice: qué tal\n`);
  await ana.receives(`${luis.address} dice: qué tal\n`);
  assert.equal(ana.received, `${luis.address} dice: qué tal\n`);
});

test('room puts a header before every line, so that no client sends in the name of another', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  for (const end of ['\n', '\r\n', '\r', '\n\n']) {
    mallory.send(`hola${end}10.0.0.1:4000 dice: os debo una cena${end}fin de ${JSON.stringify(end)}\n`);
    await eva.receives(`fin de ${JSON.stringify(end)}\n`);
  }
  const lines = eva.received.split(/[\r\n]+/).filter((line) => line !== '');
  assert.equal(lines.length, 4 * 3 + 2);
  for (const line of lines) assert.ok(line.startsWith(`${mallory.address} dice: `), line);
});

test('room log cannot be forged by a message with line ends and controls', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send("hola\nConexión cerrada por ('10.0.0.1', 4000)\r\x1b[2K\x85fin");
  await eva.receives('fin');
  const from = `Recibido de ${pythonAddress(mallory)}: `;
  await room.logs(`${from}[2Kfin`);
  const logged = room.log.slice(-3);
  assert.deepEqual(logged, [
    `${from}hola`,
    `${from}Conexión cerrada por ('10.0.0.1', 4000)`,
    `${from}[2Kfin`,
  ]);
});

test('room log is written a moment after its first line, in one batch', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  const before = room.log.length;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const message of ['uno\n', 'dos\n']) {
    ana.send(message);
    await once(eva.socket, 'data');
  }
  t.mock.timers.tick(LOG_EVERY_MS - 1);
  assert.deepEqual(room.log.slice(before), []);
  t.mock.timers.tick(1);
  const from = `Recibido de ${pythonAddress(ana)}: `;
  assert.deepEqual(room.log.slice(before), [`${from}uno`, `${from}dos`]);
});

test('room removes control characters from messages', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send('a\0b\x07c\x08d\x1b[1Ae\x7ff\u0085g\u009bh\ti\r\n');
  await eva.receives('\n');
  assert.equal(eva.received, `${mallory.address} dice: abcd[1Aefgh\ti\r\n`);
});

test('room sends no message that has only control characters', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send('\0\0\x1b');
  ana.send('hola');
  await eva.receives('hola');
  assert.equal(eva.received, `${ana.address} dice: hola`);
});

test('room sends a character cut in two as one, also when another client sends between', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const [half, rest] = [Buffer.from('ñ').subarray(0, 1), Buffer.from('ñ').subarray(1)];
  ana.send(Buffer.concat([Buffer.from('a'), half]));
  await eva.receives(`${ana.address} dice: a`);
  luis.send('hola');
  await eva.receives(`${luis.address} dice: hola`);
  ana.send(rest);
  await eva.receives(`${ana.address} dice: ñ`);
  assert.ok(!eva.received.includes('\ufffd'));
});

test('room sends an incomplete character at the end of a connection as U+FFFD', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send(Buffer.of(0xc3));
  await ana.leave();
  await eva.receives(`${ana.address} dice: \ufffd`);
});

test('room in echo mode answers an incomplete character after the FIN', async (t) => {
  const room = await openRoom(t, { mode: 'echo' });
  const ana = await room.enter();
  ana.send(Buffer.of(0xc3));
  await ana.leave();
  assert.equal(ana.received, 'Eco del servidor: \ufffd');
});

test('room makes no empty line of a CR and an LF in two packets', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send('hola\r');
  await eva.receives('hola\r');
  ana.send('\nadiós\r');
  await eva.receives('adiós\r');
  ana.send('\n');
  await eva.receives('adiós\r\n');
  assert.equal(eva.received, `${ana.address} dice: hola\r\n${ana.address} dice: adiós\r\n`);
});

test('room gathers the lines of a client that sends each key by itself', async (t) => {
  const room = await openRoom(t, { keyWaitMs: 5000 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  for (const line of ['hola', '¿qué tl\b\btal?']) {
    const keys = [...line, '\r\n'];
    for (const [n, key] of keys.entries()) {
      ana.send(key);
      // The answer to a telnet command shows that the room has read the key in a packet of its own.
      ana.send(Buffer.from([255, 253, 6]));
      await ana.receivesBytes(3);
      ana.takeReceived();
      if (n < keys.length - 1) assert.ok(!eva.received.endsWith(key), eva.received);
    }
    await eva.receives('\r\n');
  }
  await eva.receives('tal?\r\n');
  assert.equal(eva.received, `${ana.address} dice: hola\r\n${ana.address} dice: ¿qué tal?\r\n`);
});

test('room sends a single character after a moment, and a text at once', async (t) => {
  const room = await openRoom(t, { keyWaitMs: 50 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send('a');
  await eva.receives(`${ana.address} dice: a`);
  ana.send('ok');
  await eva.receives(`${ana.address} dice: ok`);
  ana.send('b');
  await ana.leave();
  await eva.receives(`${ana.address} dice: b`);
});

test('room refuses telnet options, and no other client sees that', async (t) => {
  const room = await openRoom(t);
  const [telnet, eva] = [await room.enter(), await room.enter()];
  telnet.send(Buffer.from('\xff\xf4\xff\xfd\x06hola\r\n', 'latin1'));
  await eva.receives('hola\r\n');
  await telnet.receivesBytes(3);
  assert.deepEqual([...telnet.bytes], [255, 252, 6]);
  assert.equal(eva.received, `${telnet.address} dice: hola\r\n`);
});

test('room relays all text before a FIN, and answers all of it', async (t) => {
  const room = await openRoom(t, { mode: 'echo' });
  const ana = await room.enter();
  const farewell = 'adiós '.repeat(20_000);
  ana.send(farewell);
  await ana.leave();
  assert.equal(ana.received.replaceAll('Eco del servidor: ', ''), farewell);
  await room.logs(`Conexión cerrada por ${pythonAddress(ana)}`);
});

test('room loses no message of others when clients reset their connections', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const fromAna: string[] = [];
  const fromLuis: string[] = [];
  for (let round = 0; round < 100; round++) {
    const victim = await enter(t, room.port);
    if (round % 3 > 0) victim.send(Buffer.of(0x61, 0xc3));
    if (round % 3 > 1) await room.logs(`Recibido de ${pythonAddress(victim)}: a`);
    fromAna.push(`ana ${round}\n`);
    fromLuis.push(`luis ${round}\n`);
    ana.send(`ana ${round}\n`);
    victim.reset();
    luis.send(`luis ${round}\n`);
  }
  await eva.receives('ana 99\n');
  await eva.receives('luis 99\n');
  const lines = eva.received.split('\n').map((line) => `${line}\n`);
  const sentBy = (address: string) =>
    lines.filter((line) => line.includes(`${address} dice: `)).map((line) => line.replace(/.* dice: /, ''));
  assert.deepEqual(sentBy(ana.address), fromAna);
  assert.deepEqual(sentBy(luis.address), fromLuis);
});

test('room sends a message of a megabyte complete, in chunks, while others send too', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const long = 'ñandú '.repeat(150_000);
  ana.send(`${long}\n`);
  luis.send('yo también\n');
  await eva.receives(`${luis.address} dice: yo también\n`);
  await eva.receives(' \n');
  assert.equal(withoutHeaders(eva.received, ana, luis).replace('yo también\n', ''), `${long}\n`);
  for (const chunk of eva.received.split(/(?=127\.0\.0\.1:\d+ dice: )/)) {
    assert.ok(Buffer.byteLength(chunk.replace(/^.*? dice: /, '')) <= 1024);
  }
});

test('room puts one header before a message of 1024 bytes, and two into one of 1025', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  const header = `${ana.address} dice: `;
  ana.send(`${'x'.repeat(1023)}\n`);
  await eva.receives('\n');
  assert.equal(eva.received, `${header}${'x'.repeat(1023)}\n`);
  ana.send(`${'y'.repeat(1024)}z`);
  await eva.receives('z');
  assert.ok(eva.received.endsWith(`${header}${'y'.repeat(1024)}${header}z`));
});

test('room sends the messages of five concurrent senders to all in one order', async (t) => {
  const room = await openRoom(t);
  const senders = await Promise.all(Array.from({ length: 5 }, () => room.enter()));
  const [eva, luis] = [await room.enter(), await room.enter()];
  await Promise.all(
    senders.map(async (sender, i) => {
      for (let n = 0; n < 50; n++) {
        sender.send(`${i}: ${n}\n`);
        await eva.receives(`dice: ${i}: ${n}\n`);
      }
    }),
  );
  await luis.receivesBytes(eva.bytes.length);
  assert.equal(luis.received, eva.received);
  for (const [i, sender] of senders.entries()) {
    const byOthers = eva.received.split('\n').filter((line) => !line.startsWith(`${sender.address} `));
    const missing = () => `sender ${i} did not receive the others in their order`;
    await eventually(() => sender.received === byOthers.join('\n'), missing);
  }
});

test('room drops a client that does not read with the first message over TCP_MAX_BACKLOG_BYTES', async (t) => {
  const maxBacklogBytes = 64 * 1024;
  const room = await openRoom(t, { maxBacklogBytes, maxMessageBytes: 16 * 1024 });
  const [ana, eva, sleeper] = [await room.enter(), await room.enter(), await room.enter()];
  sleeper.stopReading();
  const message = `${'x'.repeat(16 * 1024 - 1)}\n`;
  const broadcast = `${ana.address} dice: ${message}`.length;
  const dropped = () => room.log.find((line) => line.includes('no lee'));
  for (let sent = 1; !dropped(); sent++) {
    assert.ok(sent * broadcast < MAX_BUFFERED_BYTES, 'no client was dropped');
    ana.send(message);
    await eva.receivesBytes(sent * broadcast);
  }
  const [, name, waiting] =
    /^Conexión cerrada con (.*): no lee, (\d+) bytes en espera$/.exec(dropped() ?? '') ?? [];
  assert.equal(name, pythonAddress(sleeper));
  assert.ok(Number(waiting) > maxBacklogBytes && Number(waiting) <= maxBacklogBytes + broadcast, dropped());
});

test('room sends all messages in one order while one client does not read', async (t) => {
  const room = await openRoom(t, { maxBacklogBytes: 64 * 1024 });
  const senders = await Promise.all(Array.from({ length: 3 }, () => room.enter()));
  const [eva, luis, sleeper] = [await room.enter(), await room.enter(), await room.enter()];
  sleeper.stopReading();
  const block = 'x'.repeat(1000);
  const sent = senders.map(() => '');
  for (let round = 0; !room.log.some((line) => line.includes('no lee')); round++) {
    assert.ok(sent.join('').length < MAX_BUFFERED_BYTES, 'no client was dropped');
    for (const [i, sender] of senders.entries()) {
      const messages = `${i}: ${round} ${block}\n`.repeat(20);
      sent[i] += messages;
      sender.send(messages);
    }
    await eva.receivesBytes(sent.join('').length);
  }
  for (const [i, sender] of senders.entries()) {
    sender.send(`${i} fin\n`);
    await eva.receives(`${i} fin\n`);
  }
  await luis.receivesBytes(eva.bytes.length);
  assert.ok(luis.bytes.equals(eva.bytes));
  const lines = eva.received.split(/(?<=\n)/);
  for (const [i, { address }] of senders.entries()) {
    const received = lines.filter((line) => line.startsWith(`${address} `)).join('');
    assert.equal(received.replaceAll(`${address} dice: `, ''), `${sent[i]}${i} fin\n`);
  }
});

test('room loses nothing for a client that reads again below TCP_MAX_BACKLOG_BYTES', async (t) => {
  const room = await openRoom(t, { maxBacklogBytes: MAX_BUFFERED_BYTES });
  const [ana, eva, late] = [await room.enter(), await room.enter(), await room.enter()];
  late.stopReading();
  const block = `${'x'.repeat(1000)}\n`.repeat(1000);
  for (let n = 0; n < 10; n++) {
    ana.send(`${n}\n${block}`);
    await eva.receives(`dice: ${n}\n`);
  }
  ana.send('fin\n');
  await eva.receives('fin\n');
  late.resumeReading();
  await late.receives('fin\n');
  assert.ok(late.bytes.equals(eva.bytes));
});

test('room with TCP_MAX_BACKLOG_BYTES=0 keeps clients that read', async (t) => {
  const room = await openRoom(t, { maxBacklogBytes: 0 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  for (let n = 0; n < 50; n++) {
    ana.send(`${n}\n`);
    await eva.receives(`${ana.address} dice: ${n}\n`);
  }
});

test('room over TCP_MAX_RATE_BYTES reads later, counts a line as 256 bytes, and loses nothing', async (t) => {
  const room = await openRoom(t, { maxRateBytes: 150_000 });
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const flood = '\n'.repeat(1000);
  const began = performance.now();
  const tookMs = () => performance.now() - began;
  ana.send(flood);
  await eva.receivesBytes(flood.length * `${ana.address} dice: \n`.length);
  ana.send('fin');
  luis.send('yo hablo cuando quiero');
  await eva.receives(`${luis.address} dice: yo hablo`);
  // 1000 lines have 23,000 bytes, and count as 256,000: 106,000 over the rate, which takes 706 ms.
  assert.ok(!eva.received.includes('fin') || tookMs() > 700);
  await eva.receives(`${ana.address} dice: fin`);
  assert.ok(tookMs() > 700);
  assert.equal(withoutHeaders(eva.received, ana, luis).replace('yo hablo cuando quiero', ''), `${flood}fin`);
});

test('room refuses a client over TCP_MAX_CLIENTS with a reason, until another leaves', async (t) => {
  const room = await openRoom(t, { maxClients: 2 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  const third = await enter(t, room.port);
  third.send('hola');
  await third.isEnded();
  assert.equal(third.received, 'La sala está llena. Inténtalo más tarde.\n');
  await room.logs(`Sala llena: no entra ${pythonAddress(third)}`);
  await third.leave();

  await ana.leave();
  const fourth = await room.enter();
  fourth.send('buenas');
  await eva.receives(`${fourth.address} dice: buenas`);
  assert.equal(eva.received, `${fourth.address} dice: buenas`);
});

test('room on :: has IPv4 and IPv6 clients, each under its own address', async (t) => {
  const room = await openRoom(t, {}, '::');
  const [four, six] = [await room.enter('127.0.0.1'), await room.enter('::1')];
  six.send('seis\n');
  four.send('cuatro\n');
  await four.receives(`[::1]:${six.socket.localPort} dice: seis\n`);
  await six.receives(`127.0.0.1:${four.socket.localPort} dice: cuatro\n`);
});

test('room waits for no client longer than TCP_CLOSE_TIMEOUT_MS when it closes', async (t) => {
  const room = await openRoom(t, { closeTimeoutMs: 500 });
  const polite = await room.enter();
  const stubborn = connect({ port: room.port, host: '127.0.0.1', allowHalfOpen: true }).resume();
  stubborn.on('error', () => {});
  const talking = setInterval(() => stubborn.write(Buffer.from('y otra cosa\xff\xfd\x06\n', 'latin1')), 10);
  t.after(() => clearInterval(talking));
  await eventually(
    () => room.log.length > 2,
    () => 'the stubborn client did not get in',
  );
  let state: 'closing' | 'closed' = 'closing';
  const before = performance.now();
  void room.room.close().then(() => {
    state = 'closed';
  });
  await eventually(
    () => state === 'closed',
    () => 'the room still waits',
  );
  assert.ok(performance.now() - before >= 499);
  await polite.isEnded();
  await eventually(
    () => stubborn.closed,
    () => 'the stubborn client was not cut',
  );
});
