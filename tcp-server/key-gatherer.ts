/**
 * Gathers the line of a client that sends each key by itself, as telnet for Windows does. Pure: no timers.
 *
 *     lines --a key, then a line end by itself--> keys       now a line is whole at its line end
 *       ^                                          |
 *       +-------a long text without a line end-----+
 *
 * A client that sends lines may end none, as the tutorial's: so a key alone waits for a short time only, and a longer
 * text not at all, or as short if the client has sent keys.
 */

/** How long a key of a client known to send keys waits for the next, because people think while they write. */
export const TYPING_WAIT_MS = 30_000;

/** How many waits a row of keys may take before its line end. */
export const ROW_MAX_WAITS = 10;

/** Keys that the network puts into one packet, or that a key such as an arrow sends. */
export const PACKET_MAX_KEYS = 8;

const LINE_END = /^(?:\r\n|\r|\n)$/;
const CURSOR_KEYS = /\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Z])/g;
const ERASE = /[\b\x7f]/;

export class KeyGatherer {
  readonly #waitMs: number;
  readonly #maxLength: number;
  #sends: 'lines' | 'keys' = 'lines';
  #held = '';
  #heldSince = 0;
  #lastKeyAt = 0;
  #heldForMs = 0;

  /**
   * @param waitMs how long a key alone waits for the next; 0 gathers nothing
   * @param maxLength of a line, characters
   */
  constructor(waitMs: number, maxLength: number) {
    this.#waitMs = waitMs;
    this.#maxLength = maxLength;
  }

  /** Takes the text of one packet, and returns what is to be sent now. */
  push(text: string): string {
    if (this.#waitMs === 0 || text === '') return text;
    return this.#sends === 'keys' ? this.#pushKeys(text) : this.#pushLines(text);
  }

  /** Returns what was held. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return edited(held);
  }

  /** How long to wait before `flush`, ms; undefined if nothing is held. */
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
    return this.#held.length < this.#maxLength ? '' : this.flush();
  }
}

/** One character, of one or two UTF-16 units. */
function isKey(text: string): boolean {
  return text.length <= 2 && [...text].length === 1;
}

/** The keys as a terminal would show them: an erase key takes the character before it. */
function edited(keys: string): string {
  const text = keys.replace(CURSOR_KEYS, '');
  if (!ERASE.test(text)) return text;
  const shown: string[] = [];
  for (const key of text) {
    if (ERASE.test(key)) shown.pop();
    else shown.push(key);
  }
  return shown.join('');
}
