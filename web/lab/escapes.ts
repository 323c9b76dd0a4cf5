/**
 * Text with escapes for any bytes: `hola\n`, `\xc3`. `escapeBytes` writes what `parseEscapes` reads.
 */

const ESCAPES: Record<string, number> = { n: 0x0a, r: 0x0d, t: 0x09, '0': 0x00, '\\': 0x5c };

const NAMES = new Map(Object.entries(ESCAPES).map(([name, byte]) => [byte, `\\${name}`]));

/** Matches an escape: `\x` with two digits, or `\` with any character. The last `\` of a text has none. */
const ESCAPE = /\\(?:x([\da-f]{2})|(x[\s\S]{0,2}|[^x]|$))/giu;

/** An escape that does not exist. */
export interface BadEscape {
  sequence: string;
}

const encoder = new TextEncoder();

export function parseEscapes(text: string): Uint8Array | BadEscape {
  const bytes: number[] = [];
  let end = 0;
  for (const { 0: sequence, 1: digits, 2: name = '', index } of text.matchAll(ESCAPE)) {
    append(bytes, text.slice(end, index));
    const byte = digits === undefined ? ESCAPES[name] : Number.parseInt(digits, 16);
    if (byte === undefined) return { sequence };
    bytes.push(byte);
    end = index + sequence.length;
  }
  append(bytes, text.slice(end));
  return Uint8Array.from(bytes);
}

function append(bytes: number[], text: string): void {
  for (const byte of encoder.encode(text)) bytes.push(byte);
}

/** Characters that show nothing of their own, or change the direction of the text. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Shows valid UTF-8 as text, and all other bytes as escapes. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    const length = characterAt(bytes, start);
    const character = bytes.subarray(start, start + Math.max(1, length));
    text += length === 0 ? hexEscapes(character) : visible(character);
    start += character.length;
  }
  return text;
}

/** Returns the length of the character that begins here, 0 if the bytes are no character. */
function characterAt(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const character = bytes.subarray(start, start + length);
  try {
    decoder.decode(character);
    return length;
  } catch {
    return 0;
  }
}

function visible(bytes: Uint8Array): string {
  const name = NAMES.get(bytes[0] ?? 0);
  if (name !== undefined) return name;
  const character = decoder.decode(bytes);
  return INVISIBLE.test(character) ? hexEscapes(bytes) : character;
}

function hexEscapes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${hexDigits(byte)}`).join('');
}

/** `68 6f 6c 61` */
export function hexDump(bytes: Uint8Array): string {
  return Array.from(bytes, hexDigits).join(' ');
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, hexDigits).join('');
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function hexDigits(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
