/**
 * `tertulia check` in whole, against servers whose faults are known.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inProject } from '../../scripts/lib/project.ts';
import { checkServer } from '../cli/check/run-check.ts';
import { without } from '../helpers/process.ts';
import { withoutPython } from '../helpers/python.ts';
import { freePort } from '../helpers/tcp.ts';

describe('whole check', () => {
  test('whole check passes the room of this repository', async (t) => {
    const port = await freePort();
    const server = ['env', `TCP_PORT=${port}`, 'node', inProject('dist/tcp-server/main.js')];
    const report = await checkServer(t, ['--port', `${port}`, '--', ...server]);
    assert.deepEqual([report.code, report.failed], [0, []]);
    assert.equal(report.points.earned, report.points.total);
    assert.deepEqual(report.noted, ['cut', 'newline', 'long']);
  });

  test("whole check finds the known faults of the tutorial's server", { skip: withoutPython }, async (t) => {
    const { TUTORIAL_DIR } = process.env;
    const server = TUTORIAL_DIR
      ? [`${TUTORIAL_DIR}/run.py`, 'server.py']
      : [inProject('test/python/room.py'), 'broadcast'];
    const report = await checkServer(t, ['--', 'python3', '-u', ...server, '{port}']);
    const known = ['glued', 'characters', 'invalid', 'reset', 'slow-reader', 'burst', 'stop', 'restart'];
    assert.deepEqual(report.failed, known);
    assert.deepEqual(report.consequences, []);
    assert.equal(report.code, known.length);
    assert.match(report.seen.characters ?? '', /^The server closed the connection of Ana/);
    for (const id of ['invalid', 'reset', 'slow-reader']) {
      assert.match(report.seen[id] ?? '', /the room is frozen/, id);
    }
    // listen(5), and one more on Linux.
    assert.match(report.seen.burst ?? '', /^[567] of 50 found a place/);
  });

  test('whole check finds the known faults of ncat --broker', { skip: without('ncat') }, async (t) => {
    const report = await checkServer(t, ['--', 'ncat', '-l', '127.0.0.1', '{port}', '--broker', '-k']);
    assert.deepEqual(report.failed, ['cut', 'slow-reader', 'burst', 'many']);
    assert.match(report.seen.cut ?? '', /^The messages got mixed/);
    assert.match(report.seen.many ?? '', /^9\d of 200/);
  });

  for (const [server, faults] of [
    ['one_by_one', ['concurrency', 'broadcast', 'characters']],
    ['never_forgets', ['glued', 'characters', 'half-close', 'leave', 'reset', 'slow-reader']],
    ['last_address', ['sender', 'slow-reader']],
  ] as const) {
    test(`whole check finds the faults of ${server}.py`, {
      skip: withoutPython,
    }, async (t) => {
      const path = inProject(`test/python/broken/${server}.py`);
      const report = await checkServer(t, ['--', 'python3', path, '{port}']);
      assert.deepEqual(
        faults.filter((id) => !report.failed.includes(id)),
        [],
      );
    });
  }
});
