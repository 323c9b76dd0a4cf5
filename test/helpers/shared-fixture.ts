/**
 * What the tests of a file, or of one `describe`, have in common: opened before the first, cleared after the last.
 */
import { after, before } from 'node:test';
import type { Cleanup } from './eventually.ts';

/** Its parts are there once the tests run: take them in a test, not beside it. */
export function sharedFixture<T extends object>(open: (t: Cleanup) => Promise<T>): T {
  const clears: (() => unknown)[] = [];
  const parts = {} as T;
  before(async () => {
    Object.assign(parts, await open({ after: (clear) => clears.push(clear) }));
  });
  after(async () => {
    for (const clear of clears) await clear();
  });
  return parts;
}
