/**
 * The command `tertulia`: help, flags, sources of settings, and errors in one line.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMON_SETTINGS, fullHelp, type HelpOptions, shortHelp } from '../../cli/help.ts';
import { flagOf, SETTINGS, userDataDir } from '../../cli/settings.ts';
import { TEXTS } from '../../cli/texts.ts';
import { findProblem, type Setting } from '../../common/env.ts';
import { DOCUMENTS, settingsIn } from '../../scripts/lib/config-tables.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { start } from '../helpers/process.ts';
import { freePort } from '../helpers/tcp.ts';

const COMMAND = inProject('dist/cli/main.js');
const LANGUAGES = ['en', 'es'] as const;

function helpOptions(language: (typeof LANGUAGES)[number], columns = 80): HelpOptions {
  return { language, columns, docs: inProject('docs'), defaults: {} };
}

type Cleanup = Parameters<typeof start>[0];

async function run(t: Cleanup, args: string[], env: Record<string, string> = {}) {
  const program = await start(t, process.execPath, [COMMAND, ...args], { LC_ALL: 'C', ...env });
  const { code } = await program.exits();
  return { code, output: program.output, errors: program.errors };
}

for (const language of LANGUAGES) {
  test(`short help in ${language} fits 24 lines by 80 columns`, () => {
    const lines = shortHelp(helpOptions(language)).split('\n');
    // The line of the prompt follows.
    assert.ok(lines.length <= 23, `${lines.length} lines`);
    assert.deepEqual(
      lines.filter((line) => line.length > 79),
      [],
    );
  });

  for (const columns of [40, 80, 120]) {
    test(`full help in ${language} has every setting with a description in ${columns} columns`, () => {
      const lines = fullHelp(helpOptions(language, columns)).split('\n');
      for (const name of Object.keys(SETTINGS)) {
        const at = lines.findIndex((line) => line.trim().split(' ')[0] === flagOf(name));
        assert.ok(at > 0, name);
        assert.match(lines[at + 1] ?? '', /^ {4}\S/, name);
      }
      const descriptions = lines.filter((line) => line.startsWith('    '));
      assert.deepEqual(
        descriptions.filter((line) => line.length > columns && line.trim().includes(' ')),
        [],
      );
    });
  }
}

test('full help has every setting of docs/configuration.md', () => {
  const path = DOCUMENTS.find(({ isComplete }) => isComplete)?.path ?? '';
  const help = fullHelp(helpOptions('en'));
  const missing = settingsIn(readFileSync(inProject(path), 'utf8')).filter(
    (name) => !help.includes(`  ${flagOf(name)}`),
  );
  assert.deepEqual(missing, []);
});

test('short help has the settings of the README', () => {
  assert.deepEqual(COMMON_SETTINGS, settingsIn(readFileSync(inProject('README.md'), 'utf8')));
});

const REFUSED: [args: string[], line: string][] = [
  [['--http-prt', '9'], 'Unknown flag --http-prt. Did you mean --http-port?'],
  [['--helo'], 'Unknown flag --helo. Did you mean --help?'],
  [['--nothing-like-it'], 'Unknown flag --nothing-like-it. tertulia --help shows the flags.'],
  [['--no-http-port'], 'Unknown flag --no-http-port. Did you mean --http-port?'],
  [['rom'], 'Unknown command rom. Did you mean room?'],
  [['--http-port', 'abc'], '--http-port abc: must be integer. tertulia --help shows the flags.'],
  [['--http-port'], '--http-port needs a value. tertulia --help shows the flags.'],
  [['--http-port', '--tcp-port', '1'], '--http-port needs a value. tertulia --help shows the flags.'],
  [
    ['--room-format', 'dise'],
    '--room-format dise: must be the name of a server, or a template with {text}. Did you mean dice?',
  ],
  [['room', '--mode', 'ecko'], '--mode ecko: must be one of broadcast, echo, ack. Did you mean echo?'],
  [['--log-format', 'jsn'], '--log-format jsn: must be one of text, json. Did you mean json?'],
  [
    ['--room', 'host:99999'],
    '--room host:99999: must be HOST:PORT, for example 192.168.1.20:12345. tertulia --help shows the flags.',
  ],
];

for (const [args, line] of REFUSED) {
  test(`tertulia ${args.join(' ')} ends with exit code 2 and one line`, async (t) => {
    assert.deepEqual(await run(t, args), { code: 2, output: '', errors: `${line}\n` });
  });
}

test('tertulia reports errors in Spanish when the system is Spanish', async (t) => {
  const { errors } = await run(t, ['--http-prt', '9'], { LC_ALL: 'es_ES.UTF-8' });
  assert.equal(errors, 'Opción desconocida: --http-prt. ¿Querías decir --http-port?\n');
});

const BAD_VALUES = ['x', 'Infinity', '-1', '99999999999999999999', 'x'.repeat(100_000), 'http://x y', ' '];

test('no setting has an English error in a Spanish run', () => {
  for (const [name, setting] of Object.entries<Setting>(SETTINGS)) {
    for (const value of BAD_VALUES) {
      const problem = findProblem({ [name]: setting }, { [name]: value });
      if (problem && problem.rule !== 'enum')
        assert.match(TEXTS.es.requirement(problem), /^deben? /, `${name}=${value}`);
    }
  }
});

test('tertulia reports a bad value in Spanish when the system is Spanish', async (t) => {
  const { errors } = await run(t, ['--http-port', 'abc'], { LC_ALL: 'es_ES.UTF-8' });
  assert.equal(errors, '--http-port abc: debe ser un número entero. tertulia --help muestra las opciones.\n');
});

test('flags win over the environment, the environment over the file, the file over defaults', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify({ HTTP_PORT: 1, TCP_PORT: 2, ROOM_PORT: 3, INVITE_LAN: false }));
  const { output, code } = await run(
    t,
    ['--config', file, '--print-config', '--http-port', '9', '--access-code', 'hidden'],
    { HTTP_PORT: '8', TCP_PORT: '7', LOG_LEVEL: '' },
  );
  assert.equal(code, 0);
  const inForce = new Map(
    output
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [, setting = '', source = ''] = /^(\S+) +# (.*)$/.exec(line) ?? [];
        return [setting, source];
      }),
  );
  assert.equal(inForce.get('HTTP_PORT=9'), 'flag --http-port');
  assert.equal(inForce.get('TCP_PORT=7'), 'environment');
  assert.equal(inForce.get('ROOM_PORT=3'), file);
  assert.equal(inForce.get('INVITE_LAN=false'), file);
  assert.equal(inForce.get('LOG_LEVEL=info'), 'default');
  assert.equal(inForce.get('ACCESS_CODE=...'), 'flag --access-code');
  assert.doesNotMatch(output, /hidden/);
  assert.equal(inForce.size, Object.keys(SETTINGS).length);
});

test('tertulia refuses a file with an unknown setting, with the nearest name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'settings.json');
  writeFileSync(file, '{"HTTP_PROT": 1}');
  const { code, errors } = await run(t, ['--config', file]);
  assert.equal(code, 2);
  assert.equal(errors, `${file}: unknown setting HTTP_PROT. Did you mean HTTP_PORT?\n`);
});

test('tertulia reports a data folder that can not be written in one line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-data-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { code, output, errors } = await run(t, ['--data-dir', join(file, 'data')]);
  assert.equal(code, 1);
  assert.equal(output, '');
  assert.match(errors, /^Could not write to the data folder .*\n$/);
});

test('tertulia --room starts the gateway alone and reports a room that does not answer', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-data-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [room, page] = [await freePort(), await freePort()];
  const args = ['--room', `127.0.0.1:${room}`, '--http-port', `${page}`, '--data-dir', folder];
  const program = await start(t, process.execPath, [COMMAND, ...args, '--log-format', 'text'], {
    LC_ALL: 'es_ES.UTF-8',
  });
  await program.prints('Ctrl-C');
  assert.match(program.output, new RegExp(`no responde ninguna sala en 127\\.0\\.0\\.1:${room}\\.`));
  assert.match(program.output, new RegExp(`http://localhost:${page}\n`));
  assert.equal((await fetch(`http://127.0.0.1:${page}/`)).status, 200);
  await assert.rejects(fetch(`http://127.0.0.1:${room}/`));
  assert.equal((await program.stop()).code, 0);
});

test('tertulia serves on free ports when both ports are 0, and writes JSON lines into a pipe', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tertulia-data-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const args = ['--http-port', '0', '--tcp-port', '0', '--data-dir', folder];
  const program = await start(t, process.execPath, [COMMAND, ...args], { LC_ALL: 'C' });
  const [, url = ''] = await program.prints(/"browsers":\["(http:[^"]+)"/);
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await program.stop()).code, 0);
  for (const line of program.output.trimEnd().split('\n')) assert.doesNotThrow(() => JSON.parse(line), line);
});

test('tertulia room starts the room alone, with the log of the tutorial', async (t) => {
  const port = await freePort();
  const args = ['room', '--mode', 'echo', '--host', '127.0.0.1', '--port', `${port}`];
  const room = await start(t, process.execPath, [COMMAND, ...args], { LC_ALL: 'C' });
  await room.prints(`Servidor escuchando en 127.0.0.1:${port}\n`);
  const client = await start(t, process.execPath, [COMMAND, 'client', '127.0.0.1', `${port}`]);
  client.type('hola\n');
  await room.prints(': hola');
  await client.prints('hola');
  client.endInput();
  assert.equal((await client.exits()).code, 0);
  assert.equal((await room.stop()).code, 0);
});

test('tertulia ends when no folder can be created in the data folder', {
  skip: process.platform !== 'linux' && 'only Linux has /proc',
}, async (t) => {
  const args = ['--data-dir', '/proc/none/data', '--http-port', '0', '--tcp-port', '0'];
  const { code, errors } = await run(t, args);
  assert.equal(code, 1);
  assert.match(errors, /\/proc\/none/);
});

test('data of the installed command is in the usual folder of each system', () => {
  assert.equal(userDataDir({}, 'linux', '/home/ana'), join('/home/ana', '.local', 'share', 'tertulia'));
  assert.equal(userDataDir({ XDG_DATA_HOME: '/data' }, 'linux', '/home/ana'), join('/data', 'tertulia'));
  assert.equal(
    userDataDir({}, 'darwin', '/Users/ana'),
    join('/Users/ana', 'Library', 'Application Support', 'tertulia'),
  );
  assert.equal(userDataDir({ LOCALAPPDATA: '/local' }, 'win32', '/Users/ana'), join('/local', 'tertulia'));
});
