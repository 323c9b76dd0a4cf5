/**
 * Runs `tertulia check` as a program.
 */
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProject } from '../../../scripts/lib/project.ts';
import type { Cleanup } from '../../helpers/eventually.ts';
import { type Program, start } from '../../helpers/process.ts';

const COMMAND = inProject('dist/cli/main.js');

export interface CheckReport {
  code: number | null;
  points: { earned: number; total: number };
  /** Ids of checks by status. */
  passed: string[];
  failed: string[];
  noted: string[];
  skipped: string[];
  seen: Record<string, string>;
  /** The lines of the server's error output that a report shows. */
  printed: Record<string, string[]>;
  /** Ids of failed checks that another failure explains. */
  consequences: string[];
  junit: string;
}

let reports = 0;

export async function checkServer(
  t: Cleanup,
  args: string[],
  env: Record<string, string> = {},
  folder?: string,
): Promise<CheckReport> {
  const junit = join(tmpdir(), `tertulia-check-${process.pid}-${reports++}.xml`);
  t.after(() => rmSync(junit, { force: true }));
  const command = [COMMAND, 'check', '--json', '--junit', junit, ...args];
  let program: Program | undefined;
  // It kills its server when it is ended, and could not when it is killed.
  t.after(() => program?.stop());
  program = await start(t, process.execPath, command, { LC_ALL: 'C', ...env }, 'pipe', folder);
  const { code } = await program.exits();
  if (program.errors !== '') throw new Error(program.errors);
  const { checks, points } = JSON.parse(program.output) as {
    points: CheckReport['points'];
    checks: { id: string; status: string; seen: string; printed: string[]; isConsequence: boolean }[];
  };
  const idsOf = (status: string) => checks.filter((check) => check.status === status).map(({ id }) => id);
  return {
    code,
    points,
    passed: idsOf('passed'),
    failed: idsOf('failed'),
    noted: idsOf('noted'),
    skipped: idsOf('skipped'),
    seen: Object.fromEntries(checks.map(({ id, seen }) => [id, seen])),
    printed: Object.fromEntries(checks.map(({ id, printed }) => [id, printed])),
    consequences: checks.filter(({ isConsequence }) => isConsequence).map(({ id }) => id),
    junit: readFileSync(junit, 'utf8'),
  };
}
