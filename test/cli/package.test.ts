/**
 * The package: one file that installs without a compiler, and runs in an empty folder.
 */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { openTab } from '../helpers/gateway.ts';
import { type Program, start, without } from '../helpers/process.ts';
import { enter, freePort } from '../helpers/tcp.ts';
import { openTerminal, withoutTmux } from '../tcp-server/client/tmux-terminal.ts';

const ON_WINDOWS = process.platform === 'win32' && 'the shim of npm needs a shell on Windows';
const MAX_UNPACKED_BYTES = 3 * 1024 * 1024;
/** Longest installation, ms. It downloads the dependencies that npm has not cached. */
const INSTALLS_WITHIN_MS = 240_000;
/** Errors of npm without a network. */
const IS_OFFLINE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/;

const ANY_PORTS = ['--tcp-port', '0', '--http-port', '0'];
/** The line in JSON with the addresses of page and room. */
const READY = /"browsers":\["http:\/\/localhost:(\d+)".*"terminals":\["nc \S+ (\d+)"/;
/** The user id of a user without rights, on every Unix. */
const NOBODY = 65_534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
/** Arguments of `unshare`: a network with nothing but the machine itself, then the program and its arguments. */
const OFFLINE = ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];
const withoutOtherUser = reasonWithoutOtherUser();
const withoutNamespaces = reasonWithoutNamespaces();

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

describe('package', { skip: ON_WINDOWS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-package-'));
  const [prefix, home, nobodysHome, empty] = ['prefix', 'home', 'nobody', 'empty'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const tertulia = join(prefix, 'bin', 'tertulia');
  let packed: Packed;
  let offline: string | undefined;
  /** The warnings of npm during the installation. */
  let warnings: string;

  before(() => {
    chmodSync(folder, 0o755);
    for (const path of [prefix, home, nobodysHome, empty]) mkdirSync(path);
    if (!withoutOtherUser) chownSync(nobodysHome, NOBODY, NOBODY);
    // The test command has built everything. Another build would remove what other tests run.
    const pack = npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
    assert.equal(pack.status, 0, pack.stderr);
    packed = parsePacked(pack.stdout);
    const file = join(folder, packed.filename);
    const install = npm([
      'install',
      '--global',
      `--prefix=${prefix}`,
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      file,
    ]);
    if (install.status !== 0 && IS_OFFLINE.test(install.stderr)) offline = 'npm reaches no registry';
    else assert.equal(install.status, 0, install.stderr);
    warnings = install.stderr;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('package holds programs, page and documents of the help, and is small', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'dist/cli/main.js',
      'dist/connection/client.d.ts',
      'dist/connection/client.js',
      'dist/gateway/main.js',
      'dist/gateway/protocol.d.ts',
      'dist/tcp-server/client/main.js',
      'dist/tertulia.1',
      'dist/web/index.html',
      'docs/client.md',
      'docs/configuration.md',
      'docs/es/configuracion.md',
    ]) {
      assert.ok(paths.includes(path), path);
    }
    assert.deepEqual(
      paths.filter((path) => /\.map$|^(test|bench|scripts|web|gateway)\//.test(path)),
      [],
    );
    assert.ok(packed.unpackedSize <= MAX_UNPACKED_BYTES, `${packed.unpackedSize} bytes`);
    const { scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    assert.equal(scripts.prepack, 'npm run build');
    for (const readme of ['README.md', 'README.es.md']) {
      assert.ok(readFileSync(inProject(readme), 'utf8').includes(`./${packed.filename} `), readme);
    }
  });

  test('installation brings the man page', (t) => {
    if (offline) return t.skip(offline);
    assert.match(readFileSync(join(prefix, 'share/man/man1/tertulia.1'), 'utf8'), /^\.TH TERTULIA 1/);
  });

  test('installation warns of nothing', (t) => {
    if (offline) return t.skip(offline);
    assert.equal(warnings, '');
  });

  test('installed command serves page and room in a terminal, and stops at Ctrl-C', async (t) => {
    if (offline || withoutTmux) return t.skip(offline || `${withoutTmux}`);
    const [roomPort, pagePort] = [await freePort(), await freePort()];
    const command = [tertulia, '--tcp-port', roomPort, '--http-port', pagePort].join(' ');
    const terminal = await openTerminal(
      t,
      `cd ${empty} && env -i ${spelled(environment(home))} ${command}`,
      100,
      60,
    );
    await terminal.shows('Ctrl-C');
    await terminal.shows(`http://localhost:${pagePort}`);
    await talk(t, { roomPort, pagePort });
    await terminal.shows(/ 127\.0\.0\.1:\d+ joined$/m);
    await terminal.shows(/ 127\.0\.0\.1:\d+ joined from a terminal$/m);
    assert.ok(readFileSync(join(home, 'data', 'tertulia', 'transcript.db')).length > 0);
    terminal.presses('C-c');
    await terminal.shows('exit code 0');
    assert.doesNotMatch(terminal.screen, /Error|Warning| {4}at /);
  });

  test('installed command runs as an ordinary user', { skip: withoutOtherUser }, async (t) => {
    if (offline) return t.skip(offline);
    const { command, ...ports } = await run(t, 'setpriv', [...AS_NOBODY, tertulia], nobodysHome);
    await talk(t, ports);
    assert.equal(statSync(join(nobodysHome, 'data', 'tertulia', 'transcript.db')).uid, NOBODY);
    assert.equal((await command.stop('SIGINT')).code, 0);
  });

  test('installed command reports a data folder of another user in one line', {
    skip: withoutOtherUser,
  }, async (t) => {
    if (offline) return t.skip(offline);
    const args = [...AS_NOBODY, tertulia, '--data-dir', join(folder, 'data'), ...ANY_PORTS];
    const command = await launch(t, 'setpriv', args, nobodysHome);
    assert.equal((await command.exits()).code, 1);
    assert.equal(command.output, '');
    assert.match(command.errors, /^Could not write to the data folder .*: .*permission denied.*\n$/);
  });

  test('installed command runs without a network', { skip: withoutNamespaces }, async (t) => {
    if (offline) return t.skip(offline);
    const { command, pagePort, roomPort } = await run(t, 'unshare', [...OFFLINE, tertulia], home);
    assert.match(command.output, new RegExp(`"browsers":\\["http://localhost:${pagePort}"\\]`));
    const inside = ['--target', `${command.child.pid}`, '--net', process.execPath];
    const client = await launch(t, 'nsenter', [...inside, tertulia, 'client', `127.0.0.1:${roomPort}`], home);
    client.type('hola\n');
    client.endInput();
    assert.equal((await client.exits()).code, 0);
    const read = `console.log(await (await fetch('http://127.0.0.1:${pagePort}/api/messages')).text())`;
    const reader = await launch(t, 'nsenter', [...inside, '--input-type=module', '--eval', read], home);
    await reader.prints('"text":"hola"');
    assert.equal((await command.stop('SIGINT')).code, 0);
  });

  test('installed command reports a taken port in one line', async (t) => {
    if (offline) return t.skip(offline);
    const server = createServer().listen(0);
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const command = await launch(t, tertulia, ['--tcp-port', '0', '--http-port', `${port}`], home);
    assert.equal((await command.exits()).code, 1);
    assert.equal(command.output, '');
    assert.match(command.errors, new RegExp(`^Port ${port} is in use\\..*\\n$`));
  });

  test('installed command reports its version', async (t) => {
    if (offline) return t.skip(offline);
    const command = await launch(t, tertulia, ['--version'], home);
    assert.equal((await command.exits()).code, 0);
    assert.match(command.output, /^\d+\.\d+\.\d+\n$/);
  });

  /** Starts the command in the empty folder, and nothing of this process's environment. */
  function launch(t: Cleanup, program: string, args: string[], home: string): Promise<Program> {
    const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
    return start(t, program, args, { ...nothing, ...environment(home) }, 'pipe', empty);
  }

  /** Starts the room and the page, and waits until both are ready. */
  async function run(t: Cleanup, program: string, args: string[], home: string): Promise<Running> {
    const command = await launch(t, program, [...args, ...ANY_PORTS], home);
    const [, pagePort, roomPort] = await command.prints(READY);
    return { command, pagePort: Number(pagePort), roomPort: Number(roomPort) };
  }
});

interface Ports {
  roomPort: number;
  pagePort: number;
}

interface Running extends Ports {
  command: Program;
}

/** Opens the page, and talks in both directions between a browser and a terminal. */
async function talk(t: Cleanup, { roomPort, pagePort }: Ports): Promise<void> {
  const page = await fetch(`http://127.0.0.1:${pagePort}/`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<script/);
  const browser = await openTab(t, { port: pagePort });
  const terminal = await enter(t, roomPort);
  const id = browser.say('hola, terminal');
  await terminal.receives('dice: hola, terminal\n');
  await browser.receivesReceipt(id, 'heard');
  terminal.send('hola, navegador\n');
  await browser.receives('hola, navegador');
}

function environment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    LC_ALL: 'C',
    TERM: 'xterm',
  };
}

function spelled(environment: Record<string, string>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Returns the reason to skip a test that runs as another user. */
function reasonWithoutOtherUser(): string | false {
  if (process.getuid?.() !== 0)
    return 'only root can become another user; the other tests run as an ordinary one';
  return without('setpriv');
}

/** Returns the reason to skip a test that takes the network away. */
function reasonWithoutNamespaces(): string | false {
  const missing = without('unshare', 'nsenter', 'ip');
  if (missing) return missing;
  const isAllowed = spawnSync('unshare', [...OFFLINE, 'true']).status === 0;
  return !isAllowed && 'this user may not create a network namespace';
}

function npm(args: string[]): SpawnSyncReturns<string> {
  return spawnSync('npm', args, { cwd: inProject(), encoding: 'utf8', timeout: INSTALLS_WITHIN_MS });
}

/** npm before 12 prints a list, later versions an object by name. */
function parsePacked(text: string): Packed {
  const [packed] = Object.values(JSON.parse(text) as Record<string, Packed>);
  assert.ok(packed);
  return packed;
}
