/**
 * A fixture for all tests of a file or of one `describe`, opened before the first and closed after the last.
 */
import { after, before } from 'node:test';
import type { Cleanup } from './eventually.ts';

/** Its properties are set when the tests run. Read them inside a test. */
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
