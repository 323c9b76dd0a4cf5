/**
 * Finds the name that a person probably meant.
 */

/** Share of the letters that may be wrong. More would suggest names at random. */
const MAX_WRONG_SHARE = 0.4;

/** Returns the most similar name, or undefined if no name is similar. */
export function nearest(written: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(written, name) }))
    .filter(({ name, distance }) => distance <= Math.max(written.length, name.length) * MAX_WRONG_SHARE)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** Counts the letters to insert, delete or replace (Levenshtein distance). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
