/** Returns the newest texts of a list, with at most `maxCharacters` in total. */
export function newestWithin<T extends { text: string }>(texts: readonly T[], maxCharacters: number): T[] {
  let left = maxCharacters;
  const tooOld = texts.findLastIndex(({ text }) => {
    left -= text.length;
    return left < 0;
  });
  return texts.slice(tooOld + 1);
}
