import { type Term, termsOf, type Unit, unitsOf } from '../../gateway/search-terms.ts';

/** A part of a text, and whether it matches the query. */
export interface HighlightPart {
  text: string;
  isHit: boolean;
}

/** Longest snippet of a message in a search result, and its longest part before the first hit. */
export const SNIPPET_MAX_CHARACTERS = 240;
const SNIPPET_LEAD_CHARACTERS = 60;

/** Splits a text into hits and the rest. The gateway searches with the same terms. */
export function highlight(text: string, query: string): HighlightPart[] {
  const units = unitsOf(text);
  const hits = termsOf(query).flatMap((term) => hitsOf(term, units));
  hits.sort((a, b) => a.start - b.start);
  const parts: HighlightPart[] = [];
  let end = 0;
  for (const hit of hits) {
    if (hit.end <= end) continue;
    const start = Math.max(hit.start, end);
    if (start > end) parts.push({ text: text.slice(end, start), isHit: false });
    const last = parts.at(-1);
    if (last?.isHit) last.text += text.slice(start, hit.end);
    else parts.push({ text: text.slice(start, hit.end), isHit: true });
    end = hit.end;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isHit: false });
  return parts;
}

type Hit = Pick<Unit, 'start' | 'end'>;

function hitsOf(term: Term, units: Unit[]): Hit[] {
  if (term.kind === 'word') {
    return units.filter(
      ({ text, isSign }) => !isSign && (term.isBeginning ? text.startsWith(term.text) : text === term.text),
    );
  }
  const { signs } = term;
  return units.flatMap((unit, index) => {
    const run = units.slice(index, index + signs.length);
    const isHit = signs.every(
      (sign, offset) => run[offset]?.text === sign && (offset === 0 || run[offset]?.isJoined),
    );
    return isHit ? [{ start: unit.start, end: run.at(-1)?.end ?? unit.end }] : [];
  });
}

/** Shortens a text to the part around its first hit. */
export function snippetOf(text: string, query: string): HighlightPart[] {
  const parts = highlight(text, query);
  const [first] = parts;
  if (
    first !== undefined &&
    !first.isHit &&
    parts.length > 1 &&
    first.text.length > SNIPPET_LEAD_CHARACTERS
  ) {
    parts[0] = { isHit: false, text: `…${dropHalfStart(first.text.slice(-SNIPPET_LEAD_CHARACTERS))}` };
  }
  return shorten(parts);
}

function shorten(parts: HighlightPart[]): HighlightPart[] {
  let room = SNIPPET_MAX_CHARACTERS;
  const kept: HighlightPart[] = [];
  for (const part of parts) {
    if (room <= 0) break;
    const text = part.text.length > room ? `${dropHalfEnd(part.text.slice(0, room))}…` : part.text;
    kept.push({ ...part, text });
    room -= part.text.length;
  }
  return kept;
}

/** Drops half a surrogate pair. */
function dropHalfStart(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, '');
}

function dropHalfEnd(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
