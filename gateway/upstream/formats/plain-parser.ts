/**
 * Parses the text of a room without headers: `ncat --broker`, or `--chat`, which writes names of its own. Pure.
 */
import type { RoomText } from './room-text.ts';

/** The name that `ncat --chat` writes before a line. */
const NAME = /^<[^<>\s]{1,32}> /;

/** The escapes that `ncat --chat` writes for bytes beyond ASCII: `\303\261`. */
const ESCAPES = /(?:\\[0-3][0-7]{2})+/g;

/** Emits each line as a message. A flush emits the beginning of an incomplete line, and its rest is a continuation. */
export class PlainParser {
  #hasBegun = false;

  /** Emits a line, or the rest of a line whose beginning was emitted. */
  emitLine(line: string): RoomText[] {
    const texts = this.#emit(line);
    this.#hasBegun = false;
    return texts;
  }

  /** Emits the beginning or a further part of a line that has no end yet. */
  emitPart(text: string): RoomText[] {
    return this.#emit(text);
  }

  #emit(text: string): RoomText[] {
    if (text === '') return [];
    const emitted: RoomText = this.#hasBegun
      ? { kind: 'continuation', text }
      : { kind: 'message', from: '', text };
    this.#hasBegun = true;
    return [emitted];
  }
}

/** Returns the texts that a client may have sent if the room repeats it as `line`. */
export function unwrapNcatLine(line: string): string[] {
  const text = line.replace(NAME, '');
  return [line, text, text.replace(ESCAPES, unescapeBytes)];
}

/** The last characters of a header of another kind: `[A]: `, `<Ana> `, `Ana: `, `(10:30) `. */
const HEADER_ENDS = /[:>\])] /g;

/** Longest header, characters, and how many ends are tried, because a header may hold a time, a name, an address. */
const HEADER_MAX = 120;
const HEADER_ENDS_MAX = 6;

/** Returns the texts that may be the message of a line with a header of an unknown kind. */
export function textsBehindHeader(line: string): string[] {
  const ends = [...line.slice(0, HEADER_MAX).matchAll(HEADER_ENDS)].slice(0, HEADER_ENDS_MAX);
  return ends.map(({ index }) => line.slice(index + 2)).filter((text) => text.trim() !== '');
}

function unescapeBytes(escapes: string): string {
  const bytes = escapes
    .split('\\')
    .slice(1)
    .map((digits) => Number.parseInt(digits, 8));
  return Buffer.from(bytes).toString();
}
