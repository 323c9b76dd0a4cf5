/**
 * Cuts a line into chunks, because the tutorial's server reads 1024 bytes at a time.
 */
import { utf8End } from '../../common/utf8.ts';
import { WIRE_MAX_BYTES } from '../../tcp-server/wire.ts';

/** Size of a chunk without its newline, bytes. */
export const CHUNK_MAX_BYTES = WIRE_MAX_BYTES - 1;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Iterates over the chunks of a line: at most `maxBytes` of UTF-8 each, cut between graphemes, or between characters in a
 * giant grapheme. Keeps the line and the offsets of its cuts, because the chunks would take many times its size.
 */
export class Chunks {
  readonly #line: string;
  /** Offset of the end of each chunk. */
  readonly #ends: readonly number[];
  #taken = 0;

  constructor(line: string, maxBytes = CHUNK_MAX_BYTES) {
    this.#line = line;
    this.#ends = chunkEnds(line, maxBytes);
  }

  /** Number of chunks that are not taken. */
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

  /** Removes the next chunk. Returns a copy of a part, because a slice would keep the whole line in memory. */
  take(): string {
    const chunk = this.#ends.length === 1 ? this.#line : Buffer.from(this.#next).toString();
    this.#taken++;
    return chunk;
  }

  /** The chunks that are not taken. */
  get rest(): string[] {
    const starts = [this.#start, ...this.#ends.slice(this.#taken, -1)];
    return this.#ends.slice(this.#taken).map((end, index) => this.#line.slice(starts[index], end));
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

/** Returns the end of the last grapheme between `start` and `end`, or `end` in a giant grapheme. */
function graphemeEnd(line: string, start: number, end: number, maxBytes: number): number {
  if (end >= line.length) return line.length;
  let from = end;
  while (from > start && !isSimpleBoundary(line, from)) from--;
  if (from === end) return end;
  // The segmenter's cost grows with the square of its text, so it gets one chunk and the beginning of the next at most.
  const around = graphemes.segment(line.slice(from, end + maxBytes + 1));
  const { index = 0, segment = '' } = around.containing(end - from) ?? {};
  return Buffer.byteLength(segment) > maxBytes ? end : from + index;
}

/** No character below this one joins another one to a grapheme, except a line feed after a carriage return. */
const FIRST_JOINER = 0x300;

/** Returns true if a grapheme surely begins at `index`. Lines have no carriage returns. */
function isSimpleBoundary(line: string, index: number): boolean {
  return line.charCodeAt(index - 1) < FIRST_JOINER && line.charCodeAt(index) < FIRST_JOINER;
}
