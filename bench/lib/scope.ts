import type { Cleanup } from '../../test/helpers/eventually.ts';

/** What is started for a step is cleared away after it, and at the end of the bench if it is broken off. */
export async function withCleanup<T>(t: Cleanup, step: (scope: Cleanup) => Promise<T>): Promise<T> {
  const steps: (() => unknown)[] = [];
  const clear = async (): Promise<void> => {
    for (const each of steps.splice(0).reverse()) await each();
  };
  t.after(clear);
  try {
    return await step({ after: (each) => void steps.push(each) });
  } finally {
    await clear();
  }
}
