/** A part of a text, and whether it is what was looked for. */
export interface Part {
  text: string;
  isHit: boolean;
}

/** Longest part of a message that a result shows, characters, and how much of that stands before the first hit. */
export const SNIPPET_MAX = 240;
const SNIPPET_LEAD = 60;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const MARKS = /\p{M}/gu;

export function wordsOf(query: string): string[] {
  return (query.match(WORD) ?? []).map(fold);
}

/** Where a text holds the words of a query, as the gateway finds them: the last one may be a beginning. */
export function markHits(text: string, query: string): Part[] {
  const wanted = wordsOf(query);
  const beginning = wanted.at(-1);
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const folded = fold(word);
    if (!wanted.includes(folded) && (beginning === undefined || !folded.startsWith(beginning))) continue;
    if (index > end) parts.push({ text: text.slice(end, index), isHit: false });
    parts.push({ text: word, isHit: true });
    end = index + word.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isHit: false });
  return parts;
}

/** The part of a long text around its first hit. */
export function snippetOf(text: string, query: string): Part[] {
  const parts = markHits(text, query);
  const [first] = parts;
  if (first !== undefined && !first.isHit && parts.length > 1 && first.text.length > SNIPPET_LEAD) {
    parts[0] = { isHit: false, text: `…${wholeStart(first.text.slice(-SNIPPET_LEAD))}` };
  }
  return shorten(parts);
}

function shorten(parts: Part[]): Part[] {
  let room = SNIPPET_MAX;
  const kept: Part[] = [];
  for (const part of parts) {
    if (room <= 0) break;
    const text = part.text.length > room ? `${wholeEnd(part.text.slice(0, room))}…` : part.text;
    kept.push({ ...part, text });
    room -= part.text.length;
  }
  return kept;
}

/** Half a surrogate pair is no character. */
function wholeStart(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, '');
}

function wholeEnd(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}

/** Without case and accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase();
}
