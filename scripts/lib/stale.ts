/**
 * Compares the modification times of outputs and sources. They suffice to skip a build, because a clone has no
 * outputs, and every edit, checkout or pull touches its files.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export function isStale(sources: string[], outputs: string[]): boolean {
  const oldestOutput = Math.min(...outputs.map(modified));
  return sources.some((source) => newest(source) > oldestOutput);
}

/** Time of the last change, ms since 1970, or never if the file does not exist. */
function modified(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** A folder's own time counts too, because it changes when a file is deleted. */
function newest(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return Number.NEGATIVE_INFINITY;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
