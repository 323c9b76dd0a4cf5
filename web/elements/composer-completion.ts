/** Loaded when a sign is first written that begins something. */
import { commandChoices, mentionChoices } from '../choices.ts';
import { Completion, type CompletionEffects } from '../completion.ts';
import { findEmoji } from '../emoji.ts';
import type { Speaker } from '../recent-speakers.ts';
import './completion-list.ts';
import { words } from './words.ts';

const TABLES = {
  es: () => import('virtual:emoji/es'),
  en: () => import('virtual:emoji/en'),
};

export function createCompletion(
  speakers: () => readonly Speaker[],
  effects: Omit<CompletionEffects, 'sources'>,
): Completion {
  const sources = {
    command: (word: string) => commandChoices(word, words.commands),
    mention: (word: string) => mentionChoices(word, speakers()),
    emoji: async (word: string) => findEmoji((await TABLES[words.code]()).default, word),
  };
  return new Completion({ ...effects, sources });
}
