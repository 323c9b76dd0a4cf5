/** What the page says, in the person's language. */
import { chooseLanguage, DICTIONARIES } from '../strings.ts';
import { timesIn } from '../times.ts';

export const language = chooseLanguage(navigator.languages);
export const words = DICTIONARIES[language.name];
export const times = timesIn(language.locale);
