import { LATER_STRINGS, type LaterStrings } from '../later-strings.ts';
import { words } from './words.ts';

/** In the language of the moment. Only for what is loaded later itself: else these words come with the page. */
export function laterWords(): LaterStrings {
  return LATER_STRINGS[words.code];
}
