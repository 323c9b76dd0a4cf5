import { foldCase } from '../text/fold.ts';
import { SUGGESTIONS_MAX, type Suggestion } from './completion.ts';

/** One line for each emoji: the sign and its names, separated by spaces, then a tab and its subjects. */
export type EmojiTable = readonly string[];

interface Match {
  sign: string;
  name: string;
  rank: number;
  /** Characters of the name that are not typed yet. */
  left: number;
}

/** Ranks whole names first, then prefixes with the least left to type, then parts of names, then subjects. */
export function findEmoji(table: EmojiTable, written: string): Suggestion[] {
  const word = foldCase(written);
  return table
    .filter((line) => line.includes(word))
    .flatMap((line) => matchOf(line, word) ?? [])
    .sort((a, b) => a.rank - b.rank || a.left - b.left)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ sign, name }) => ({ text: `${sign} `, label: `:${name}:`, sign }));
}

function matchOf(line: string, word: string): Match | undefined {
  const [named = '', about = ''] = line.split('\t');
  const [sign = '', ...names] = named.split(' ');
  const ways = [
    names.find((name) => name === word),
    names.find((name) => name.startsWith(word)),
    names.find((name) => name.includes(`_${word}`)),
    ` ${about}`.includes(` ${word}`) ? names[0] : undefined,
  ];
  const rank = ways.findIndex((name) => name !== undefined);
  const name = ways[rank];
  if (name === undefined) return undefined;
  return { sign, name, rank, left: name.startsWith(word) ? name.length - word.length : 0 };
}
