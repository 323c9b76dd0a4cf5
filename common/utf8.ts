/**
 * CONTRACT: measures and cuts text by its size in UTF-8, and never inside a character. Imports nothing.
 */

/** A UTF-16 unit takes at most this many bytes. */
const MAX_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}

/** Splits text into chunks of at most `maxBytes`, or of one character where a character takes more. */
export function splitUtf8(text: string, maxBytes: number): string[] {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return [text];
  const chunks: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = utf8End(text, start, maxBytes);
    chunks.push(text.slice(start, end));
    start = end;
  }
  return chunks;
}

/** Returns the end of the longest chunk from `start` that takes at most `maxBytes`. A chunk has at least one character. */
export function utf8End(text: string, start: number, maxBytes: number): number {
  let bytes = 0;
  let end = start;
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    bytes += bytesOf(code);
    if (bytes > maxBytes && end > start) break;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

/** A lone surrogate is encoded as U+FFFD, which takes three bytes too. */
function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
