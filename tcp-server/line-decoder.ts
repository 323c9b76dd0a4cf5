/**
 * From the bytes of one client to the lines that are said under its name.
 */
import { stripControls } from '../common/control-characters.ts';
import { splitUtf8 } from '../common/utf8.ts';
import { KeyGatherer } from './key-gatherer.ts';
import { TelnetFilter } from './telnet.ts';

/** A line with its end, or the rest without one. */
const LINES = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g;

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
    const plain = stripControls(text);
    const lineEnd = this.#endsWithCR && plain.startsWith('\n') ? '\n' : '';
    if (plain !== '') this.#endsWithCR = plain.endsWith('\r');
    const lines = plain.slice(lineEnd.length).match(LINES) ?? [];
    return { lineEnd, lines: lines.flatMap((line) => splitUtf8(line, this.#maxBytes)) };
  }
}
