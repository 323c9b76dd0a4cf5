import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { LOG_EVERY_MS } from '../../tcp-server/chat-server.ts';
import { eventually } from '../helpers/eventually.ts';
import { enter } from '../helpers/tcp.ts';
import { openRoom, pythonAddress, withoutHeaders } from './chat-server-fixture.ts';

/** More than two systems' buffers hold for a client that does not read, bytes. */
const MOST_HELD = 32 * 1024 * 1024;

test('everybody but the speaker hears a message, under its address', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  ana.send('hola');
  await luis.receives(`${ana.address} dice: hola`);
  luis.send('qué tal\n');
  await eva.receives(`${ana.address} dice: hola${luis.address} dice: qué tal\n`);
  await ana.receives(`${luis.address} dice: qué tal\n`);
  assert.equal(ana.received, `${luis.address} dice: qué tal\n`);
});

test('every line of a chunk carries the header, so nobody speaks in the name of another', async (t) => {
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

test('a line of the log cannot be forged either', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send("hola\nConexión cerrada por ('10.0.0.1', 4000)\r\x1b[2K\x85fin");
  await eva.receives('fin');
  const from = `Recibido de ${pythonAddress(mallory)}: `;
  await room.logs(`${from}[2Kfin`);
  const said = room.log.slice(-3);
  assert.deepEqual(said, [`${from}hola`, `${from}Conexión cerrada por ('10.0.0.1', 4000)`, `${from}[2Kfin`]);
});

test('the log is written a moment after its first line, with all that came meanwhile', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  const before = room.log.length;
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const words of ['uno\n', 'dos\n']) {
    ana.send(words);
    await once(eva.socket, 'data');
  }
  t.mock.timers.tick(LOG_EVERY_MS - 1);
  assert.deepEqual(room.log.slice(before), []);
  t.mock.timers.tick(1);
  const from = `Recibido de ${pythonAddress(ana)}: `;
  assert.deepEqual(room.log.slice(before), [`${from}uno`, `${from}dos`]);
});

test('control characters do not reach the terminals of the others', async (t) => {
  const room = await openRoom(t);
  const [mallory, eva] = [await room.enter(), await room.enter()];
  mallory.send('a\0b\x07c\x08d\x1b[1Ae\x7ff\u0085g\u009bh\ti\r\n');
  await eva.receives('\n');
  assert.equal(eva.received, `${mallory.address} dice: abcd[1Aefgh\ti\r\n`);
});

test('words of nothing but control characters are not said', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send('\0\0\x1b');
  ana.send('hola');
  await eva.receives('hola');
  assert.equal(eva.received, `${ana.address} dice: hola`);
});

test('a character that arrives in two halves is said whole, whoever speaks between', async (t) => {
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

test('half a character before the end of the connection is said as U+FFFD', async (t) => {
  const room = await openRoom(t);
  const [ana, eva] = [await room.enter(), await room.enter()];
  ana.send(Buffer.of(0xc3));
  await ana.leave();
  await eva.receives(`${ana.address} dice: \ufffd`);
});

test('what half a character is answered, is heard after the goodbye', async (t) => {
  const room = await openRoom(t, { mode: 'echo' });
  const ana = await room.enter();
  ana.send(Buffer.of(0xc3));
  await ana.leave();
  assert.equal(ana.received, 'Eco del servidor: \ufffd');
});

test('a CR and an LF in two packets make no empty line', async (t) => {
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

test('a client that sends each key by itself says lines', async (t) => {
  const room = await openRoom(t, { keyWaitMs: 5000 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  for (const line of ['hola', '¿qué tl\b\btal?']) {
    const keys = [...line, '\r\n'];
    for (const [n, key] of keys.entries()) {
      ana.send(key);
      // A packet for each key: the room has read it when it answers telnet.
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

test('a character without a line end is said after a moment, a text at once', async (t) => {
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

test('telnet is refused its options, and only telnet hears of it', async (t) => {
  const room = await openRoom(t);
  const [telnet, eva] = [await room.enter(), await room.enter()];
  telnet.send(Buffer.from('\xff\xf4\xff\xfd\x06hola\r\n', 'latin1'));
  await eva.receives('hola\r\n');
  await telnet.receivesBytes(3);
  assert.deepEqual([...telnet.bytes], [255, 252, 6]);
  assert.equal(eva.received, `${telnet.address} dice: hola\r\n`);
});

test('who says goodbye with a FIN is heard to the end, and hears to the end', async (t) => {
  const room = await openRoom(t, { mode: 'echo' });
  const ana = await room.enter();
  const farewell = 'adiós '.repeat(20_000);
  ana.send(farewell);
  await ana.leave();
  assert.equal(ana.received.replaceAll('Eco del servidor: ', ''), farewell);
  await room.logs(`Conexión cerrada por ${pythonAddress(ana)}`);
});

test('clients that are reset at any moment take nothing from the others', async (t) => {
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
  const said = eva.received.split('\n').map((line) => `${line}\n`);
  const saidBy = (address: string) =>
    said.filter((line) => line.includes(`${address} dice: `)).map((line) => line.replace(/.* dice: /, ''));
  assert.deepEqual(saidBy(ana.address), fromAna);
  assert.deepEqual(saidBy(luis.address), fromLuis);
});

test('a message of a megabyte arrives whole, in pieces, and others go on talking', async (t) => {
  const room = await openRoom(t);
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const long = 'ñandú '.repeat(150_000);
  ana.send(`${long}\n`);
  luis.send('yo también\n');
  await eva.receives(`${luis.address} dice: yo también\n`);
  await eva.receives(' \n');
  assert.equal(withoutHeaders(eva.received, ana, luis).replace('yo también\n', ''), `${long}\n`);
  for (const piece of eva.received.split(/(?=127\.0\.0\.1:\d+ dice: )/)) {
    assert.ok(Buffer.byteLength(piece.replace(/^.*? dice: /, '')) <= 1024);
  }
});

test('a message of 1024 bytes has one header, of 1025 two', async (t) => {
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

test('all hear the words of five who talk at once in one order', async (t) => {
  const room = await openRoom(t);
  const speakers = await Promise.all(Array.from({ length: 5 }, () => room.enter()));
  const [eva, luis] = [await room.enter(), await room.enter()];
  await Promise.all(
    speakers.map(async (speaker, i) => {
      for (let n = 0; n < 50; n++) {
        speaker.send(`${i}: ${n}\n`);
        await eva.receives(`dice: ${i}: ${n}\n`);
      }
    }),
  );
  await luis.receivesBytes(eva.bytes.length);
  assert.equal(luis.received, eva.received);
  for (const [i, speaker] of speakers.entries()) {
    const byOthers = eva.received.split('\n').filter((line) => !line.startsWith(`${speaker.address} `));
    const missing = () => `speaker ${i} did not hear the others in their order`;
    await eventually(() => speaker.received === byOthers.join('\n'), missing);
  }
});

test('who does not read is dropped with the first message over the bound, and the log says so', async (t) => {
  const maxBacklog = 64 * 1024;
  const room = await openRoom(t, { maxBacklog, maxMessage: 16 * 1024 });
  const [ana, eva, sleeper] = [await room.enter(), await room.enter(), await room.enter()];
  sleeper.stopReading();
  const message = `${'x'.repeat(16 * 1024 - 1)}\n`;
  const broadcast = `${ana.address} dice: ${message}`.length;
  const dropped = () => room.log.find((line) => line.includes('no lee'));
  for (let said = 1; !dropped(); said++) {
    assert.ok(said * broadcast < MOST_HELD, 'nobody was dropped');
    ana.send(message);
    await eva.receivesBytes(said * broadcast);
  }
  const [, who, waiting] =
    /^Conexión cerrada con (.*): no lee, (\d+) bytes en espera$/.exec(dropped() ?? '') ?? [];
  assert.equal(who, pythonAddress(sleeper));
  assert.ok(Number(waiting) > maxBacklog && Number(waiting) <= maxBacklog + broadcast, dropped());
});

test('while one does not read, all others hear everybody, in one order', async (t) => {
  const room = await openRoom(t, { maxBacklog: 64 * 1024 });
  const speakers = await Promise.all(Array.from({ length: 3 }, () => room.enter()));
  const [eva, luis, sleeper] = [await room.enter(), await room.enter(), await room.enter()];
  sleeper.stopReading();
  const block = 'x'.repeat(1000);
  const said = speakers.map(() => '');
  for (let round = 0; !room.log.some((line) => line.includes('no lee')); round++) {
    assert.ok(said.join('').length < MOST_HELD, 'nobody was dropped');
    for (const [i, speaker] of speakers.entries()) {
      const words = `${i}: ${round} ${block}\n`.repeat(20);
      said[i] += words;
      speaker.send(words);
    }
    await eva.receivesBytes(said.join('').length);
  }
  for (const [i, speaker] of speakers.entries()) {
    speaker.send(`${i} fin\n`);
    await eva.receives(`${i} fin\n`);
  }
  await luis.receivesBytes(eva.bytes.length);
  assert.ok(luis.bytes.equals(eva.bytes));
  const lines = eva.received.split(/(?<=\n)/);
  for (const [i, { address }] of speakers.entries()) {
    const heard = lines.filter((line) => line.startsWith(`${address} `)).join('');
    assert.equal(heard.replaceAll(`${address} dice: `, ''), `${said[i]}${i} fin\n`);
  }
});

test('who reads on before the bound is reached has missed nothing', async (t) => {
  const room = await openRoom(t, { maxBacklog: MOST_HELD });
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

test('a bound of nothing still keeps those who read', async (t) => {
  const room = await openRoom(t, { maxBacklog: 0 });
  const [ana, eva] = [await room.enter(), await room.enter()];
  for (let n = 0; n < 50; n++) {
    ana.send(`${n}\n`);
    await eva.receives(`${ana.address} dice: ${n}\n`);
  }
});

test('who says more than the rate is read later, and loses nothing', async (t) => {
  const room = await openRoom(t, { maxRate: 20_000 });
  const [ana, luis, eva] = [await room.enter(), await room.enter(), await room.enter()];
  const flood = '\n'.repeat(1000);
  ana.send(flood);
  await eva.receivesBytes(flood.length * `${ana.address} dice: \n`.length);
  const flooded = performance.now();
  ana.send('fin');
  luis.send('yo hablo cuando quiero');
  await eva.receives(`${luis.address} dice: yo hablo`);
  assert.ok(!eva.received.includes('fin'));
  await eva.receives(`${ana.address} dice: fin`);
  // 1000 lines of 23 bytes are 3000 over the rate: 150 ms.
  assert.ok(performance.now() - flooded > 100);
  assert.equal(withoutHeaders(eva.received, ana, luis).replace('yo hablo cuando quiero', ''), `${flood}fin`);
});

test('one client too many is told that the room is full; when one leaves, the next comes in', async (t) => {
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

test('on :: IPv4 and IPv6 are in one room, each under its own address', async (t) => {
  const room = await openRoom(t, {}, '::');
  const [four, six] = [await room.enter('127.0.0.1'), await room.enter('::1')];
  six.send('seis\n');
  four.send('cuatro\n');
  await four.receives(`[::1]:${six.socket.localPort} dice: seis\n`);
  await six.receives(`127.0.0.1:${four.socket.localPort} dice: cuatro\n`);
});

test('a room that closes waits for nobody longer than its time-out', async (t) => {
  const room = await openRoom(t, { closeTimeout: 500 });
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
    () => 'the room waits on',
  );
  assert.ok(performance.now() - before >= 499);
  await polite.isEnded();
  await eventually(
    () => stubborn.closed,
    () => 'the stubborn client was not cut',
  );
});
