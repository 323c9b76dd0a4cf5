import { t } from './i18n.ts';
import { LAZY_STRINGS, type LazyStrings } from './lazy-strings.ts';

/** In the language of the moment. Only for what is loaded later itself: else these words come with the page. */
export function lazyStrings(): LazyStrings {
  return LAZY_STRINGS[t.code];
}
