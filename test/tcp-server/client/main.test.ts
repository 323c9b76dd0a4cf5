import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from '../../../tcp-server/relay.ts';
import { type Cleanup, eventually } from '../../helpers/eventually.ts';
import { type Program, start, without } from '../../helpers/process.ts';
import { pythonRoom, withoutPython } from '../../helpers/python.ts';
import { bareServer, enter, freePort } from '../../helpers/tcp.ts';
import { openRoom, pythonAddress } from '../chat-server-fixture.ts';

function startClient(t: Cleanup, target: number | string | string[]): Promise<Program> {
  const args = typeof target === 'number' ? `:${target}` : target;
  return start(t, process.execPath, ['dist/tcp-server/client/main.js', ...[args].flat()]);
}

const NOTES = 'Conectado al servidor.\nCerrando conexión del cliente.\n';

test('terminal client sends piped input, then leaves', async (t) => {
  const room = await openRoom(t);
  const eva = await room.enter();
  const client = await startClient(t, room.port);
  client.type('hola, ñandú\nsin salto');
  client.endInput();
  assert.deepEqual(await client.exits(), { code: 0, signal: null });
  await eva.receives('sin salto\n');
  assert.match(eva.received, /^(127\.0\.0\.1:\d+ dice: )hola, ñandú\n\1sin salto\n$/);
  assert.deepEqual([client.output, client.errors], ['', NOTES]);
});

const ANSWERS: [Mode, string][] = [
  ['echo', 'Eco del servidor: hola\n'],
  ['ack', 'Mensaje recibido por el servidor (hilo): hola\n'],
];

for (const [mode, answer] of ANSWERS) {
  test(`terminal client prints the answer of mode ${mode} before it leaves`, async (t) => {
    const room = await openRoom(t, { mode });
    const client = await startClient(t, room.port);
    client.type('hola\n');
    client.endInput();
    assert.equal((await client.exits()).code, 0);
    assert.equal(client.output, answer);
  });

  test(`terminal client prints the answer of Python's mode ${mode} before it leaves`, {
    skip: withoutPython,
  }, async (t) => {
    const python = await pythonRoom(t, mode);
    const client = await startClient(t, python.port);
    client.type('hola\n');
    client.endInput();
    assert.equal((await client.exits()).code, 0);
    assert.equal(client.output, answer);
    await python.program.prints('Conexión cerrada por');
    assert.equal(python.program.errors, '');
  });
}

test('terminal client sends many and long lines complete through a Python room', {
  skip: withoutPython,
}, async (t) => {
  const python = await pythonRoom(t);
  const eva = await enter(t, python.port);
  await python.program.prints(`Conexión establecida con ${pythonAddress(eva)}`);
  // A room that reads late gets several chunks at once. Without a character of two bytes that harms nothing.
  const lines = Array.from({ length: 15 }, (_, n) => `${n}: ${'n'.repeat(600)}\n`);
  lines.push(`a${'n'.repeat(4000)}\n`);

  const client = await startClient(t, python.port);
  client.type(lines.join(''));
  client.endInput();
  assert.equal((await client.exits()).code, 0);
  const receivedTexts = () => eva.received.replace(/127\.0\.0\.1:\d+ dice: /g, '');
  const sent = lines.join('');
  await eventually(
    () => receivedTexts().length >= sent.length,
    () => `${receivedTexts().length} of ${sent.length} characters came`,
  );
  assert.equal(receivedTexts(), sent);
  assert.equal(python.program.errors, '');
});

test('terminal client leaves a Python room unharmed while messages are on their way to it', {
  skip: withoutPython,
}, async (t) => {
  const python = await pythonRoom(t);
  const [ana, eva] = [await enter(t, python.port), await enter(t, python.port)];
  for (const client of [ana, eva])
    await python.program.prints(`Conexión establecida con ${pythonAddress(client)}`);
  for (let round = 0; round < 5; round++) {
    const client = await startClient(t, python.port);
    client.type('hola\n');
    await ana.receives('hola\n');
    client.endInput();
    while (client.child.exitCode === null) {
      ana.send(`${'x'.repeat(500)}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal((await client.exits()).code, 0);
  }
  ana.send('fin\n');
  await eva.receives('fin\n');
  assert.equal(python.program.errors, '');
});

test('terminal client prints a character cut in two as one, and no control characters', async (t) => {
  const server = await bareServer(t);
  const [client, socket] = await Promise.all([startClient(t, server.port), server.accepts()]);
  const [first, rest] = [Buffer.from('a\x1b[2Jñ').subarray(0, -1), Buffer.from('ñ\n').subarray(1)];
  socket.write(first);
  await client.prints('a[2J');
  socket.write(rest);
  await client.prints('\n');
  assert.equal(client.output, 'a[2Jñ\n');
});

test('terminal client prints no character that reorders text', async (t) => {
  const server = await bareServer(t);
  const [client, socket] = await Promise.all([startClient(t, server.port), server.accepts()]);
  socket.write('a\u202ab\u202bc\u202cd\u202de\u202ef\u2066g\u2067h\u2068i\u2069 \u200eשלום\u200f.\n');
  await client.prints('\n');
  assert.equal(client.output, 'abcdefghi \u200eשלום\u200f.\n');
});

test('terminal client leaves at salir, in any case, and sends no more', async (t) => {
  const room = await openRoom(t);
  const eva = await room.enter();
  const client = await startClient(t, room.port);
  client.type('hola\n\nSalir\nno digas esto\n');
  assert.equal((await client.exits()).code, 0);
  await eva.receives('hola\n');
  assert.match(eva.received, /^\S+ dice: hola\n$/);
});

test('terminal client leaves at salir with blanks around it', async (t) => {
  const room = await openRoom(t);
  const eva = await room.enter();
  const client = await startClient(t, room.port);
  client.type('salir de casa\n salir \t\nno digas esto\n');
  assert.equal((await client.exits()).code, 0);
  await eva.receives('salir de casa\n');
  assert.match(eva.received, /^\S+ dice: salir de casa\n$/);
});

test('terminal client takes host and port as two arguments too', async (t) => {
  const room = await openRoom(t);
  const client = await startClient(t, ['127.0.0.1', `${room.port}`]);
  client.endInput();
  assert.deepEqual(await client.exits(), { code: 0, signal: null });
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`terminal client leaves with a FIN at ${signal}`, async (t) => {
    const room = await openRoom(t);
    const client = await startClient(t, room.port);
    client.type('hola\n');
    await eventually(
      () => room.log.length > 1,
      () => 'nothing was sent',
    );
    assert.deepEqual(await client.stop(signal), { code: 0, signal: null });
    await eventually(
      () => room.log.at(-1)?.startsWith('Conexión cerrada por'),
      () => `${room.log}`,
    );
    assert.equal(client.errors, NOTES);
  });
}

test('terminal client reports in one line that there is no server', async (t) => {
  const client = await startClient(t, await freePort());
  assert.equal((await client.exits()).code, 1);
  assert.equal(
    client.errors,
    'No se pudo conectar al servidor. Asegúrate de que el servidor esté en ejecución.\n',
  );
});

test('terminal client reports an invalid port in one line', async (t) => {
  const client = await startClient(t, ['sala', 'doce']);
  assert.equal((await client.exits()).code, 2);
  assert.match(client.errors, /^Dirección no válida: sala doce\..*\n$/);
});

test('terminal client reports an invalid address in one line', async (t) => {
  const client = await startClient(t, 'sala:doce');
  assert.equal((await client.exits()).code, 2);
  assert.match(client.errors, /^Dirección no válida: sala:doce\..*\n$/);
});

test('terminal client reports that the room closed, and exits with code 1', async (t) => {
  const room = await openRoom(t);
  const client = await startClient(t, room.port);
  client.type('hola\n');
  await eventually(
    () => room.log.length > 1,
    () => 'nothing was sent',
  );
  await room.room.close();
  assert.equal((await client.exits()).code, 1);
  assert.match(client.errors, /\nConexión con el servidor cerrada\.\nCerrando/);
});

test('terminal client prints that the room is full', async (t) => {
  const room = await openRoom(t, { maxClients: 1 });
  await room.enter();
  const client = await startClient(t, room.port);
  assert.equal((await client.exits()).code, 1);
  assert.equal(client.output, 'La sala está llena. Inténtalo más tarde.\n');
});

test('terminal client reaches a room on IPv6', async (t) => {
  const room = await openRoom(t, {}, '::1');
  const eva = await room.enter('::1');
  const client = await startClient(t, `[::1]:${room.port}`);
  client.type('hola\n');
  client.endInput();
  assert.equal((await client.exits()).code, 0);
  await eva.receives('hola\n');
  assert.match(eva.received, /^\[::1\]:\d+ dice: hola\n$/);
});

test('terminal client and nc exchange messages in one room', { skip: without('nc') }, async (t) => {
  const room = await openRoom(t);
  const nc = await start(t, 'nc', ['127.0.0.1', `${room.port}`]);
  await eventually(
    () => room.log.length > 0,
    () => 'nc did not get in',
  );
  const client = await startClient(t, room.port);
  client.type('hola desde el cliente\n');
  await nc.prints(/^\S+ dice: hola desde el cliente\n$/);
  nc.type('hola desde nc\n');
  await client.prints(/^\S+ dice: hola desde nc\n$/);
});
