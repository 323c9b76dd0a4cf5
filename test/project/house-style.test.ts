import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Source, styleProblems } from '../../scripts/lib/house-style.ts';

function problemsIn(...lines: string[]): string[] {
  return styleProblems([{ path: 'gateway/a.ts', text: `${lines.join('\n')}\n` }]);
}

function files(...paths: string[]): Source[] {
  return paths.map((path) => ({ path, text: '' }));
}

describe('house style', () => {
  test('house style check finds the beginning of a comment, and of each of its sentences', () => {
    for (const comment of [
      '/** What is kept. */',
      '/**\n * Keeps entries.\n * Those that are old go.\n */',
      '  // Of each address.',
      'const a = 1; // So many at once.',
      '// Limits them. Who\n// comes is counted.',
      '/* All that is old. */',
    ]) {
      assert.equal(problemsIn(comment).length, 1, comment);
    }
  });

  test('house style check finds nothing in plain comments, nor in strings', () => {
    for (const text of [
      '/** Limits what an address costs. The limit holds for those of one network. */',
      "const url = 'http://What';",
      "const glob = '**/Who/**';",
      '// Whatever comes is kept. Office hours. Offset of the entry.',
    ]) {
      assert.deepEqual(problemsIn(text), [], text);
    }
  });

  test('house style check reports the line of a comment', () => {
    const [problem = ''] = problemsIn('', '', '// The same for all.');
    assert.match(problem, /^gateway\/a\.ts:3: .*"The same"$/);
  });

  test('house style check finds test names over 90 characters or with unclear words', () => {
    assert.deepEqual(problemsIn(`test('${'x'.repeat(90)}', () => {});`), []);
    assert.equal(problemsIn(`test('${'x'.repeat(91)}', () => {});`).length, 1);
    assert.equal(problemsIn(`describe("What's kept", () => {});`).length, 1);
    assert.deepEqual(problemsIn("test('session resumes whatever happened', () => {});"), []);
  });

  test('house style check finds constants of time and size without a unit', () => {
    assert.equal(problemsIn('const RETRY_DELAY = 500;').length, 1);
    assert.equal(problemsIn('export const MAX_LENGTH = 8 * 1024;').length, 1);
    assert.deepEqual(problemsIn('const RETRY_DELAY_MS = 500;'), []);
    assert.deepEqual(problemsIn('/** Delay before a retry, ms. */', 'const RETRY_DELAY = 500;'), []);
    assert.deepEqual(problemsIn('const RETRY_DELAY = 500; // ms'), []);
    assert.deepEqual(problemsIn('const MAX_SESSIONS = 500;'), []);
  });

  test('house style check finds a class name in two files', () => {
    const text = 'export class Reader {}\n';
    const problems = styleProblems([
      { path: 'gateway/a.ts', text },
      { path: 'web/b.ts', text },
    ]);
    assert.deepEqual(problems, ['gateway/a.ts, web/b.ts: the class Reader is there 2 times']);
  });

  test('house style check finds a file name twice in a program, apart from main.ts', () => {
    assert.equal(styleProblems(files('web/ui/words.ts', 'web/text/words.ts')).length, 1);
    assert.deepEqual(styleProblems(files('web/words.ts', 'gateway/words.ts')), []);
    assert.deepEqual(styleProblems(files('tcp-server/main.ts', 'tcp-server/client/main.ts')), []);
  });

  test('house style check finds folders of more than 15 sources; tests do not count', () => {
    const paths = Array.from({ length: 16 }, (_, index) => `${index}.ts`);
    assert.deepEqual(styleProblems(files(...paths.map((path) => `gateway/hub/${path}`))), [
      'gateway/hub: 16 source files',
    ]);
    assert.deepEqual(styleProblems(files(...paths.slice(1).map((path) => `gateway/hub/${path}`))), []);
    assert.deepEqual(styleProblems(files(...paths.map((path) => `web/sheets/${path}`))), []);
    assert.deepEqual(
      styleProblems(files(...paths.map((path) => `test/e2e/${path.replace('.ts', '.test.ts')}`))),
      [],
    );
  });
});
