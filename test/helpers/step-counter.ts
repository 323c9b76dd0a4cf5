/**
 * Counts the characters that string methods and regular expressions look at, so that a test can measure how a cost
 * grows without a clock.
 */

/** Returns how many characters `run` looked at. `run` must not await: others would be counted too. */
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
    // A concatenation is not seen, but the parts of one that is made again and again are.
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
