/**
 * A room that repeats words as they are, without saying whose: `ncat --broker`, with names of its own `--chat`. Pure.
 */
import type { RoomParser, RoomText } from './dice-parser.ts';

/** A line without an end is given out in parts of about this size, characters. */
const WAIT_WHOLE_MAX = 8 * 1024;

/** What `ncat --chat` writes before a line. */
const NAME = /^<[^<>\s]{1,32}> /;

/** And what it makes of each byte that is no ASCII: `\303\261`. */
const ESCAPES = /(?:\\[0-3][0-7]{2})+/g;

/** A line is a message. What is no whole line yet waits for a flush, and goes on as `more`. */
export class PlainParser implements RoomParser {
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';
  #begun = false;

  get holding(): boolean {
    return this.#rest !== '';
  }

  push(bytes: Uint8Array): RoomText[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  flush(): RoomText[] {
    const heard = this.#emit(this.#rest);
    this.#rest = '';
    return heard;
  }

  end(): RoomText[] {
    return [...this.#read(this.#decoder.decode()), ...this.flush()];
  }

  #read(text: string): RoomText[] {
    const [first = '', ...lines] = text.replaceAll('\r', '').split('\n');
    // Only new text is scanned: a line may come byte by byte.
    lines.unshift(this.#rest + first);
    this.#rest = lines.pop() ?? '';
    const heard = lines.flatMap((line) => {
      const given = this.#emit(line);
      this.#begun = false;
      return given;
    });
    return this.#rest.length > WAIT_WHOLE_MAX ? [...heard, ...this.flush()] : heard;
  }

  #emit(text: string): RoomText[] {
    if (text === '') return [];
    const heard: RoomText = this.#begun ? { kind: 'more', text } : { kind: 'message', from: '', text };
    this.#begun = true;
    return [heard];
  }
}

/** What may have been sent by whoever is heard as `line`. */
export function unwrapNcatLine(line: string): string[] {
  const words = line.replace(NAME, '');
  return [line, words, words.replace(ESCAPES, unescapeBytes)];
}

/** Where the header of a server may end: `[A]: `, `<Ana> `, `Ana: `, `(10:30) `. */
const HEADER_ENDS = /[:>\])] /g;

/** The longest header, characters, and how many ends of one are looked at: a header may hold a time, a name, an address. */
const HEADER_MAX = 120;
const HEADER_ENDS_MAX = 6;

/** What may be the message of a line that begins with a header, of whatever kind. */
export function wordsBehindHeader(line: string): string[] {
  const ends = [...line.slice(0, HEADER_MAX).matchAll(HEADER_ENDS)].slice(0, HEADER_ENDS_MAX);
  return ends.map(({ index }) => line.slice(index + 2)).filter((words) => words.trim() !== '');
}

function unescapeBytes(escapes: string): string {
  const bytes = escapes
    .split('\\')
    .slice(1)
    .map((digits) => Number.parseInt(digits, 8));
  return Buffer.from(bytes).toString();
}
