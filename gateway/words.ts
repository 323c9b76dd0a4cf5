/**
 * What browsers write -> what may go into the room. Pure.
 */
import { SAYS, WIRE_MAX_BYTES } from '../tcp-server/wire.ts';
import { findHeaderLike } from './parser.ts';

/** What one piece may hold, bytes: the newline that ends it takes one. */
export const PIECE_MAX_BYTES = WIRE_MAX_BYTES - 1;

/** Everything a terminal or a text editor takes for the end of a line. */
const LINE_ENDS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;

/** C0 but for TAB, DEL, C1: they move cursors, ring bells, clear screens. */
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g;

/** Embeddings and overrides that turn the rest of a line around, addresses included. Isolates and marks stay. */
const BIDI_OVERRIDES = /[\u202a-\u202e]/g;

/** Blanks, and what only serves the characters around it: joiners, selectors, tags. */
const INVISIBLE = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** Looks like a space, and is none to a parser of the room. */
const NO_BREAK_SPACE = '\u00a0';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * One line of text without anything that could pass for another line, another speaker or a command to a
 * terminal. Empty if nothing readable is left.
 */
export function cleanText(text: string): string {
  const line = asOneLine(text.toWellFormed());
  return INVISIBLE.test(line) ? '' : defuseHeaders(line);
}

/** Without what moves a terminal's cursor or turns its line around. */
export function asOneLine(text: string): string {
  return text.replace(LINE_ENDS, ' ').replace(CONTROLS, '').replace(BIDI_OVERRIDES, '');
}

/** `10.0.0.7:4000 dice: ` inside a message reads the same and is no header any more. */
function defuseHeaders(line: string): string {
  let safe = line;
  for (let says = findHeaderLike(safe); says >= 0; says = findHeaderLike(safe, says + 1)) {
    safe = `${safe.slice(0, says)}${NO_BREAK_SPACE}${SAYS.slice(1)}${safe.slice(says + SAYS.length)}`;
  }
  return safe;
}

/** Parts of at most `maxBytes` of UTF-8, cut between graphemes (between characters inside a giant one). */
export function cutForWire(line: string, maxBytes = PIECE_MAX_BYTES): string[] {
  if (Buffer.byteLength(line) <= maxBytes) return [line];
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const unit of units(line, maxBytes)) {
    const size = Buffer.byteLength(unit);
    if (bytes + size > maxBytes) {
      pieces.push(piece);
      piece = '';
      bytes = 0;
    }
    piece += unit;
    bytes += size;
  }
  pieces.push(piece);
  return pieces;
}

function* units(line: string, maxBytes: number): Generator<string> {
  for (const { segment } of graphemes.segment(line)) {
    if (Buffer.byteLength(segment) <= maxBytes) yield segment;
    else yield* segment;
  }
}
