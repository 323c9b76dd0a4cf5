/**
 * Turns text from clients into lines that are safe for the room: no line ends, control characters or forged headers.
 */
import { toSingleLine } from '../../common/control-characters.ts';
import { findHeaderLike } from '../upstream/formats/dice-parser.ts';

/** Blanks, and characters that only change their neighbours: joiners, selectors, tags. */
const INVISIBLE = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** Looks like a space, but not to a parser of the room. */
const NO_BREAK_SPACE = '\u00a0';

/**
 * Returns one line without anything that looks like another line, another sender or a terminal command. The line is empty
 * if no visible character is left.
 */
export function sanitize(text: string): string {
  const line = toSingleLine(text.toWellFormed());
  return INVISIBLE.test(line) ? '' : escapeHeaders(line);
}

/** Makes `10.0.0.7:4000 dice: ` inside a message look the same without being a header. */
function escapeHeaders(line: string): string {
  const safe: string[] = [];
  let done = 0;
  // No address contains ` dice: `, so an escaped header does not change the next.
  for (let end = findHeaderLike(line); end >= 0; end = findHeaderLike(line, end + 1)) {
    safe.push(line.slice(done, end), NO_BREAK_SPACE);
    done = end + 1;
  }
  return done === 0 ? line : safe.join('') + line.slice(done);
}
