/** White space, and characters that reorder a line. */
const UNPINNABLE = /[\s\p{Cc}\u2066-\u2069]+/gu;

/** Returns the text of a message as the one line that hosts pin, at most `max` characters. */
export function pinLineOf(text: string, max: number): string {
  const line = text.replace(UNPINNABLE, ' ').trim();
  return [...line].slice(0, max).join('');
}
