/**
 * `tertulia check` against real servers: short runs. Whole runs are in test/load.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { RUN_MS } from '../../../cli/check/budget.ts';
import { CHECKS } from '../../../cli/check/checks/table.ts';
import { passed, type Result } from '../../../cli/check/outcome.ts';
import { Points } from '../../../cli/check/report/points.ts';
import { textDetails } from '../../../cli/check/report/text-report.ts';
import { runChecks } from '../../../cli/check/runner.ts';
import { ForeignServer, ServerProcess } from '../../../cli/check/server-process.ts';
import { CHECK_TEXTS } from '../../../cli/check/texts/languages.ts';
import { inProject } from '../../../scripts/lib/project.ts';
import { dataDir } from '../../helpers/gateway.ts';
import { start } from '../../helpers/process.ts';
import { pythonRoom, withoutPython } from '../../helpers/python.ts';
import { builtRoom } from '../../helpers/room.ts';
import { enter, freePort } from '../../helpers/tcp.ts';
import { withoutStandIn } from '../../servers/stand-in.ts';
import { checkServer } from './run-check.ts';

const ROOM = ['python3', '-u', inProject('test/python/room.py'), 'broadcast', '{port}'];
const DOCUMENTS = { en: 'docs/check.md', es: 'docs/es/comprobar.md' } as const;

/** The broken servers that the documents show, and the checks that they fail. */
const BROKEN: [server: string, only: string, failed: string[]][] = [
  ['one_by_one', 'concurrency', ['concurrency']],
  ['never_forgets', 'leave', ['leave']],
  ['last_address', 'sender', ['sender']],
];

describe('check of a server', { skip: withoutPython }, () => {
  for (const [server, only, failed] of BROKEN) {
    test(`documents show the report on ${server}.py as it is`, async () => {
      const command = ['python3', inProject(`test/python/broken/${server}.py`), '{port}'];
      const process = new ServerProcess(command, await freePort(), globalThis.process.env);
      const checks = CHECKS.filter(({ id }) => id === 'start' || id === only);
      const results: Result[] = await runChecks(checks, process, {
        isDestructive: false,
        weights: new Map(),
      });
      assert.deepEqual(
        results.filter(({ status }) => status === 'failed').map(({ id }) => id),
        failed,
      );
      for (const language of ['en', 'es'] as const) {
        const report = textDetails(results, new Points(results), CHECK_TEXTS[language], ['python']);
        const document = readFileSync(inProject(DOCUMENTS[language]), 'utf8');
        assert.ok(withoutNumbers(document).includes(withoutNumbers(report)), report);
      }
    });
  }

  test('check replaces a server that died, and reports the other checks as usual', async (t) => {
    const report = await checkServer(t, ['--only', 'invalid,half-close', '--', ...ROOM]);
    assert.deepEqual([report.code, report.failed], [1, ['invalid']]);
    assert.deepEqual(report.passed, ['start', 'half-close']);
    assert.match(report.seen.invalid ?? '', /the room is frozen/);
    assert.equal(report.junit.match(/<failure /g)?.length, 1);
  });

  test('check frees the port of a server that could not start again', async (t) => {
    const port = `${await freePort()}`;
    const command = ['--port', port, '--', 'python3', inProject('docs/course/code/server-5.py'), port];
    const first = await checkServer(t, ['--only', 'restart', ...command]);
    assert.deepEqual(first.failed, ['restart']);
    assert.match(first.seen.restart ?? '', /connections of a server that was stopped or killed keep it/);
    const second = await checkServer(t, ['--only', 'start', ...command]);
    assert.deepEqual([second.code, second.passed], [0, ['start']]);
  });

  test('check takes another port if connections of an earlier server keep the chosen one', async (t) => {
    const [kept, spare] = [await freePort(), await freePort()];
    await keepPort(t, kept);
    const command = ['python3', inProject('docs/course/code/server-2.py'), '{port}'];
    for (const [spares, statuses] of [
      [[], ['failed', 'failed']],
      [[spare], ['passed', 'passed']],
    ] as const) {
      const server = new ServerProcess(command, kept, process.env, spares);
      const checks = CHECKS.filter(({ id }) => id === 'start' || id === 'concurrency');
      const results = await runChecks(checks, server, { isDestructive: false, weights: new Map() });
      assert.deepEqual(
        results.map(({ status }) => status),
        statuses,
      );
    }
  });

  test('check tells a speaker that the server closes from a frozen room', async (t) => {
    const server = ['python3', inProject('test/python/broken/strict_chunks.py'), '{port}'];
    const report = await checkServer(t, ['--only', 'characters', '--', ...server]);
    assert.deepEqual(report.failed, ['characters']);
    assert.match(report.seen.characters ?? '', /^The server closed the connection of Ana/);
    const [file = '', code = '', reason = ''] = report.printed.characters ?? [];
    assert.match(file, /strict_chunks\.py", line \d+, in serve$/);
    assert.match(code, /data\.decode\(\)/);
    assert.match(reason, /^UnicodeDecodeError/);
  });

  test('check tells a connection that the server serves no more from a frozen room', async (t) => {
    const server = ['python3', inProject('test/python/broken/dead_thread.py'), '{port}'];
    const report = await checkServer(t, ['--only', 'characters', '--', ...server]);
    assert.deepEqual(report.failed, ['characters']);
    assert.match(
      report.seen.characters ?? '',
      /no longer serves the connection of Ana, and has not closed it/,
    );
  });

  test('check leaves out checks that may kill a server which it did not start', async (t) => {
    const room = await pythonRoom(t);
    const terminal = await enter(t, room.port);
    const report = await checkServer(t, ['--only', 'broadcast,reset,restart', `127.0.0.1:${room.port}`]);
    assert.deepEqual(
      [report.code, report.passed, report.skipped],
      [0, ['start', 'broadcast'], ['reset', 'restart']],
    );
    assert.deepEqual(report.points, { earned: 4, total: 4 });
    // The room lives on, for others too.
    const other = await enter(t, room.port);
    other.send('sigo aquí\n');
    await terminal.receives('sigo aquí');
  });

  test('check never kills a server which it did not start, not even a frozen one', async (t) => {
    const room = await pythonRoom(t);
    const args = ['--destructive', '--only', 'invalid,half-close', `127.0.0.1:${room.port}`];
    const report = await checkServer(t, args);
    assert.deepEqual(
      [report.code, report.failed, report.consequences],
      [2, ['invalid', 'half-close'], ['half-close']],
    );
    assert.equal(room.program.child.exitCode, null);
    assert.equal(room.program.child.signalCode, null);
  });

  test('check of an echo server fails the checks that need a room', async (t) => {
    const echo = ROOM.with(-2, 'echo');
    const report = await checkServer(t, ['--only', 'answer,concurrency,broadcast,order', '--', ...echo]);
    assert.deepEqual(
      [report.passed, report.failed],
      [
        ['start', 'answer', 'concurrency'],
        ['broadcast', 'order'],
      ],
    );
    assert.deepEqual(report.consequences, ['order']);
  });

  test('check logs in to a room whose first line is the name', async (t) => {
    const course = ['python3', '-u', inProject('test/python/course.py'), 'username', '{port}'];
    const report = await checkServer(t, ['--only', 'broadcast,sender,order,glued', '--', ...course]);
    assert.deepEqual(
      [report.code, report.seen.sender],
      [0, 'Each message stands behind a name of its sender: Ana:'],
    );
  });

  test('check logs in and speaks as ROOM_LOGIN and ROOM_SAY say', async (t) => {
    const server = ['python3', '-u', inProject('test/python/manners.py'), 'packagemain', '{port}'];
    const manner = { ROOM_LOGIN: '/nick {name}\\n/join sala\\n', ROOM_SAY: '/msg {text}\\n' };
    const report = await checkServer(t, ['--only', 'sender,glued,cut', '--', ...server], manner);
    assert.deepEqual([report.code, report.passed], [0, ['start', 'sender', 'glued', 'cut']]);
    assert.equal(report.seen.sender, 'Each message stands behind a name of its sender: > Ana:');
  });
});

describe('check of a server in a format', { skip: withoutPython }, () => {
  const server = (manner: string) => ['python3', '-u', inProject('test/python/manners.py'), manner, '{port}'];

  test('check with --format learn finds out how to talk to a server with commands', async (t) => {
    const command = ['--format', 'learn', '--only', 'sender', '--', ...server('packagemain')];
    const report = await checkServer(t, command);
    assert.deepEqual([report.code, report.passed], [0, ['start', 'sender']]);
    assert.match(report.seen.sender ?? '', /: > Ana:$/);
  });

  test('check with --format learn takes a login that is known from tertulia.json', {
    skip: withoutStandIn('mug4z'),
  }, async (t) => {
    const folder = dataDir(t);
    const ROOM_LOGIN = 'intergouvernementalisations\\n/nick {name}\\n';
    writeFileSync(join(folder, 'tertulia.json'), JSON.stringify({ ROOM_LOGIN }));
    const source = inProject('test/servers/stand-ins/mug4z.rb');
    const command = ['--format', 'learn', '--only', 'sender', '--', 'ruby', source, '{port}'];
    const report = await checkServer(t, command, {}, folder);
    assert.deepEqual([report.code, report.passed], [0, ['start', 'sender']]);
    assert.match(report.seen.sender ?? '', /: Ana:$/);
  });

  test('check logs in after the greeting, and leaves with the word of the format', async (t) => {
    const command = ['--format', 'cave', '--only', 'sender,leave', '--', ...server('cave')];
    const report = await checkServer(t, command);
    assert.deepEqual([report.code, report.passed], [0, ['start', 'sender', 'leave']]);
  });

  test('check fails a server whose messages have another format, and shows one', async (t) => {
    const template = ['--format', '{address}: {text}', '--only', 'sender'];
    const report = await checkServer(t, [...template, '--', ...ROOM]);
    assert.deepEqual([report.code, report.failed], [1, ['sender']]);
    assert.match(
      report.seen.sender ?? '',
      /^A message of Ana is none in the format \{address\}: \{text\}: 127\.0\.0\.1:\d+ dice: hola-/,
    );
  });

  test('check reads characters that a template of JSON shows as escapes', async (t) => {
    const json = `
      const clients = new Set();
      require('net').createServer((socket) => {
        clients.add(socket.setEncoding('utf8'));
        let rest = '';
        socket.on('error', () => {}).on('close', () => clients.delete(socket)).on('data', (data) => {
          const lines = (rest + data).split('\\n');
          rest = lines.pop();
          for (const line of lines) {
            const text = JSON.stringify(JSON.parse(line).text).replace(/[^ -~]/g, (c) => '\\\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
            for (const other of clients) if (other !== socket) other.write('{"from":"' + socket.remoteAddress + ':' + socket.remotePort + '","text":' + text + '}\\n');
          }
        });
      }).listen(process.argv[1], '127.0.0.1');`;
    const format = ['--format', '{"from":"{address}","text":"{text}"}', '--only', 'sender,characters,long'];
    const report = await checkServer(t, [...format, '--', process.execPath, '-e', json, '{port}'], {
      ROOM_SAY: '{"text":"{text}"}\\n',
    });
    assert.deepEqual([report.code, report.passed], [0, ['start', 'sender', 'long', 'characters']]);
  });

  test('check of a server with frames writes and reads them, cut and glued too', async (t) => {
    const frames = ['python3', '-u', inProject('test/python/frames.py'), 'digits', '{port}'];
    const only = ['--format', 'plain', '--only', 'order,glued,cut,newline,long,characters'];
    const report = await checkServer(t, [...only, '--', ...frames], { ROOM_FRAMING: 'digits:4' });
    assert.deepEqual([report.code, report.skipped], [0, ['newline']]);
    assert.deepEqual(report.passed, ['start', 'order', 'glued', 'cut', 'long', 'characters']);
  });

  test('check says that a server ended, also when its connections close first', async (t) => {
    const report = await checkServer(t, ['--only', 'invalid', '--', ...server('tylpele')]);
    assert.equal(report.seen.invalid, 'The server ended with exit code 1.');
  });

  test('check refuses a format that no room can have, with its setting', async (t) => {
    const command = [inProject('dist/cli/main.js'), 'check', '127.0.0.1', '--format'];
    const refused: [format: string, framing: string, line: RegExp][] = [
      ['{nombre}: {text}', 'lines', /^ROOM_FORMAT=\{nombre\}: \{text\}: \{nombre\} is none of .*\.\n$/],
      ['plain', 'digits', /^ROOM_FRAMING=digits: must be lines, utf, digits:4 or fixed:1024\.\n$/],
    ];
    for (const [format, ROOM_FRAMING, line] of refused) {
      const env = { LC_ALL: 'C', ROOM_FRAMING };
      const program = await start(t, process.execPath, [...command, format], env);
      assert.deepEqual(await program.exits(), { code: 64, signal: null });
      assert.match(program.errors, line);
    }
  });
});

test('check runs no further check when the time of a whole run is over', async (t) => {
  const { port } = await builtRoom(t);
  const began = performance.now();
  const ran: string[] = [];
  const checks = CHECKS.slice(0, 3).map((check) => ({
    ...check,
    async run() {
      ran.push(check.id);
      t.mock.method(performance, 'now', () => began + 2 * RUN_MS);
      return passed(() => '');
    },
  }));
  const results = await runChecks(checks, new ForeignServer('127.0.0.1', port), {
    isDestructive: false,
    weights: new Map(),
  });
  const ids = checks.map(({ id }) => id);
  assert.deepEqual(ran, [ids[1]]);
  assert.equal(results[2]?.seen(CHECK_TEXTS.en.facts), 'The time of the whole run, 55 s, was over.');
});

describe('check without a server', () => {
  test('check reads tertulia.json in the current folder, and the environment first', async (t) => {
    const folder = dataDir(t);
    writeFileSync(join(folder, 'tertulia.json'), '{ "ROOM_FRAMING": "digits" }');
    const args = [inProject('dist/cli/main.js'), 'check', '127.0.0.1', '--format', 'plain'];
    for (const ROOM_FRAMING of ['', 'words']) {
      const program = await start(t, process.execPath, args, { LC_ALL: 'C', ROOM_FRAMING }, 'pipe', folder);
      assert.deepEqual(await program.exits(), { code: 64, signal: null });
      assert.match(program.errors, new RegExp(`^ROOM_FRAMING=${ROOM_FRAMING || 'digits'}: must be lines`));
    }
  });

  test('check reports a command that ends, and its last lines', async (t) => {
    const command = [process.execPath, '-e', 'console.error("no such module"); process.exit(3)'];
    const report = await checkServer(t, [
      '--only',
      'answer',
      '--port',
      `${await freePort()}`,
      '--',
      ...command,
    ]);
    assert.deepEqual([report.code, report.failed, report.consequences], [2, ['start', 'answer'], ['answer']]);
    assert.equal(report.seen.start, 'The command ended with exit code 3 before the port was open.');
    assert.match(report.junit, /no such module/);
  });

  test('check reports a port in use and a command that does not exist', async (t) => {
    const port = await freePort();
    const room = await start(t, process.execPath, [inProject('dist/tcp-server/main.js')], {
      TCP_PORT: `${port}`,
    });
    await room.prints('Servidor escuchando');
    const taken = await checkServer(t, ['--only', 'start', '--port', `${port}`, '--', 'false']);
    assert.match(taken.seen.start ?? '', new RegExp(`^Port ${port} is in use already`));
    const missing = await checkServer(t, ['--only', 'start', '--', 'no-such-command', '{port}']);
    assert.equal(missing.seen.start, 'The command no-such-command could not be started.');
  });

  test('check ends with exit code 64 and one line after a wrong argument', async (t) => {
    const program = await start(
      t,
      process.execPath,
      [inProject('dist/cli/main.js'), 'check', '--onyl', 'x', 'y'],
      {
        LC_ALL: 'C',
      },
    );
    assert.deepEqual(await program.exits(), { code: 64, signal: null });
    assert.equal(program.errors, 'Unknown flag --onyl. Did you mean --only?\n');
  });
});

/** Ports, counters and times differ from run to run, and with them the line breaks. */
function withoutNumbers(text: string): string {
  return text
    .replaceAll(/hola-\w+-\d+/g, 'hola')
    .replaceAll(/\d{4,}/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Leaves a connection in TIME_WAIT on the port: a server closes first, and is gone. */
async function keepPort(t: TestContext, port: number): Promise<void> {
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const client = await enter(t, port);
  await client.isEnded();
  client.socket.end();
  server.close();
  await once(server, 'close');
}
