import assert from 'node:assert/strict';
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { findHeadlessChromium, HOW_TO_GET_CHROMIUM } from '../../scripts/lib/chromium.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { openBrowser, openPage } from '../helpers/page/browser.ts';

/** Longest build of the image, ms. It installs the dependencies and builds the programs and the page. */
const BUILD_TIMEOUT_MS = 600_000;
const HEALTHY_WITHIN_MS = 300_000;
const RECEIVED_WITHIN_MS = 60_000;

const SERVICES = ['tcp-server', 'gateway'];
const CADDY_STAND_IN = 'tertulia-test-caddy';
const PROJECT = `tertulia-test-${process.pid}`;

const compose = composeCommand();

const caddyImage = compose ? imageOfCaddy() : undefined;
/** Without Caddy the other containers run by themselves. */
const profile = caddyImage ? ['--profile', 'tls'] : [];

describe('docker compose', { skip: compose ? false : 'no Docker engine with compose answers' }, () => {
  let env: NodeJS.ProcessEnv;

  before(
    async () => {
      env = {
        ...process.env,
        TCP_PORT: await freePort(),
        HTTP_PORT: await freePort(),
        HTTPS_PORT: await freePort(),
        REDIRECT_PORT: await freePort(),
        SITE: 'localhost',
        CADDY_IMAGE: caddyImage ?? '',
      };
      await inCompose('build');
      await inCompose(...profile, 'up', '-d');
    },
    { timeout: BUILD_TIMEOUT_MS },
  );

  after(() => inCompose(...profile, 'down', '-v', '--timeout', '5'), { timeout: 60_000 });

  test('containers become healthy', { timeout: HEALTHY_WITHIN_MS }, async () => {
    for (const service of SERVICES) {
      while ((await inspect(service, '{{.State.Health.Status}}')) !== 'healthy') await pause(500);
    }
  });

  test('containers serve the page', async () => {
    const response = await fetch(`http://127.0.0.1:${env.HTTP_PORT}/`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<!doctype html>/i);
  });

  test("containers let a terminal and a WebSocket receive each other's messages", {
    timeout: RECEIVED_WITHIN_MS * 3,
  }, async () => {
    const terminal = connect(Number(env.TCP_PORT), '127.0.0.1');
    const browser = new WebSocket(`ws://127.0.0.1:${env.HTTP_PORT}/ws`);
    const heardInTerminal = collect(terminal, 'data');
    const heardInBrowser = collect(browser, 'message');
    await Promise.all([once(terminal, 'connect'), once(browser, 'open')]);

    await repeatUntil(heardInBrowser, /^\S+:\d+ dice: desde la terminal$/m, () =>
      terminal.write('desde la terminal\n'),
    );
    await repeatUntil(heardInTerminal, /^\S+:\d+ dice: desde el navegador$/m, () =>
      browser.send('desde el navegador'),
    );

    browser.close();
    await leave(terminal);
  });

  test("terminal sees the address of a browser, not that of the gateway's container", {
    timeout: RECEIVED_WITHIN_MS * 3,
  }, async () => {
    const ip = await inspect('gateway', addressIn('pages'));
    const terminal = connect(Number(env.TCP_PORT), '127.0.0.1');
    const heardInTerminal = collect(terminal, 'data');
    const tcp = connect(8080, ip);
    await Promise.all([once(terminal, 'connect'), once(tcp, 'connect')]);
    const own = `${tcp.localAddress}:${tcp.localPort}`;
    const browser = new WebSocket(`ws://${ip}:8080/ws`, { createConnection: () => tcp });
    await once(browser, 'open');
    await repeatUntil(
      heardInTerminal,
      new RegExp(`^${own.replaceAll('.', '\\.')} dice: ¿dónde estoy\\?$`, 'm'),
      () => browser.send('¿dónde estoy?'),
    );
    browser.close();
    await leave(terminal);
  });

  const withoutChromium = findHeadlessChromium() ? false : HOW_TO_GET_CHROMIUM;
  const withoutCaddy = caddyImage ? false : 'neither the image of Caddy nor the program is here';
  test('containers serve the page and the WebSocket by https', {
    skip: withoutCaddy,
    timeout: HEALTHY_WITHIN_MS,
  }, async () => {
    const page = await overTls('/');
    assert.equal(page.status, 200);
    assert.match(page.text, /<!doctype html>/i);
    const browser = new WebSocket(`wss://localhost:${env.HTTPS_PORT}/ws`, { rejectUnauthorized: false });
    await once(browser, 'open');
    const terminal = connect(Number(env.TCP_PORT), '127.0.0.1');
    const heardInTerminal = collect(terminal, 'data');
    await repeatUntil(heardInTerminal, /^\S+:\d+ dice: por https$/m, () => browser.send('por https'));
    browser.close();
    await leave(terminal);
  });

  test('browser by https has the same address for itself and for terminals', {
    skip: withoutCaddy || withoutChromium,
    timeout: HEALTHY_WITHIN_MS,
  }, async (t) => {
    await overTls('/');
    const terminal = connect(Number(env.TCP_PORT), '127.0.0.1');
    const heardInTerminal = collect(terminal, 'data');
    const url = `https://localhost:${env.HTTPS_PORT}/`;
    const page = await openPage(await openBrowser(t), url, { ignoreHTTPSErrors: true });
    const ip = (await page.address()).replace(/:\d+$/, '');
    assert.notEqual(ip, await inspect('gateway', addressIn('room')));
    assert.notEqual(ip, await inspect('caddy', addressIn('edge')));
    await page.send('por https, desde un navegador');
    await page.showsReceipt('por https, desde un navegador');
    assert.ok(heardInTerminal.text.includes(`${await page.address()} dice: por https, desde un navegador`));
    terminal.write('por TCP\n');
    await page.shows('por TCP');
    assert.deepEqual(page.complaints, []);
    await leave(terminal);
  });

  test('containers run as an unprivileged user that can write only their data', async () => {
    const program =
      "require('fs').writeFileSync('/data/x', ''); require('fs').rmSync('/data/x'); process.stdout.write(String(process.getuid()))";
    assert.equal(await inCompose('exec', '-T', 'gateway', 'node', '-e', program), '1000');
    await assert.rejects(
      inCompose('exec', '-T', 'gateway', 'node', '-e', "require('fs').writeFileSync('/app/x', '')"),
      /EROFS/,
    );
  });

  test('containers stop by themselves before Docker kills them', { timeout: HEALTHY_WITHIN_MS }, async () => {
    const ids = await Promise.all(SERVICES.map(containerOf));
    await inCompose('stop');
    const exitCodes = await Promise.all(
      ids.map((id) => docker('inspect', '--format', '{{.State.ExitCode}}', id)),
    );
    assert.deepEqual(exitCodes, ['0', '0']);
  });

  /** Caddy makes its certificate first. */
  async function overTls(path: string): Promise<{ status: number | undefined; text: string }> {
    for (;;) {
      try {
        return await getOverTls(`https://localhost:${env.HTTPS_PORT}${path}`);
      } catch {
        await pause(500);
      }
    }
  }

  async function inCompose(...args: string[]): Promise<string> {
    const [program = '', ...before] = compose ?? [];
    return run(program, [...before, '-p', PROJECT, ...args], env);
  }

  async function inspect(service: string, format: string): Promise<string> {
    return docker('inspect', '--format', format, await containerOf(service));
  }

  /** Newer versions list stopped containers only with `ps -a`. */
  async function containerOf(service: string): Promise<string> {
    const label = (name: string, value: string) => ['--filter', `label=com.docker.compose.${name}=${value}`];
    return docker('ps', '-aq', ...label('project', PROJECT), ...label('service', service));
  }
});

function addressIn(network: string): string {
  return `{{(index .NetworkSettings.Networks "${PROJECT}_${network}").IPAddress}}`;
}

/** The plugin or the older program, or undefined where no engine answers. */
function composeCommand(): string[] | undefined {
  if (!works('docker', 'info')) return undefined;
  return [['docker', 'compose'], ['docker-compose']].find(([program = '', ...args]) =>
    works(program, ...args, 'version'),
  );
}

/** The image that Compose would pull, or one made of this machine's Caddy where no registry answers. */
function imageOfCaddy(): string | undefined {
  if (works('docker', 'pull', '-q', 'caddy:2-alpine')) return 'caddy:2-alpine';
  const binary = ['/usr/bin/caddy', '/usr/local/bin/caddy'].find((path) => existsSync(path));
  if (!binary) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'caddy-'));
  copyFileSync(binary, join(folder, 'caddy'));
  const lines = [
    'FROM node:24-bookworm-slim',
    'COPY caddy /usr/bin/caddy',
    'ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config',
    'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]',
  ];
  writeFileSync(join(folder, 'Dockerfile'), lines.join('\n'));
  const isBuilt = works('docker', 'build', '-q', '-t', CADDY_STAND_IN, folder);
  rmSync(folder, { recursive: true });
  return isBuilt ? CADDY_STAND_IN : undefined;
}

function getOverTls(url: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { rejectUnauthorized: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
  });
}

function works(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

function docker(...args: string[]): Promise<string> {
  return run('docker', args, process.env);
}

/** Returns what the command prints. It rejects with its error output. */
async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd: inProject(), env, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(program, args, options)).stdout.trim();
  } catch (error) {
    const { stdout, stderr } = error as ExecFileException;
    throw new Error(`${program} ${args.join(' ')}: ${stderr}\n${stdout?.slice(-2_000)}`);
  }
}

/** Collects everything that arrives as one growing text. */
function collect(source: Socket | WebSocket, event: 'data' | 'message'): { text: string } {
  const heard = { text: '' };
  source.on(event, (piece: Buffer) => {
    heard.text += piece.toString();
  });
  return heard;
}

/** Repeats the message, because a connection that the room has not accepted yet receives nothing. */
async function repeatUntil(heard: { text: string }, expected: RegExp, say: () => void): Promise<void> {
  const deadline = Date.now() + RECEIVED_WITHIN_MS;
  while (!expected.test(heard.text)) {
    assert.ok(Date.now() < deadline, `not heard: ${expected}, but: ${heard.text}`);
    say();
    await pause(300);
  }
}

async function leave(socket: Socket): Promise<void> {
  socket.end();
  await once(socket, 'close');
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return String(port);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
