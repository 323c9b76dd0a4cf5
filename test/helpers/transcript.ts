/**
 * Fixtures for tests of the transcript on disk.
 */
import { cpSync } from 'node:fs';
import type { Retention } from '../../gateway/transcript/sqlite-store.ts';
import type { Cleanup } from './eventually.ts';
import { dataDir } from './gateway.ts';

export const KEEP_ALL: Retention = {
  maxEntries: 100_000,
  recentMs: 0,
  maxAgeMs: 86_400_000,
  maxBytes: 1024 ** 3,
};

/** Copies the files that a process leaves in its folder, killed or not. The copy is not locked. */
export function copyOf(t: Cleanup, dir: string): string {
  const copy = dataDir(t);
  cpSync(dir, copy, { recursive: true });
  return copy;
}
