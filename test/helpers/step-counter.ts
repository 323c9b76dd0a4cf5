/**
 * Counts the characters that string methods and regular expressions examine. So a test measures the growth of a cost
 * without a clock.
 */

/**
 * Returns the number of characters that `run` examined. `run` must not await, because other code would be counted
 * too.
 */
export function countSteps(run: () => void): number {
  let steps = 0;
  const restore = [
    patch(RegExp.prototype, 'exec', function (original, text) {
      const from = this.global || this.sticky ? this.lastIndex : 0;
      const match = original.call(this, text);
      steps += (match ? match.index + match[0].length : String(text).length) - from + 1;
      return match;
    }),
    patch(String.prototype, 'indexOf', function (original, part, from = 0) {
      const found = original.call(this, part, from);
      steps += (found < 0 ? this.length : found) - from + 1;
      return found;
    }),
    // Concatenations are not counted, but the parts of repeated ones are.
    patch(String.prototype, 'slice', function (original, from, to) {
      const part = original.call(this, from, to);
      steps += part.length + 1;
      return part;
    }),
    ...(['includes', 'split', 'replaceAll', 'trimEnd'] as const).map((name) =>
      patch(String.prototype, name, function (original, ...args) {
        steps += this.length + 1;
        return (original as (...args: unknown[]) => unknown).apply(this, args) as never;
      }),
    ),
  ];
  try {
    run();
  } finally {
    for (const put of restore) put();
  }
  return steps;
}

function patch<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  counted: T[K] extends (...args: infer A) => infer R
    ? (this: T, original: (...args: A) => R, ...args: A) => R
    : never,
): () => void {
  const original = prototype[name];
  const call = counted as (this: T, original: unknown, ...args: unknown[]) => unknown;
  prototype[name] = function (this: T, ...args: unknown[]) {
    return call.call(this, original, ...args);
  } as T[K];
  return () => {
    prototype[name] = original;
  };
}
