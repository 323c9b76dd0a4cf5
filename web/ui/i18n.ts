/**
 * What the page says, in the person's language. Both bindings are live: whoever uses them while it renders speaks
 * the language of the moment.
 */
import type { Preferences } from '../client/preferences.ts';
import { type Times, timesIn } from './date-format.ts';
import { chooseLanguage, DICTIONARIES, type Strings } from './strings.ts';

export let words: Strings = DICTIONARIES.en;
export let times: Times;

speak('browser');

/** Returns the language that the page speaks from now on; what is drawn already must be drawn anew. */
export function speak(choice: Preferences['language']): string {
  const { name, locale } = chooseLanguage(navigator.languages, choice === 'browser' ? undefined : choice);
  words = DICTIONARIES[name];
  times = timesIn(locale);
  return name;
}
