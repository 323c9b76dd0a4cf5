/**
 * What browsers write -> what may go into the room. Pure.
 */
import { toSingleLine } from '../../common/control-characters.ts';
import { utf8End } from '../../common/utf8.ts';
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';
import { findHeaderLike } from '../upstream/formats/dice-parser.ts';

/** What one piece may hold, bytes: the newline that ends it takes one. */
export const CHUNK_MAX_BYTES = WIRE_MAX_BYTES - 1;

/** Blanks, and what only serves the characters around it: joiners, selectors, tags. */
const INVISIBLE = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

/** Looks like a space, and is none to a parser of the room. */
const NO_BREAK_SPACE = '\u00a0';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * One line of text without anything that could pass for another line, another speaker or a command to a
 * terminal. Empty if nothing readable is left.
 */
export function sanitize(text: string): string {
  const line = toSingleLine(text.toWellFormed());
  return INVISIBLE.test(line) ? '' : escapeHeaders(line);
}

/** `10.0.0.7:4000 dice: ` inside a message reads the same and is no header any more. */
function escapeHeaders(line: string): string {
  const safe: string[] = [];
  let done = 0;
  // No address holds ` dice: `, so a header that was defused changes nothing of the next.
  for (let says = findHeaderLike(line); says >= 0; says = findHeaderLike(line, says + 1)) {
    safe.push(line.slice(done, says), NO_BREAK_SPACE);
    done = says + 1;
  }
  return done === 0 ? line : safe.join('') + line.slice(done);
}

/**
 * The chunks of a line that are not sent yet: at most `maxBytes` of UTF-8 each, cut between graphemes (between characters
 * inside a giant one). Keeps the line and where it is cut, because its chunks would take many times its size.
 */
export class Chunks {
  readonly #line: string;
  /** Where each chunk ends. */
  readonly #ends: readonly number[];
  #taken = 0;

  constructor(line: string, maxBytes = CHUNK_MAX_BYTES) {
    this.#line = line;
    this.#ends = chunkEnds(line, maxBytes);
  }

  /** How many are left. */
  get left(): number {
    return this.#ends.length - this.#taken;
  }

  get bytesLeft(): number {
    return Buffer.byteLength(this.#line.slice(this.#start));
  }

  /** Size of the next chunk; 0 when none is left. */
  get nextBytes(): number {
    return Buffer.byteLength(this.#next);
  }

  /** Removes and returns the next chunk, as a copy: a slice would keep the whole line in memory. */
  take(): string {
    const chunk = Buffer.from(this.#next).toString();
    this.#taken++;
    return chunk;
  }

  get #start(): number {
    return this.#ends[this.#taken - 1] ?? 0;
  }

  get #next(): string {
    return this.#line.slice(this.#start, this.#ends[this.#taken]);
  }
}

function chunkEnds(line: string, maxBytes: number): number[] {
  const ends: number[] = [];
  let start = 0;
  do {
    start = graphemeEnd(line, start, utf8End(line, start, maxBytes), maxBytes);
    ends.push(start);
  } while (start < line.length);
  return ends;
}

/** The end of the last grapheme that fits between `start` and `end`; `end` inside a giant one. */
function graphemeEnd(line: string, start: number, end: number, maxBytes: number): number {
  if (end >= line.length) return line.length;
  // The segmenter's cost grows with the square of its text: it gets one chunk, and as much of the next as decides.
  const around = graphemes.segment(line.slice(start, end + maxBytes + 1));
  const { index = 0, segment = '' } = around.containing(end - start) ?? {};
  return Buffer.byteLength(segment) > maxBytes ? end : start + index;
}
