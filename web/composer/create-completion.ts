/** Loaded when a sign is first written that begins something. */

import { parts } from '../parts/parts.ts';
import type { Speaker } from '../timeline/recent-speakers.ts';
import { type Choice, Completion, type CompletionEffects } from './completion.ts';
import { commandChoices, mentionChoices } from './completion-sources.ts';
import { findEmoji } from './emoji-search.ts';
import './completion-list.ts';
import { words } from '../ui/i18n.ts';
import { laterWords } from '../ui/lazy-i18n.ts';

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
