import { foldCase } from '../text/fold.ts';
import type { Speaker } from '../timeline/recent-speakers.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { SUGGESTIONS_MAX, type Suggestion } from './completion.ts';

/** Names and descriptions of the commands in the person's language. */
export type CommandStrings = Record<CommandName, { name: string; takes?: string; does: string }>;

/** Suggests names in the person's language, or else names of other languages that match. */
export function commandSuggestions(written: string, words: CommandStrings): Suggestion[] {
  const word = written.toLowerCase();
  const own = Object.values(words).filter(({ name }) => name.startsWith(word));
  if (own.length > 0) return own.map(commandSuggestion);
  return Object.entries(COMMANDS)
    .filter(([name]) => name.startsWith(word))
    .map(([name, command]) => commandSuggestion({ ...words[command], name }));
}

function commandSuggestion({ name, takes, does }: CommandStrings[CommandName]): Suggestion {
  return takes === undefined
    ? { text: `/${name}`, label: `/${name}`, hint: does }
    : { text: `/${name} `, label: `/${name} ${takes}`, hint: does };
}

/** Matches any word of the nickname, or the address. */
export function mentionSuggestions(written: string, speakers: readonly Speaker[]): Suggestion[] {
  const word = foldCase(written);
  const isMeant = ({ nickname = '', address }: Speaker) =>
    address.startsWith(word) || ` ${foldCase(nickname)}`.includes(` ${word}`);
  return speakers.filter(isMeant).slice(0, SUGGESTIONS_MAX).map(mentionSuggestion);
}

function mentionSuggestion({ nickname, address }: Speaker): Suggestion {
  return nickname === undefined
    ? { text: `@${address} `, label: address }
    : { text: `@${nickname} `, label: nickname, hint: address };
}
