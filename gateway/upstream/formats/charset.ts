/**
 * The character sets of rooms. Pure.
 */
export const CHARSETS = ['utf-8', 'latin1', 'ascii'] as const;

export type Charset = (typeof CHARSETS)[number];

/** Accents, which ASCII text loses: `mañana` becomes `manana`. */
const MARKS = /\p{M}/gu;
const BEYOND_ASCII = /[^\0-\x7f]/gu;
const BEYOND_LATIN1 = /[^\0-\xff]/gu;
/** Signs without a decomposition. */
const ASCII_SIGNS: Readonly<Record<string, string>> = { '¿': '?', '¡': '!', '«': '"', '»': '"', ß: 'ss' };

/** Returns a text that the charset can hold. A character that it lacks becomes `?`. */
export function toCharset(text: string, charset: Charset): string {
  if (charset === 'latin1') return text.normalize('NFC').replace(BEYOND_LATIN1, '?');
  if (charset === 'utf-8') return text;
  return text
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(BEYOND_ASCII, (char) => ASCII_SIGNS[char] ?? '?');
}

export function encode(text: string, charset: Charset): string | Uint8Array {
  return charset === 'latin1' ? Buffer.from(text, 'latin1') : text;
}

/** Returns the name of the charset for a TextDecoder. A room for ASCII may still send UTF-8 of others. */
export function decoderOf(charset: Charset): string {
  return charset === 'latin1' ? 'windows-1252' : 'utf-8';
}
