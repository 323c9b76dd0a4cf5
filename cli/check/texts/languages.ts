import type { CheckTexts } from './check-texts.ts';
import { ENGLISH } from './english.ts';
import { SPANISH } from './spanish.ts';

export const CHECK_TEXTS: Record<'en' | 'es', CheckTexts> = { en: ENGLISH, es: SPANISH };
