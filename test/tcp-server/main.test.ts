import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cleanup } from '../helpers/eventually.ts';
import { type Program, start } from '../helpers/process.ts';
import { enter, type TcpClient } from '../helpers/tcp.ts';
import { pythonAddress } from './chat-server-fixture.ts';

const PROGRAM = 'dist/tcp-server/main.js';

interface Server {
  program: Program;
  port: number;
  enter(): Promise<TcpClient>;
}

async function startServer(t: Cleanup, env: Record<string, string> = {}): Promise<Server> {
  const program = await start(t, process.execPath, [PROGRAM], {
    TCP_PORT: '0',
    TCP_HOST: '127.0.0.1',
    ...env,
  });
  const [, port] = await program.prints(/^Servidor escuchando en .*:(\d+)\n/);
  const enterRoom = async () => {
    const client = await enter(t, Number(port));
    await program.prints(`Conexión establecida con ${pythonAddress(client)}\n`);
    return client;
  };
  return { program, port: Number(port), enter: enterRoom };
}

test("room server logs the tutorial's lines, to the letter", async (t) => {
  const server = await startServer(t);
  const [ana, eva] = [await server.enter(), await server.enter()];
  ana.send('hola %s\n');
  await eva.receives('hola %s\n');
  await ana.leave();
  await server.program.prints('Conexión cerrada');
  await server.program.stop('SIGINT');
  const expected = [
    `Servidor escuchando en 127.0.0.1:${server.port}`,
    `Conexión establecida con ${pythonAddress(ana)}`,
    `Conexión establecida con ${pythonAddress(eva)}`,
    `Recibido de ${pythonAddress(ana)}: hola %s`,
    `Conexión cerrada por ${pythonAddress(ana)}`,
    '',
    'Servidor detenido.',
    '',
  ];
  assert.deepEqual(server.program.output.split('\n'), expected);
});

for (const TCP_MODE of ['echo', 'ack']) {
  test(`room server logs the tutorial's lines in mode ${TCP_MODE}`, async (t) => {
    const server = await startServer(t, { TCP_MODE });
    const ana = await server.enter();
    ana.send('hola');
    await server.program.prints(`Servidor recibió de ${pythonAddress(ana)}: hola\n`);
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`room server closes all connections at ${signal} and exits with code 0`, async (t) => {
    const server = await startServer(t);
    const [ana, eva] = [await server.enter(), await server.enter()];
    const exit = await server.program.stop(signal);
    assert.deepEqual(exit, { code: 0, signal: null });
    await ana.isEnded();
    await eva.isEnded();
    assert.equal(server.program.errors, '');
  });
}

test('room server reports in one line that the port is taken', async (t) => {
  const { port } = await startServer(t);
  const second = await start(t, process.execPath, [PROGRAM], { TCP_PORT: `${port}`, TCP_HOST: '127.0.0.1' });
  assert.equal((await second.exits()).code, 1);
  assert.match(second.errors, /^No se pudo iniciar el servidor: .*EADDRINUSE.*\n$/);
  assert.equal(second.output, '');
});

const REFUSED: [string, string][] = [
  ['TCP_PORT', '65536'],
  ['TCP_PORT', '-1'],
  ['TCP_PORT', 'doce'],
  ['TCP_MODE', 'shout'],
  ['TCP_MAX_CLIENTS', '0'],
  ['TCP_MAX_MESSAGE_BYTES', '3'],
  ['TCP_MAX_BACKLOG_BYTES', '-1'],
  ['TCP_SLOW_READER_MS', '-1'],
  ['TCP_KEY_WAIT_MS', '-1'],
  ['TCP_KEY_WAIT_MS', '5001'],
  ['TCP_MAX_RATE_BYTES', '0'],
  ['TCP_PAGE_URL', 'chat.example.org'],
  ['TCP_KEEP_ALIVE_MS', '999'],
  ['TCP_CLOSE_TIMEOUT_MS', '-1'],
];

for (const [name, value] of REFUSED) {
  test(`room server refuses ${name}=${value} with one line`, async (t) => {
    const program = await start(t, process.execPath, [PROGRAM], { [name]: value });
    assert.equal((await program.exits()).code, 2);
    assert.match(program.errors, new RegExp(`^Bad configuration: ${name}=${value}: .+\\n$`));
    assert.equal(program.output, '');
  });
}

test('room server with an old setting name stops with one line that has the new name', async (t) => {
  const program = await start(t, process.execPath, [PROGRAM], { TCP_MAX_RATE: '1000' });
  assert.equal((await program.exits()).code, 2);
  assert.equal(program.errors, 'Bad configuration: TCP_MAX_RATE is now called TCP_MAX_RATE_BYTES\n');
});

test('room server accepts the smallest limits', async (t) => {
  const server = await startServer(t, {
    TCP_MAX_CLIENTS: '1',
    TCP_MAX_MESSAGE_BYTES: '4',
    TCP_MAX_BACKLOG_BYTES: '0',
    TCP_SLOW_READER_MS: '0',
    TCP_KEY_WAIT_MS: '0',
    TCP_MAX_RATE_BYTES: '1',
    TCP_KEEP_ALIVE_MS: '1000',
    TCP_CLOSE_TIMEOUT_MS: '0',
    TCP_MODE: 'echo',
  });
  const ana = await server.enter();
  ana.send('hola!');
  await ana.receives('Eco del servidor: holaEco del servidor: !');
  const second = await enter(t, server.port);
  await second.receives('La sala está llena.');
});

test('room server on :: logs its address in brackets', async (t) => {
  const server = await startServer(t, { TCP_HOST: '::' });
  await server.program.prints(`Servidor escuchando en [::]:${server.port}\n`);
});

test('room server goes on when its log is not read any more', async (t) => {
  const server = await startServer(t);
  const [ana, eva] = [await server.enter(), await server.enter()];
  server.program.child.stdout.destroy();
  for (let n = 0; n < 20; n++) {
    ana.send(`${n}\n`);
    await eva.receives(`${ana.address} dice: ${n}\n`);
  }
  assert.equal((await server.program.stop()).code, 0);
});
