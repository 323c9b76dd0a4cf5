/**
 * A QR code for a terminal, with two modules per character.
 */
import { renderUnicodeCompact } from 'uqr';

/** Quiet zone around the code that readers need, modules. */
const BORDER = 4;
/**
 * White on black of the fixed part of the palette, because terminals may redefine the rest. Blocks are the light
 * modules.
 */
const COLOURS = '\x1b[38;5;231;48;5;16m';
const RESET = '\x1b[0m';

/** Returns its lines, or undefined in a pipe or a log, and where the terminal would wrap its lines. */
export function terminalCode(
  text: string,
  { isTTY, columns }: { isTTY?: boolean; columns?: number },
): string | undefined {
  if (!isTTY) return undefined;
  const lines = renderUnicodeCompact(text, { ecc: 'L', border: BORDER }).split('\n');
  if (lines.some(({ length }) => length > (columns ?? 0))) return undefined;
  return lines.map((line) => `${COLOURS}${line}${RESET}`).join('\n');
}
