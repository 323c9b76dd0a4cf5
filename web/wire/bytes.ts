/** Cuts the bytes of a part into pieces that a person can read. */

/** One piece of a view. A cut is between two bytes. */
export type Piece =
  | { kind: 'header' | 'text'; text: string }
  /** A control byte, as an escape. */
  | { kind: 'control'; text: string }
  /** A character of several bytes. */
  | { kind: 'wide'; text: string; hex: string }
  /** Bytes that are no character, or a part of one beside a cut. */
  | { kind: 'bytes'; text: string }
  /** A read ends here. `ms`: until the next. */
  | { kind: 'cut'; ms: number };

/** A place where a read ends within a part. */
export interface Cut {
  /** Bytes of the part before it. */
  at: number;
  /** Time until the next read, ms. */
  ms: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const ESCAPES: Record<number, string> = { 10: '\\n', 13: '\\r', 9: '\\t', 27: '\\e', 0: '\\0' };

const FIRST_PRINTABLE = 0x20;
const DELETE = 0x7f;

/** Returns true if a character begins before `at` and ends behind it. */
export function isInCharacter(bytes: Uint8Array, at: number): boolean {
  return [1, 2, 3].some((back) => back <= at && endOfCharacter(bytes, at - back) > at);
}

/** Returns the pieces of `bytes`, whose first `header` bytes are the room's header. */
export function piecesOf(bytes: Uint8Array, header: number, cuts: readonly Cut[]): Piece[] {
  const pieces: Piece[] = [];
  let next = 0;
  for (let at = 0; at < bytes.length; ) {
    while (next < cuts.length && (cuts[next]?.at ?? 0) <= at)
      pieces.push({ kind: 'cut', ms: cuts[next++]?.ms ?? 0 });
    const end = endOfCharacter(bytes, at);
    const cut = cuts[next]?.at ?? Number.POSITIVE_INFINITY;
    addPiece(pieces, bytes, at, Math.min(end, cut), end, header);
    at = Math.min(end, cut);
  }
  return pieces;
}

/** Returns hexadecimal numbers: `c3 b1`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Decodes base64. */
export function bytesOf(data: string): Uint8Array {
  return Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
}

function addPiece(
  pieces: Piece[],
  bytes: Uint8Array,
  start: number,
  end: number,
  characterEnd: number,
  header: number,
): void {
  const slice = bytes.subarray(start, end);
  const [byte = 0] = slice;
  const character = end === characterEnd ? decode(slice) : undefined;
  if (character === undefined) pieces.push({ kind: 'bytes', text: hexOf(slice) });
  else if (slice.length > 1) pieces.push({ kind: 'wide', text: character, hex: hexOf(slice) });
  else if (byte < FIRST_PRINTABLE || byte === DELETE) pieces.push({ kind: 'control', text: escapeOf(byte) });
  else {
    const kind = start < header ? 'header' : 'text';
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += character;
    else pieces.push({ kind, text: character });
  }
}

function escapeOf(byte: number): string {
  return ESCAPES[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Returns undefined for bytes that are no character. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns the end of the character that begins at `start`, or of one byte that begins none. */
function endOfCharacter(bytes: Uint8Array, start: number): number {
  const end = start + lengthOf(bytes[start] ?? 0);
  return end <= bytes.length && decode(bytes.subarray(start, end)) !== undefined ? end : start + 1;
}

/** Bytes of a character, by its first byte. One that begins no character counts alone. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 1;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 1;
}
