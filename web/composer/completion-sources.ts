import { fold } from '../text/fold.ts';
import type { Speaker } from '../timeline/recent-speakers.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { CHOICES_MAX, type Choice } from './completion.ts';

/** A command as it is called in the person's language, and what it does. */
export type CommandWords = Record<CommandName, { name: string; takes?: string; does: string }>;

/** The person's own words for them; those of other languages once they are begun. */
export function commandChoices(written: string, words: CommandWords): Choice[] {
  const word = written.toLowerCase();
  const own = Object.values(words).filter(({ name }) => name.startsWith(word));
  if (own.length > 0) return own.map(commandChoice);
  return Object.entries(COMMANDS)
    .filter(([name]) => name.startsWith(word))
    .map(([name, command]) => commandChoice({ ...words[command], name }));
}

function commandChoice({ name, takes, does }: CommandWords[CommandName]): Choice {
  return takes === undefined
    ? { text: `/${name}`, label: `/${name}`, hint: does }
    : { text: `/${name} `, label: `/${name} ${takes}`, hint: does };
}

/** By any part of the name, or by the address. */
export function mentionChoices(written: string, speakers: readonly Speaker[]): Choice[] {
  const word = fold(written);
  const isMeant = ({ nickname = '', address }: Speaker) =>
    address.startsWith(word) || ` ${fold(nickname)}`.includes(` ${word}`);
  return speakers.filter(isMeant).slice(0, CHOICES_MAX).map(mentionChoice);
}

function mentionChoice({ nickname, address }: Speaker): Choice {
  return nickname === undefined
    ? { text: `@${address} `, label: address }
    : { text: `@${nickname} `, label: nickname, hint: address };
}
