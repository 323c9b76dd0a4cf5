/**
 * Is what was built older than what it was built from? Modification times are enough to spare a build:
 * a fresh clone has nothing built, and every edit, checkout or pull touches what it changes.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function isStale(sources: string[], outputs: string[]): boolean {
  const oldestOutput = Math.min(...outputs.map(modified));
  return sources.some((source) => newest(source) > oldestOutput);
}

/** When it was last changed, ms since 1970; never, if it is not there. */
function modified(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** A folder's own time counts too: it tells of files that were taken away. */
function newest(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return Number.NEGATIVE_INFINITY;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
