/**
 * Completion of the command, by the shells themselves.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { completionScript } from '../../cli/completion.ts';
import { flagOf, SETTINGS } from '../../cli/settings.ts';
import { TEXTS } from '../../cli/texts.ts';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { start, without } from '../helpers/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'tertulia-completion-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs lines of a shell that has loaded the completion, and returns what they print. */
async function run(t: Cleanup, shell: string, lines: string): Promise<string[]> {
  const script = join(folder, shell);
  writeFileSync(script, completionScript(shell, TEXTS.en));
  const program = await start(t, shell, ['-c', lines.replace('SCRIPT', script)], { HOME: folder });
  assert.equal((await program.exits()).code, 0);
  assert.equal(program.errors, '');
  return program.output.trim().split('\n');
}

async function completeInBash(t: Cleanup, ...words: string[]): Promise<string[]> {
  return await run(
    t,
    'bash',
    `source SCRIPT; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length - 1}; _tertulia; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
}

test('bash completes commands, flags and their values', { skip: without('bash') }, async (t) => {
  assert.deepEqual(await completeInBash(t, 'tertulia', 'ro'), ['room']);
  assert.deepEqual(await completeInBash(t, 'tertulia', '--tcp-mode', 'e'), ['echo']);
  assert.deepEqual(await completeInBash(t, 'tertulia', '--http-port', ''), ['']);
  assert.deepEqual(await completeInBash(t, 'tertulia', 'completion', 'f'), ['fish']);
  assert.deepEqual(await completeInBash(t, 'tertulia', '--data-dir', `${folder}/ba`), [`${folder}/bash`]);
  const flags = await completeInBash(t, 'tertulia', 'room', '--');
  for (const name of Object.keys(SETTINGS)) assert.ok(flags.includes(flagOf(name)), name);
});

test('fish completes commands, flags and their values', { skip: without('fish') }, async (t) => {
  const complete = async (line: string) =>
    (await run(t, 'fish', `source SCRIPT; complete -C '${line}'`)).map((found) => found.split('\t')[0]);
  assert.ok((await complete('tertulia ')).includes('room'));
  assert.deepEqual(await complete('tertulia --tcp-mode e'), ['echo']);
  assert.deepEqual(await complete('tertulia --no-inv'), ['--no-invite-lan']);
});

test('zsh loads the completion', { skip: without('zsh') }, async (t) => {
  const loaded = await run(
    t,
    'zsh',
    'autoload -Uz compinit; compinit -D -u; source SCRIPT; print $_comps[tertulia]',
  );
  assert.deepEqual(loaded, ['_tertulia']);
});

test('tertulia completion refuses an unknown shell with the nearest one', async (t) => {
  const command = await start(t, process.execPath, [inProject('dist/cli/main.js'), 'completion', 'bsh'], {
    LC_ALL: 'C',
  });
  assert.equal((await command.exits()).code, 2);
  assert.equal(command.errors, 'completion bsh: must be one of bash, zsh, fish. Did you mean bash?\n');
});
