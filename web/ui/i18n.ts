/**
 * What the page says, in the person's language. Both bindings are live: whoever uses them while it renders speaks
 * the language of the moment.
 */
import type { Preferences } from '../client/preferences.ts';
import { createDateFormat, type DateFormat } from './date-format.ts';
import { chooseLanguage, DICTIONARIES, type Strings } from './strings.ts';

export let t: Strings = DICTIONARIES.en;
export let dates: DateFormat;

setLanguage('browser');

/** Returns the language that the page speaks from now on; what is drawn already must be drawn anew. */
export function setLanguage(choice: Preferences['language']): string {
  const { name, locale } = chooseLanguage(navigator.languages, choice === 'browser' ? undefined : choice);
  t = DICTIONARIES[name];
  dates = createDateFormat(locale);
  return name;
}
