/** Loaded when a sign is first written that begins something. */
import { commandChoices, mentionChoices } from '../choices.ts';
import { type Choice, Completion, type CompletionEffects } from '../completion.ts';
import { findEmoji } from '../emoji.ts';
import { parts } from '../parts.ts';
import type { Speaker } from '../recent-speakers.ts';
import './completion-list.ts';
import { laterWords } from './later-words.ts';
import { words } from './words.ts';

export interface ComposerEffects extends Pick<CompletionEffects, 'replace'> {
  speakers(): readonly Speaker[];
  /** `news` is for who does not see the choices. */
  changed(news: string): void;
}

export function createCompletion({ speakers, replace, changed }: ComposerEffects): Completion {
  const completion = new Completion({
    sources: {
      command: (word) => commandChoices(word, laterWords().commands),
      mention: (word) => mentionChoices(word, speakers()),
      emoji: async (word) => findEmoji((await parts.load(`emoji-${words.code}`)).default, word),
    },
    replace,
    changed: () => changed(newsOf(completion.choices)),
  });
  return completion;
}

function newsOf({ length }: readonly Choice[]): string {
  return length === 0 ? '' : laterWords().suggestionsOpen(length);
}
