/**
 * The name under which a person logs in to a room. Pure.
 */

/** Characters that servers use around names, or refuse. */
const UNUSUAL = /[^\p{L}\p{M}\p{N}._'-]+/gu;

/** Tries of a name that a server refuses: `Ana`, `Ana-2`, `Ana2`, `Ana-3`, ... */
export const NAME_TRIES = 9;

/** Returns the name for a try, from 0 on. Some servers refuse a hyphen, so every other name has none. */
export function loginNameOf(wanted: string, attempt: number): string {
  const name = wanted.normalize('NFC').trim().replace(UNUSUAL, '_') || '_';
  if (attempt === 0) return name;
  return `${name}${attempt % 2 === 1 ? '-' : ''}${Math.floor((attempt + 3) / 2)}`;
}
