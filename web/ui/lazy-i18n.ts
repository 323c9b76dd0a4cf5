import { t } from './i18n.ts';
import { LAZY_STRINGS, type LazyStrings } from './lazy-strings.ts';

/** Returns the lazy strings in the current language. Imported only by lazy parts, to keep the first load small. */
export function lazyStrings(): LazyStrings {
  return LAZY_STRINGS[t.code];
}
