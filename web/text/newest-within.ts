/** The newest of these texts, at most `maxCharacters` together. */
export function newestWithin<T extends { text: string }>(texts: readonly T[], maxCharacters: number): T[] {
  let left = maxCharacters;
  const tooOld = texts.findLastIndex(({ text }) => {
    left -= text.length;
    return left < 0;
  });
  return texts.slice(tooOld + 1);
}
