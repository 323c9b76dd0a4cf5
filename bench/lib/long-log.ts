/**
 * A folder with a long transcript for a gateway to start with.
 */
import { inProject, runNode } from '../../scripts/lib/project.ts';

const FILL_WITHIN_MS = 120_000;

/** In a process of its own: one that has had an archive open keeps its lock until it ends. */
export async function fill(dir: string, messages: number): Promise<void> {
  const command = ['--import', 'tsx', inProject('bench', 'lib', 'fill.ts'), dir, `${messages}`];
  if (!(await runNode(command, { quiet: true, timeout: FILL_WITHIN_MS })))
    throw new Error('fill the transcript: failed');
}
