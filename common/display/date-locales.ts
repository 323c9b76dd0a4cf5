/**
 * Locales of dates and times, by language. The page and its saved conversation write both in the same way, for everybody:
 * the day before the month, the month as a word, and 24 hours.
 */
export const DATE_LOCALES = { es: 'es', en: 'en-GB' } as const;
