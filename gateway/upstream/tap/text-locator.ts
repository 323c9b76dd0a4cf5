/**
 * Finds the bytes of each text that a parser has emitted in the bytes that the parser was given. Pure.
 *
 *     ...hola\n127.0.0.1:4000 dice: qué tal\n...
 *            | line ends, header  | text
 *          cursor
 */
import type { Manner } from '../formats/manner.ts';
import type { RoomText } from '../formats/room-text.ts';

/** Bytes kept: the longest line that a parser holds, in characters of several bytes, and the reads around it. */
export const PENDING_MAX_BYTES = 64 * 1024;

/** Bytes kept before the cursor. A parser may emit the first half of a header as text, and find the header later. */
const BEHIND_BYTES = 128;

/** Some of the bytes. A slice has hundreds, and a buffer for each would cost more than to find it. */
export interface Span {
  bytes: Buffer;
  start: number;
  end: number;
}

/** The bytes of a text, and those before it in the header of its message. */
export interface LocatedText {
  /** Number of the first byte in the stream. */
  offset: number;
  header: number;
  /** Header and text. */
  span: Span;
}

const LF = 0x0a;
const CR = 0x0d;
const REPLACEMENT = '\ufffd';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

export class TextLocator {
  readonly #manner: Pick<Manner, 'headerEnd' | 'encode'>;
  #bytes: Buffer = Buffer.alloc(0);
  /** Number of the first byte kept. */
  #offset = 0;
  /** Index in `#bytes` behind the last text. */
  #cursor = 0;

  constructor(manner: Pick<Manner, 'headerEnd' | 'encode'>) {
    this.#manner = manner;
  }

  /** Copies the bytes, because the next read overwrites them. Keeps at least them, so that a read is always whole. */
  push(bytes: Uint8Array): void {
    const surplus = this.#bytes.length + bytes.length - PENDING_MAX_BYTES;
    const from = Math.min(this.#bytes.length, Math.max(0, this.#cursor - BEHIND_BYTES, surplus));
    this.#bytes = Buffer.concat([this.#bytes.subarray(from), bytes]);
    this.#offset += from;
    this.#cursor = Math.max(0, this.#cursor - from);
  }

  /** Forgets all bytes. The next have this number. */
  reset(offset: number): void {
    this.#bytes = Buffer.alloc(0);
    this.#offset = offset;
    this.#cursor = 0;
  }

  /** Returns the line ends behind the last text, and moves behind them. */
  takeLineEnds(): Span {
    const start = this.#cursor;
    while (isLineEnd(this.#bytes[this.#cursor])) this.#cursor++;
    return { bytes: this.#bytes, start, end: this.#cursor };
  }

  /** Returns undefined for a text whose beginning came before the first byte. */
  locate(text: RoomText): LocatedText | undefined {
    const found =
      text.kind === 'message' ? this.#locateMessage(text) : this.#locateFrom(this.#cursor, text.text);
    if (!found) return undefined;
    const { start, textStart, end } = found;
    this.#cursor = end;
    return {
      offset: this.#offset + start,
      header: textStart - start,
      span: { bytes: this.#bytes, start, end },
    };
  }

  /** Returns the span of `line`, which comes next in the rest of a text, behind line ends. */
  split({ bytes, start, end }: Span, line: string): Span {
    let from = start;
    while (from < end && isLineEnd(bytes[from]) && !line.startsWith('\n')) from++;
    return { bytes, start: from, end: this.#endOf(bytes, from, line) ?? end };
  }

  #locateMessage({ from, text }: RoomText & { kind: 'message' }) {
    const { headerEnd } = this.#manner;
    if (headerEnd === undefined) return this.#locateInLine(text);
    // Nearly always the message is next, as it is spelled.
    const next = this.#endAsSpelled(this.#cursor, from + headerEnd + text);
    if (next !== undefined) {
      return { start: this.#cursor, textStart: next - Buffer.byteLength(text), end: next };
    }
    for (let at = this.#bytes.indexOf(headerEnd, Math.max(0, this.#cursor - headerEnd.length)); at >= 0; ) {
      const textStart = at + Buffer.byteLength(headerEnd);
      const end = textStart <= this.#cursor ? undefined : this.#endOf(this.#bytes, textStart, text);
      if (end !== undefined) return { start: this.#headerStart(from + headerEnd, textStart), textStart, end };
      at = this.#bytes.indexOf(headerEnd, at + 1);
    }
    return undefined;
  }

  #endAsSpelled(start: number, text: string): number | undefined {
    const end = start + Buffer.byteLength(text);
    return this.#bytes.toString('utf8', start, end) === text ? end : undefined;
  }

  /** A header begins behind the last text, unless its beginning was taken for text. */
  #headerStart(header: string, textStart: number): number {
    const start = textStart - Buffer.byteLength(header);
    const isSpelledSo = start >= 0 && this.#bytes.subarray(start, textStart).equals(Buffer.from(header));
    return isSpelledSo ? start : Math.min(this.#cursor, textStart);
  }

  /** The text of a line ends with the line. Else it is searched. */
  #locateInLine(text: string) {
    const start = this.#cursor;
    const bytes = Buffer.from(this.#manner.encode(text));
    for (let at = this.#bytes.indexOf(bytes, start); at >= 0; at = this.#bytes.indexOf(bytes, at + 1)) {
      const end = at + bytes.length;
      if (end === this.#bytes.length || isLineEnd(this.#bytes[end])) return { start, textStart: at, end };
    }
    return this.#locateFrom(start, text);
  }

  #locateFrom(start: number, text: string) {
    const end = this.#endOf(this.#bytes, start, text);
    if (end !== undefined) return { start, textStart: start, end };
    const bytes = Buffer.from(this.#manner.encode(text));
    const found = bytes.length > 0 ? this.#bytes.indexOf(bytes, start) : -1;
    return found < 0 ? undefined : { start: found, textStart: found, end: found + bytes.length };
  }

  /** Returns the index behind `text`. Parsers make `\r\n` one character, shorten runs of line ends, and replace invalid bytes. */
  #endOf(bytes: Buffer, start: number, text: string): number | undefined {
    const plain = Buffer.from(this.#manner.encode(text));
    if (bytes.subarray(start, start + plain.length).equals(plain)) return start + plain.length;
    let at = start;
    for (const character of text) {
      if (character === '\n')
        at += bytes[at] === CR && bytes[at + 1] === LF ? 2 : Number(isLineEnd(bytes[at]));
      else {
        while (isLineEnd(bytes[at]) && character !== '\r') at++;
        const length = this.#lengthOf(bytes, at, character);
        if (length === 0) return undefined;
        at += length;
      }
    }
    return at;
  }

  /** Returns the number of bytes at `at` that became this character; 0 if they are another one. */
  #lengthOf(bytes: Buffer, at: number, character: string): number {
    const encoded = Buffer.from(this.#manner.encode(character));
    if (bytes.subarray(at, at + encoded.length).equals(encoded)) return encoded.length;
    return character === REPLACEMENT ? invalidLength(bytes, at) : 0;
  }
}

/** Returns how many bytes a decoder replaces by one character: the longest beginning of a character, else one byte. */
function invalidLength(bytes: Buffer, at: number): number {
  const lead = bytes[at];
  if (lead === undefined) return 0;
  if (bytes.subarray(at, at + 3).equals(REPLACEMENT_BYTES)) return 3;
  const more =
    lead >= 0xf0 && lead <= 0xf4 ? 3 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xc2 && lead < 0xe0 ? 1 : 0;
  let length = 1;
  while (length <= more && isContinuation(bytes[at + length], length === 1 ? lead : 0)) length++;
  return length;
}

/** The second byte of some characters has a smaller range, so that nothing has two encodings. */
function isContinuation(byte: number | undefined, lead: number): boolean {
  if (byte === undefined) return false;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= low && byte <= high;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
