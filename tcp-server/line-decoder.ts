/**
 * From the bytes of one client to the lines that are said under its name.
 */
import { KeyGatherer } from './key-gatherer.ts';
import { TelnetFilter } from './telnet.ts';

/**
 * C0 but TAB, LF and CR; DEL; C1: in a terminal they move the cursor, for example over a header of another client.
 * Bidirectional embeddings and overrides: they turn the rest of a row around, headers included. Isolates and marks
 * stay, because scripts need them and the gateway sends them: its receipts compare what it sent with what it hears.
 */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]/g;

/** A line with its end, or the rest without one. */
const LINES = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g;

/** A UTF-16 unit is at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

export interface Lines {
  /** The LF of a CR LF whose CR came before, in another packet: it ends a line that has been said. */
  lineEnd: string;
  lines: string[];
}

export class LineDecoder {
  readonly #telnet: TelnetFilter;
  // Keeps a character that TCP has cut until its rest comes. `ignoreBOM`: a BOM is the client's, leave it.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #keys: KeyGatherer;
  readonly #maxBytes: number;
  #endsWithCR = false;

  /**
   * @param maxBytes of a line; what is longer becomes several
   * @param keyWaitMs how long a key alone waits for the next
   * @param answerTelnet sends what a telnet at the other side must hear
   */
  constructor(maxBytes: number, keyWaitMs: number, answerTelnet: (bytes: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#keys = new KeyGatherer(keyWaitMs, maxBytes);
    this.#telnet = new TelnetFilter(maxBytes, answerTelnet);
  }

  push(chunk: Buffer): Lines {
    return this.#lines(this.#keys.push(this.#decoder.decode(this.#telnet.strip(chunk), { stream: true })));
  }

  /** How long to wait for more keys before `flush`, ms; undefined if none are held. */
  get flushInMs(): number | undefined {
    return this.#keys.flushInMs;
  }

  flush(): Lines {
    return this.#lines(this.#keys.flush());
  }

  /** What was still waiting for its rest: keys, half a character. */
  end(): Lines {
    return this.#lines(this.#keys.flush() + this.#decoder.decode());
  }

  #lines(text: string): Lines {
    const plain = withoutControls(text);
    const lineEnd = this.#endsWithCR && plain.startsWith('\n') ? '\n' : '';
    if (plain !== '') this.#endsWithCR = plain.endsWith('\r');
    const lines = plain.slice(lineEnd.length).match(LINES) ?? [];
    return { lineEnd, lines: lines.flatMap((line) => splitUtf8(line, this.#maxBytes)) };
  }
}

export function withoutControls(text: string): string {
  return text.replace(CONTROLS, '');
}

/** The text in pieces of at most `maxBytes` of UTF-8, cut between characters. */
export function splitUtf8(text: string, maxBytes: number): string[] {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return [text];

  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + maxBytes, bytes.length);
    while (isInsideCharacter(bytes[end])) end--;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
