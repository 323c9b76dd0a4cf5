/**
 * Longest wait for a fact, ms. It only bounds a test that hangs, on the slowest machine.
 */
export const DEADLINE_MS = 60_000;

/** The part of a test that helpers need: the hook that cleans up after it. */
export interface Cleanup {
  after(clear: () => unknown): void;
}

/** Waits until `fact` is truthy, and returns it. `missing` describes the failure and the last state. */
export async function eventually<T>(
  fact: () => T | Promise<T>,
  missing: () => string,
  withinMs = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await fact();
    if (seen) return seen as NonNullable<T>;
    if (performance.now() > end) throw new Error(`${missing()} (waited ${withinMs} ms)`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
