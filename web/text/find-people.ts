import type { BrowserHere, TerminalHeard } from '../../gateway/protocol.ts';
import { foldCase } from './fold.ts';

/** Finds a text in names and addresses, in alphabetical order. People without a name come last. */
export function findPeople<Person extends BrowserHere | TerminalHeard>(
  people: readonly Person[],
  text: string,
  language: string,
): Person[] {
  const folded = foldCase(text.trim());
  const { compare } = new Intl.Collator(language, { numeric: true });
  return people
    .filter(({ nickname, address }) => foldCase(`${nickname ?? ''} ${address ?? ''}`).includes(folded))
    .sort((a, b) => {
      if ((a.nickname === undefined) !== (b.nickname === undefined)) return a.nickname === undefined ? 1 : -1;
      return compare(a.nickname ?? a.address ?? '', b.nickname ?? b.address ?? '');
    });
}
