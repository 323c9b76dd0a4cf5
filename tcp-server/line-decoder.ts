/**
 * Turns the bytes of one client into lines.
 *
 *     bytes --TelnetFilter--> UTF-8 --TextDecoder--> text --KeyGatherer--> lines without control characters
 */
import { stripControls } from '../common/control-characters.ts';
import { splitUtf8 } from '../common/utf8.ts';
import { KeyGatherer } from './key-gatherer.ts';
import { TelnetFilter } from './telnet.ts';

/** A line with its end, or the rest without one. */
const LINES = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g;

export interface Lines {
  /** The LF of a CR LF whose CR came in an earlier packet. It ends a line that was relayed already. */
  lineEnd: string;
  lines: string[];
}

export class LineDecoder {
  readonly #telnet: TelnetFilter;
  // Holds the first part of a character that TCP has cut. `ignoreBOM` keeps the client's BOM.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #keys: KeyGatherer;
  readonly #maxBytes: number;
  #endsWithCR = false;

  /**
   * @param maxBytes the longest line; a longer one becomes several
   * @param keyWaitMs how long a single key waits for the next one
   * @param answerTelnet sends the answers that a telnet client needs
   */
  constructor(maxBytes: number, keyWaitMs: number, answerTelnet: (bytes: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#keys = new KeyGatherer(keyWaitMs, maxBytes);
    this.#telnet = new TelnetFilter(maxBytes, answerTelnet);
  }

  push(chunk: Buffer): Lines {
    return this.#lines(this.#keys.push(this.#decoder.decode(this.#telnet.strip(chunk), { stream: true })));
  }

  /** The milliseconds until `flush` is due. Undefined if no keys are held. */
  get flushInMs(): number | undefined {
    return this.#keys.flushInMs;
  }

  flush(): Lines {
    return this.#lines(this.#keys.flush());
  }

  /** Returns the text that was held: keys, and U+FFFD for an incomplete character. */
  end(): Lines {
    return this.#lines(this.#keys.flush() + this.#decoder.decode());
  }

  #lines(text: string): Lines {
    const plain = stripControls(text);
    const lineEnd = this.#endsWithCR && plain.startsWith('\n') ? '\n' : '';
    if (plain !== '') this.#endsWithCR = plain.endsWith('\r');
    const lines = plain.slice(lineEnd.length).match(LINES) ?? [];
    return { lineEnd, lines: lines.flatMap((line) => splitUtf8(line, this.#maxBytes)) };
  }
}
