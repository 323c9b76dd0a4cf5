import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Invitation } from '../../gateway/protocol.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { makePair, withoutOpenssl } from '../helpers/certificate.ts';
import { freePort } from '../helpers/tcp.ts';

/** Windows ends a process instead of sending a signal. */
const NEEDS_SIGNALS = process.platform === 'win32' && 'there are no signals to ask with';

const dataDir = mkdtempSync(join(tmpdir(), 'tertulia-start-'));
const children: ChildProcess[] = [];

after(async () => {
  await Promise.all(children.map((child) => end(child, 'SIGTERM')));
  rmSync(dataDir, { recursive: true, force: true });
});

describe('npm start', () => {
  test('npm start opens the room to browsers and terminals, and prints how to join', async () => {
    const start = await startAll();
    assert.match(start.text(), new RegExp(`http://localhost:${start.httpPort}\n`));
    assert.match(start.text(), new RegExp(`nc localhost ${start.tcpPort}\n`));
    assert.match(start.text(), new RegExp(`npm run client localhost:${start.tcpPort}\n`));
    assert.equal((await fetch(`http://127.0.0.1:${start.httpPort}/readyz`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${start.httpPort}/`)).status, 200);
    const onRoomPort = await (await fetch(`http://127.0.0.1:${start.tcpPort}/`)).text();
    assert.match(onRoomPort, new RegExp(`http://127\\.0\\.0\\.1:${start.httpPort}\n`));
    await end(start.child, 'SIGTERM');
  });

  test('npm start shows terminals the addresses of browsers and invites to the public port', async () => {
    const start = await startAll();
    const invitation = await (await fetch(`http://127.0.0.1:${start.httpPort}/api/invite`)).json();
    assert.deepEqual((invitation as Invitation).room, { host: null, port: Number(start.tcpPort) });
    const terminal = connect(Number(start.tcpPort), '127.0.0.1').setEncoding('utf8');
    await once(terminal, 'connect');
    const browser = new WebSocket(`ws://127.0.0.1:${start.httpPort}/ws`);
    await once(browser, 'open');
    const { localPort } = (browser as WebSocket & { _socket: Socket })._socket;
    browser.send('hola');
    const [text] = await once(terminal, 'data');
    assert.equal(text, `127.0.0.1:${localPort} dice: hola\n`);
    await start.says(new RegExp(`^\\d\\d:\\d\\d  127\\.0\\.0\\.1:${localPort} joined`, 'm'));
    browser.close();
    terminal.destroy();
    await end(start.child, 'SIGTERM');
    // Into a pipe too, all of it is text for people.
    assert.doesNotMatch(start.text(), /^\{|dice: /m);
  });

  test('npm start serves https with a certificate, also one for another name', {
    skip: withoutOpenssl,
  }, async () => {
    const { cert, key } = makePair(dataDir, 'tertulia.example');
    const start = await startAll({ TLS_CERT: cert, TLS_KEY: key });
    assert.match(start.text(), new RegExp(`https://localhost:${start.httpPort}\n`));
    assert.doesNotMatch(start.text(), /http:/);
    await end(start.child, 'SIGTERM');
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`npm start stops both programs in order at ${signal}, with exit code 0`, {
      skip: NEEDS_SIGNALS,
    }, async () => {
      const start = await startAll();
      assert.equal(await end(start.child, signal), 0);
      assert.equal(await isFree(start.tcpPort), true);
      assert.equal(await isFree(start.httpPort), true);
    });
  }

  test("npm start prints a remedy when the room's port is taken, and starts nothing", async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = run(['scripts/start.ts'], { TCP_PORT: String(port), HTTP_PORT: `${await freePort()}` });
    assert.equal(await exitCode(start.child), 1);
    assert.match(start.text(), new RegExp(`Port ${port} is in use.* TCP_PORT .*npm run start:gateway`));
    other.close();
  });

  test('npm start reports that the port of the page is taken', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = run(['scripts/start.ts'], { TCP_PORT: `${await freePort()}`, HTTP_PORT: String(port) });
    assert.equal(await exitCode(start.child), 1);
    assert.match(start.text(), new RegExp(`Port ${port} is in use.* HTTP_PORT `));
    other.close();
  });

  test('npm start refuses a value that is not allowed with one line and exit code 2', async () => {
    const start = run(['scripts/start.ts'], { TCP_PORT: 'abc', HTTP_PORT: `${await freePort()}` });
    assert.equal(await exitCode(start.child), 2);
    assert.match(start.text(), /^TCP_PORT=abc \(environment\): must be integer\..*\n$/);
  });

  test('npm start ends with the program that refuses its configuration', async () => {
    const env = {
      TCP_PORT: `${await freePort()}`,
      HTTP_PORT: `${await freePort()}`,
      TLS_CERT: '/nowhere/cert.pem',
    };
    const start = run(['scripts/start.ts'], env);
    assert.equal(await exitCode(start.child), 1);
    assert.match(start.text(), /cert\.pem/);
    assert.match(start.text(), /The gateway ended with exit code 2/);
  });
});

describe('npm run start:tcp-server', () => {
  test("npm run start:tcp-server runs until stopped, with the program's exit code", {
    skip: NEEDS_SIGNALS,
  }, async () => {
    const room = run(['scripts/run.ts', 'tcp-server'], { TCP_PORT: `${await freePort()}` });
    await room.says(/Servidor escuchando en /);
    assert.equal(await end(room.child, 'SIGTERM'), 0);
  });

  test('npm run start:tcp-server passes on why the program refuses to start', async () => {
    const room = run(['scripts/run.ts', 'tcp-server'], { TCP_PORT: 'abc' });
    assert.equal(await exitCode(room.child), 2);
  });
});

interface Started {
  child: ChildProcess;
  /** Everything it has printed. */
  text: () => string;
  says: (sign: RegExp) => Promise<void>;
}

async function startAll(
  env: NodeJS.ProcessEnv = {},
): Promise<Started & { tcpPort: string; httpPort: string }> {
  const [tcpPort, httpPort] = [`${await freePort()}`, `${await freePort()}`];
  const started = run(['scripts/start.ts'], { TCP_PORT: tcpPort, HTTP_PORT: httpPort, ...env });
  await started.says(/Ctrl-C/);
  return { ...started, tcpPort, httpPort };
}

function run(script: string[], env: NodeJS.ProcessEnv): Started {
  // Variables of this test run are removed. It runs under npm, and its servers would stop with that npm.
  const {
    npm_lifecycle_event: _,
    TCP_HOST: _1,
    HTTP_HOST: _2,
    ROOM_HOST: _3,
    ROOM_PORT: _4,
    ...ours
  } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', ...script], {
    cwd: inProject(),
    env: { ...ours, LC_ALL: 'C', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const text = () => printed;
  return { child, text, says: (sign) => untilSaid(child, text, sign) };
}

async function untilSaid(child: ChildProcess, text: () => string, sign: RegExp): Promise<void> {
  while (!sign.test(text())) {
    const code = child.exitCode;
    assert.equal(code, null, `ended with exit code ${code}: ${text()}`);
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')]);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  return exitCode(child);
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode;
}

function isFree(port: string): Promise<boolean> {
  const socket = connect(Number(port), '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', () => resolve(true));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
