/**
 * A QR code for a terminal: two modules to a character.
 */
import { renderUnicodeCompact } from 'uqr';

/** The quiet zone that readers need around it, modules. */
const BORDER = 4;
/** White on black of the fixed part of the palette, whatever colours the terminal has: blocks are what is light. */
const COLOURS = '\x1b[38;5;231;48;5;16m';
const RESET = '\x1b[0m';

/** Its lines; undefined where there is nobody to point a camera (a pipe, a log), or where it would be broken. */
export function terminalCode(
  text: string,
  { isTTY, columns }: { isTTY?: boolean; columns?: number },
): string | undefined {
  if (!isTTY) return undefined;
  const lines = renderUnicodeCompact(text, { ecc: 'L', border: BORDER }).split('\n');
  if (lines.some(({ length }) => length > (columns ?? 0))) return undefined;
  return lines.map((line) => `${COLOURS}${line}${RESET}`).join('\n');
}
