/**
 * A folder with a long transcript, from which a gateway starts.
 */
import { inProject, runNode } from '../../scripts/lib/project.ts';

const FILL_WITHIN_MS = 120_000;

/** Runs in a process of its own, because a process keeps the lock of an open archive until it ends. */
export async function fill(dir: string, messages: number): Promise<void> {
  const command = ['--import', 'tsx', inProject('bench', 'lib', 'fill.ts'), dir, `${messages}`];
  if (!(await runNode(command, { quiet: true, timeoutMs: FILL_WITHIN_MS })))
    throw new Error('fill the transcript: failed');
}
