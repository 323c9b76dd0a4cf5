/** Strings and date formats in the person's language. Both are live bindings: a render reads the current language. */
import { DATE_LOCALES } from '../../common/display/date-locales.ts';
import type { Preferences } from '../client/preferences.ts';
import { createDateFormat, type DateFormat } from './date-format.ts';
import { chooseLanguage, DICTIONARIES, type Strings } from './strings.ts';

export let t: Strings = DICTIONARIES.en;
export let dates: DateFormat;

setLanguage('browser');

/** Sets the language and returns its name. The caller renders the page again. */
export function setLanguage(choice: Preferences['language']): string {
  const name = chooseLanguage(navigator.languages, choice === 'browser' ? undefined : choice);
  t = DICTIONARIES[name];
  dates = createDateFormat(DATE_LOCALES[name]);
  return name;
}
