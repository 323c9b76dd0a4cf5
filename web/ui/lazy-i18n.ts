import { words } from './i18n.ts';
import { LATER_STRINGS, type LaterStrings } from './lazy-strings.ts';

/** In the language of the moment. Only for what is loaded later itself: else these words come with the page. */
export function laterWords(): LaterStrings {
  return LATER_STRINGS[words.code];
}
