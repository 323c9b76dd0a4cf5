/** A longer text is folded, so that one message does not fill the screen. Characters and lines. */
export const FOLD_OVER = { characters: 1_200, lines: 24 };
/** Size of a folded text. It is smaller than FOLD_OVER, so that unfolding shows more. */
export const FOLDED = { characters: 800, lines: 16 };
/** Returns the beginning of a long text; undefined for a text that is not folded. */
export function truncateLong(text: string): string | undefined {
  const isLong = text.length > FOLD_OVER.characters || lineEnd(text, FOLD_OVER.lines) < text.length;
  if (!isLong) return undefined;
  return wholeEnd(text.slice(0, Math.min(FOLDED.characters, lineEnd(text, FOLDED.lines))));
}

/** Returns the end of the first `count` lines of a text. */
function lineEnd(text: string, count: number): number {
  let end = -1;
  for (let line = 0; line < count; line++) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return text.length;
  }
  return end;
}

/** Removes half a surrogate pair at the end. */
function wholeEnd(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
