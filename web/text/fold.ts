const MARKS = /\p{M}/gu;

/** Without case and accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase();
}
