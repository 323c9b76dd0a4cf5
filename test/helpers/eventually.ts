/** A test waits for a fact. The deadline only bounds what hangs, on the slowest machine, ms. */
export const DEADLINE_MS = 60_000;

/** What a helper needs of a test: the hook that clears up behind it. */
export interface Cleanup {
  after(clear: () => unknown): void;
}

/** Waits until `fact` is truthy, and returns it. `missing` tells what was not seen, and what was instead. */
export async function eventually<T>(
  fact: () => T | Promise<T>,
  missing: () => string,
  within = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + within;
  for (;;) {
    const seen = await fact();
    if (seen) return seen as NonNullable<T>;
    if (performance.now() > end) throw new Error(`${missing()} (waited ${within} ms)`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
