import type { Cleanup } from '../../test/helpers/eventually.ts';

/** Cleans up after a step, and also when the bench is interrupted. */
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
