/**
 * The package: one file that installs without a compiler, and runs in an empty folder.
 */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/tcp.ts';

const ON_WINDOWS = process.platform === 'win32' && 'the shim of npm needs a shell on Windows';
const MAX_UNPACKED_BYTES = 3 * 1024 * 1024;
/** Longest installation, ms. It downloads the dependencies that npm has not cached. */
const INSTALLS_WITHIN_MS = 240_000;
const STARTS_WITHIN_MS = 60_000;
/** Errors of npm without a network. */
const IS_OFFLINE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/;

interface Packed {
  filename: string;
  unpackedSize: number;
  files: { path: string }[];
}

describe('package', { skip: ON_WINDOWS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-package-'));
  const [prefix, home, empty] = ['prefix', 'home', 'empty'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  let packed: Packed;
  let offline: string | undefined;

  before(() => {
    for (const path of [prefix, home, empty]) mkdirSync(path);
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
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('package holds programs, page and documents of the help, and is small', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'dist/cli/main.js',
      'dist/gateway/main.js',
      'dist/gateway/protocol.d.ts',
      'dist/tcp-server/client/main.js',
      'dist/web/index.html',
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

  test('installed command serves the page in an empty folder and stops at SIGINT', async (t) => {
    if (offline) return t.skip(offline);
    const [roomPort, pagePort] = [await freePort(), await freePort()];
    const command = launch(t, ['--tcp-port', `${roomPort}`, '--http-port', `${pagePort}`]);
    await eventually(
      () => command.output().includes('"msg":"ready"'),
      () => command.output(),
      STARTS_WITHIN_MS,
    );
    const page = await fetch(`http://127.0.0.1:${pagePort}/`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<script/);
    for (const line of command.output().trimEnd().split('\n'))
      assert.doesNotThrow(() => JSON.parse(line), line);
    const dataDir = join(home, 'data', 'tertulia');
    assert.ok(readFileSync(join(dataDir, 'transcript.db')).length > 0);
    command.child.kill('SIGINT');
    assert.equal(await command.exitCode(), 0);
  });

  test('installed command reports a taken port in one line', async (t) => {
    if (offline) return t.skip(offline);
    const server = createServer().listen(0);
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const command = launch(t, ['--tcp-port', '0', '--http-port', `${port}`]);
    assert.equal(await command.exitCode(), 1);
    assert.match(command.output(), new RegExp(`^Port ${port} is in use\\..*\\n$`));
  });

  test('installed command reports its version', async (t) => {
    if (offline) return t.skip(offline);
    const command = launch(t, ['--version']);
    assert.equal(await command.exitCode(), 0);
    assert.match(command.output(), /^\d+\.\d+\.\d+\n$/);
  });

  function launch(t: TestContext, args: string[]) {
    const child = spawn(join(prefix, 'bin', 'tertulia'), args, {
      cwd: empty,
      env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: join(home, 'data'), LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => child.kill());
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const closed = once(child, 'close');
    return {
      child,
      output: () => output,
      exitCode: async () => {
        await closed;
        return child.exitCode;
      },
    };
  }
});

function npm(args: string[]): SpawnSyncReturns<string> {
  return spawnSync('npm', args, { cwd: inProject(), encoding: 'utf8', timeout: INSTALLS_WITHIN_MS });
}

/** npm before 12 prints a list, later versions an object by name. */
function parsePacked(text: string): Packed {
  const [packed] = Object.values(JSON.parse(text) as Record<string, Packed>);
  assert.ok(packed);
  return packed;
}
