/**
 * Longest wait for a fact, ms. It only bounds a test that hangs: on a busy machine a program may take a minute to start.
 */
export const DEADLINE_MS = 180_000;

/** Interval between two looks at a fact, ms. It grows, because a request to a page or a gateway costs both some CPU. */
const FIRST_INTERVAL_MS = 5;
const LAST_INTERVAL_MS = 50;
const GROWTH = 1.2;

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
  let intervalMs = FIRST_INTERVAL_MS;
  for (;;) {
    const asked = fact();
    const seen = await asked;
    if (seen) return seen as NonNullable<T>;
    if (performance.now() > end) throw new Error(`${missing()} (waited ${withinMs} ms)`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
    if (asked instanceof Promise) intervalMs = Math.min(LAST_INTERVAL_MS, intervalMs * GROWTH);
  }
}
