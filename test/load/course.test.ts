/**
 * The course: each lesson's exercise fails for its start, and passes for its solution.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LESSONS } from '../../cli/check/checks/table.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { checkServer } from '../cli/check/run-check.ts';
import { withoutPython } from '../helpers/python.ts';

function lesson(number: number, server: number): string[] {
  const path = inProject(`docs/course/code/server-${server}.py`);
  return ['--lesson', `${number}`, '--', 'python3', path, '{port}'];
}

describe('course', { skip: withoutPython }, () => {
  for (let number = 1; number <= LESSONS; number++) {
    test(`exercise of lesson ${number} fails for its start and passes for its solution`, async (t) => {
      const start = await checkServer(t, lesson(number, number - 1));
      assert.ok(start.code !== 0 && start.passed.includes('start'));
      const solution = await checkServer(t, lesson(number, number));
      assert.deepEqual([solution.code, solution.failed], [0, []]);
    });
  }

  test('solution of the last lesson passes every check', async (t) => {
    const path = inProject(`docs/course/code/server-${LESSONS}.py`);
    const report = await checkServer(t, ['--', 'python3', path, '{port}']);
    assert.deepEqual(report.failed, []);
  });
});
