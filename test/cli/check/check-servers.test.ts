/**
 * `tertulia check` against real servers: short runs. Whole runs are in test/load.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKS } from '../../../cli/check/checks/table.ts';
import type { Result } from '../../../cli/check/outcome.ts';
import { Points } from '../../../cli/check/report/points.ts';
import { textDetails } from '../../../cli/check/report/text-report.ts';
import { runChecks } from '../../../cli/check/runner.ts';
import { ServerProcess } from '../../../cli/check/server-process.ts';
import { CHECK_TEXTS } from '../../../cli/check/texts/languages.ts';
import { inProject } from '../../../scripts/lib/project.ts';
import { start } from '../../helpers/process.ts';
import { pythonRoom, withoutPython } from '../../helpers/python.ts';
import { enter, freePort } from '../../helpers/tcp.ts';
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

describe('check without a server', () => {
  test('check reports a command that ends, and its last lines', async (t) => {
    const command = [process.execPath, '-e', 'console.error("no such module"); process.exit(3)'];
    const report = await checkServer(t, ['--only', 'answer', '--port', '45678', '--', ...command]);
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
