/**
 * Gathers the line of a client that sends each key by itself, as telnet for Windows does. Pure: no timers.
 *
 *     lines --a key, then a line end by itself--> keys       now a line is complete at its line end
 *       ^                                          |
 *       +-------a long text without a line end-----+
 *
 * A client may end no line, as the tutorial's does. So a single key waits for a short time only, and a longer text waits
 * only if the client has sent keys.
 */

/** How long a key waits for the next one if the client is known to send keys, because people think while they write. */
export const TYPING_WAIT_MS = 30_000;

/** The longest time before the line end of a row of keys, in waits. */
export const ROW_MAX_WAITS = 10;

/** The most characters that one packet of keys has. An arrow key sends several. */
export const PACKET_MAX_KEYS = 8;

const LINE_END = /^(?:\r\n|\r|\n)$/;
const CURSOR_KEYS = /\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Z])/g;
const ERASE = /[\b\x7f]/;

export class KeyGatherer {
  readonly #waitMs: number;
  readonly #maxChars: number;
  #sends: 'lines' | 'keys' = 'lines';
  #held = '';
  #heldSince = 0;
  #lastKeyAt = 0;
  #heldForMs = 0;

  /**
   * @param waitMs how long a single key waits for the next one; 0 gathers nothing
   * @param maxChars the length of the longest line
   */
  constructor(waitMs: number, maxChars: number) {
    this.#waitMs = waitMs;
    this.#maxChars = maxChars;
  }

  /** Takes the text of one packet. Returns the text to relay now. */
  push(text: string): string {
    if (this.#waitMs === 0 || text === '') return text;
    return this.#sends === 'keys' ? this.#pushKeys(text) : this.#pushLines(text);
  }

  /** Returns the text that was held. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return applyErasing(held);
  }

  /** The milliseconds until `flush` is due. Undefined if no text is held. */
  get flushInMs(): number | undefined {
    if (this.#held === '') return undefined;
    const now = performance.now();
    const rowEnd = this.#heldSince + ROW_MAX_WAITS * this.#heldForMs;
    return Math.min(this.#lastKeyAt + this.#heldForMs, rowEnd) - now;
  }

  #pushLines(text: string): string {
    if (LINE_END.test(text)) this.#sends = this.#held === '' ? 'lines' : 'keys';
    else if (isKey(text)) return this.#hold(text, this.#waitMs);
    return this.flush() + text;
  }

  #pushKeys(text: string): string {
    const lineEnd = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (lineEnd > 0) {
      this.#held += text.slice(0, lineEnd);
      return this.flush() + this.#hold(text.slice(lineEnd), this.#waitMs);
    }
    if (isKey(text)) return this.#hold(text, TYPING_WAIT_MS);
    if (text.length <= PACKET_MAX_KEYS) return this.#hold(text, this.#waitMs);
    this.#sends = 'lines';
    return this.flush() + text;
  }

  #hold(text: string, forMs: number): string {
    if (text === '') return '';
    const now = performance.now();
    if (this.#held === '') this.#heldSince = now;
    this.#lastKeyAt = now;
    this.#heldForMs = forMs;
    this.#held += text;
    return this.#held.length < this.#maxChars ? '' : this.flush();
  }
}

/** Returns true for one character, which may be two UTF-16 units. */
function isKey(text: string): boolean {
  return text.length <= 2 && [...text].length === 1;
}

/** Returns the text that a terminal would show: an erase key removes the character before it. */
function applyErasing(keys: string): string {
  const text = keys.replace(CURSOR_KEYS, '');
  if (!ERASE.test(text)) return text;
  const shown: string[] = [];
  for (const key of text) {
    if (ERASE.test(key)) shown.pop();
    else shown.push(key);
  }
  return shown.join('');
}
