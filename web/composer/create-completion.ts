/** Connects a completion to its sources. Loaded when the person first types `/`, `@` or `:`. */

import type { Speaker } from '../timeline/recent-speakers.ts';
import { Completion, type CompletionEffects, type Suggestion } from './completion.ts';
import { commandSuggestions, mentionSuggestions } from './completion-sources.ts';
import { type EmojiTable, findEmoji } from './emoji-search.ts';
import './completion-list.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';

export interface ComposerEffects extends Pick<CompletionEffects, 'replace'> {
  speakers(): readonly Speaker[];
  loadEmoji(): Promise<EmojiTable>;
  /** `announcement` is for screen readers. */
  changed(announcement: string): void;
}

export function createCompletion({ speakers, loadEmoji, replace, changed }: ComposerEffects): Completion {
  const completion = new Completion({
    sources: {
      command: (word) => commandSuggestions(word, lazyStrings().commands),
      mention: (word) => mentionSuggestions(word, speakers()),
      emoji: async (word) => findEmoji(await loadEmoji(), word),
    },
    replace,
    changed: () => changed(announcementOf(completion.suggestions)),
  });
  return completion;
}

function announcementOf({ length }: readonly Suggestion[]): string {
  return length === 0 ? '' : lazyStrings().suggestionsOpen(length);
}
