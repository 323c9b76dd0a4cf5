import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeGroup } from '../../scripts/lib/unit-tests.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { dataDir } from '../helpers/gateway.ts';
import { type Exit, start } from '../helpers/process.ts';

const RUNS_WITHIN_MS = 120_000;

/** Fails while its marker file exists, and deletes it. */
const FAILS_ONCE = `
  import { existsSync, rmSync } from 'node:fs';
  import { describe, test } from 'node:test';
  const mark = new URL('mark', import.meta.url);
  describe('the suite', () => {
    test('fails once', () => {
      if (!existsSync(mark)) return;
      rmSync(mark);
      throw new Error('the first time');
    });
  });
`;

const ALWAYS_FAILS = `
  import { test } from 'node:test';
  test('fails always', () => { throw new Error('each time'); });
`;

test('npm test reports a test that fails once as flaky, and fails', async (t) => {
  const folder = dataDir(t);
  const [once, always] = [join(folder, 'once.test.mjs'), join(folder, 'always.test.mjs')];
  writeFileSync(once, FAILS_ONCE);
  writeFileSync(always, ALWAYS_FAILS);
  const mark = join(folder, 'mark');

  writeFileSync(mark, '');
  const flaky = await run(t, once, always);
  assert.equal(flaky.exit.code, 1);
  assert.match(flaky.output, /^FLAKY +.*once\.test\.mjs: fails once$/m);
  assert.match(flaky.output, /^FAILED .*always\.test\.mjs: fails always$/m);

  rmSync(mark, { force: true });
  const passing = await run(t, once);
  assert.equal(passing.exit.code, 0);
  assert.doesNotMatch(passing.output, /FLAKY|FAILED/);
});

test('npm test reports a failure under its own file when files share a process', async (t) => {
  const folder = dataDir(t);
  const [passing, always, broken] = ['passing', 'always', 'broken'].map((name) =>
    join(folder, `${name}.test.mjs`),
  );
  writeFileSync(passing ?? '', "import { test } from 'node:test';\ntest('passes', () => {});\n");
  writeFileSync(always ?? '', ALWAYS_FAILS);
  writeFileSync(broken ?? '', "import './missing.mjs';\n");
  const { exit, output } = await run(t, writeGroup(folder, [broken ?? '', passing ?? '', always ?? '']));
  assert.equal(exit.code, 1);
  assert.match(output, /^FAILED .*always\.test\.mjs: fails always$/m);
  assert.match(output, /^FAILED .*: file:.*broken\.test\.mjs$/m);
  assert.match(output, /passes/);
});

async function run(t: Cleanup, ...files: string[]): Promise<{ exit: Exit; output: string }> {
  const args = ['--import', 'tsx', 'scripts/test.ts', ...files];
  // With this variable Node takes the runner for a file of the runner around it.
  const program = await start(t, process.execPath, args, { NODE_TEST_CONTEXT: undefined });
  const exit = await program.exits(RUNS_WITHIN_MS);
  return { exit, output: program.output };
}
