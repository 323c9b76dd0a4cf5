const MARKS = /\p{M}/gu;

/** Removes case and accents. */
export function foldCase(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase();
}
