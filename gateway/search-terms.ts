/**
 * CONTRACT: the gateway and the page split text into search terms by these rules. Imports nothing.
 *
 *     'Canción'  -> cancion            a word: case, accents and compatibility forms make no difference
 *     '東京都'   -> 東 京 都           signs: scripts that write no spaces between words, and symbols such as emoji
 *
 * A search finds messages that contain all its words and all its runs of signs, anywhere in the text. The last word may
 * be a prefix.
 */

export interface Unit {
  /** Folded text, which is compared. */
  text: string;
  isSign: boolean;
  /** Whether this unit follows the previous one directly. */
  isJoined: boolean;
  /** Position in the original text. */
  start: number;
  end: number;
}

/** A part of a query. A message must contain all parts. */
export type Term = { kind: 'word'; text: string; isBeginning: boolean } | { kind: 'signs'; signs: string[] };

/** Matches runs of ASCII letters, a Hangul syllable in parts, or a character with its marks. */
const CLUSTER =
  /[A-Za-z0-9]+(?![\p{M}])|[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|[\s\S][\p{M}\uff9e\uff9f]*/gu;
const ASCII_WORD = /^[A-Za-z0-9]+$/;

/**
 * Matches marks that a search ignores: accents, points of Hebrew and Arabic, joiners, selectors, skin tones. Marks that
 * are vowels, or make another kana, are kept.
 */
const IGNORED =
  /(?![\u3099\u309a])\p{Script=Inherited}|[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]|\p{Default_Ignorable_Code_Point}|\p{Emoji_Modifier}/gu;

/** Letters that Unicode does not decompose. */
const FOLDED: Record<string, string> = {
  ß: 'ss',
  ς: 'σ',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ħ: 'h',
};

const SIGN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\u3099\u309a\u30fc]|(?![\0-\x7f])\p{S}/u;
const LETTER = /[\p{L}\p{N}\p{M}]/u;

/** Cache of folded clusters. */
const known = new Map<string, string>();
const MAX_KNOWN = 4_096;

export function unitsOf(text: string): Unit[] {
  const units: Unit[] = [];
  let isJoined = false;
  for (const { 0: cluster, index: start } of text.matchAll(CLUSTER)) {
    const end = start + cluster.length;
    for (const part of ASCII_WORD.test(cluster) ? [cluster.toLowerCase()] : foldCluster(cluster)) {
      const last = isJoined ? units.at(-1) : undefined;
      const isSign = SIGN.test(part);
      if (!isSign && !LETTER.test(part)) {
        isJoined = false;
        continue;
      }
      if (last && !last.isSign && !isSign) {
        last.text += part;
        last.end = end;
      } else {
        units.push({ text: part, isSign, isJoined, start, end });
      }
      isJoined = true;
    }
  }
  return units;
}

export function termsOf(query: string): Term[] {
  const terms: Term[] = [];
  const units = unitsOf(query);
  for (const [index, { text, isSign, isJoined }] of units.entries()) {
    const last = terms.at(-1);
    if (!isSign) terms.push({ kind: 'word', text, isBeginning: index === units.length - 1 });
    else if (isJoined && last?.kind === 'signs') last.signs.push(text);
    else terms.push({ kind: 'signs', signs: [text] });
  }
  return terms;
}

/** Returns the characters of a cluster without accents and case. */
function foldCluster(cluster: string): Iterable<string> {
  const seen = known.get(cluster);
  if (seen !== undefined) return seen;
  const bare = cluster.normalize('NFKD').toLowerCase().replace(IGNORED, '').normalize('NFC');
  const folded = [...bare].map((character) => FOLDED[character] ?? character).join('');
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(cluster, folded);
  return folded;
}
