/**
 * Parses the text of a room without headers: `ncat --broker`, or `--chat`, which writes names of its own. Pure.
 */
import type { RoomParser, RoomText } from './room-text.ts';

/** A longer line without an end is emitted in parts of about this size, characters. */
const WAIT_WHOLE_MAX = 8 * 1024;

/** The name that `ncat --chat` writes before a line. */
const NAME = /^<[^<>\s]{1,32}> /;

/** The escapes that `ncat --chat` writes for bytes beyond ASCII: `\303\261`. */
const ESCAPES = /(?:\\[0-3][0-7]{2})+/g;

/** Emits each line as a message. A flush emits the beginning of an incomplete line, and its rest is a continuation. */
export class PlainParser implements RoomParser {
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';
  #hasBegun = false;

  get isHolding(): boolean {
    return this.#rest !== '';
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#parse(this.#decoder.decode(bytes, { stream: true }));
  }

  flush(): RoomText[] {
    const texts = this.#emit(this.#rest);
    this.#rest = '';
    return texts;
  }

  end(): RoomText[] {
    return [...this.#parse(this.#decoder.decode()), ...this.flush()];
  }

  #parse(text: string): RoomText[] {
    const [first = '', ...lines] = text.replaceAll('\r', '').split('\n');
    // Scans only the new text, because a line may come byte by byte.
    lines.unshift(this.#rest + first);
    this.#rest = lines.pop() ?? '';
    const texts = lines.flatMap((line) => {
      const emitted = this.#emit(line);
      this.#hasBegun = false;
      return emitted;
    });
    return this.#rest.length > WAIT_WHOLE_MAX ? [...texts, ...this.flush()] : texts;
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
