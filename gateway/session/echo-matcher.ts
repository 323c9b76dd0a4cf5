/**
 * Compares the lines under the address of one voice with the chunks that the voice has sent.
 *
 *     chunk:  sent -> in flight --echo--> matched
 *                         `--give up--> presumed lost --late echo--> matched
 */

/** Presumed-lost chunks that are still matched with a late echo. */
const PRESUMED_LOST_MAX = 32;

export interface SentChunk {
  readonly text: string;
}

export type LineMatch<C extends SentChunk> =
  /** The echo of a chunk. */
  | { kind: 'matched'; chunk: C }
  /** Perhaps the beginning of the echo of a chunk. */
  | { kind: 'partial'; chunk: C }
  /** The voice has not sent the line. */
  | { kind: 'forged' };

export class EchoMatcher<C extends SentChunk> {
  #inFlight: C[] = [];
  #presumedLost: C[] = [];
  /** Beginning of an echo that comes in parts. */
  #partial = '';

  /** Chunks without an echo, oldest first, without the presumed lost ones. */
  get inFlight(): readonly C[] {
    return this.#inFlight;
  }

  add(chunk: C): void {
    this.#inFlight.push(chunk);
  }

  /** Compares a line. `isContinuation`: the line continues the last one. */
  match(line: string, isContinuation: boolean): LineMatch<C> {
    const text = isContinuation ? this.#partial + line : line;
    const chunk = this.#takeInFlight(text) ?? this.#takePresumedLost(text);
    if (!chunk) return this.#matchPart(text);
    this.#partial = '';
    return { kind: 'matched', chunk };
  }

  /** Takes the chunk at this index and all before it, because TCP keeps their order. Returns the chunk. */
  takeAt(index: number): C | undefined {
    return index < 0 ? undefined : this.#inFlight.splice(0, index + 1).at(-1);
  }

  /** Returns the chunk that equals one of `lines`. */
  find(lines: readonly string[]): C | undefined {
    const sent = [...this.#inFlight, ...this.#presumedLost];
    return sent.find(({ text }) => lines.some((line) => isSameLine(text, line)));
  }

  /** Returns true if the line is, or begins, the echo of a chunk. `isContinuation`: the line continues the last one. */
  expects(line: string, isContinuation = false): boolean {
    const heard = isContinuation ? this.#partial + line : line;
    return (
      this.#inFlight.some(({ text }) => isSameLine(text, heard) || text.startsWith(heard)) ||
      this.#presumedLost.some(({ text }) => isSameLine(text, heard))
    );
  }

  /** Gives up chunks in flight. A late echo still finds the newest of them. */
  presumeLost(lost: readonly C[]): void {
    this.#presumedLost = [...this.#presumedLost, ...lost].slice(-PRESUMED_LOST_MAX);
    this.#inFlight = this.#inFlight.filter((chunk) => !lost.includes(chunk));
  }

  /** Drops chunks whose echo was seen elsewhere. */
  drop(isSeen: (chunk: C) => boolean): void {
    this.#inFlight = this.#inFlight.filter((chunk) => !isSeen(chunk));
  }

  #takeInFlight(text: string): C | undefined {
    return this.takeAt(this.#inFlight.findIndex((chunk) => isSameLine(chunk.text, text)));
  }

  #takePresumedLost(text: string): C | undefined {
    const index = this.#presumedLost.findIndex((chunk) => isSameLine(chunk.text, text));
    return index < 0 ? undefined : this.#presumedLost.splice(index, 1)[0];
  }

  #matchPart(text: string): LineMatch<C> {
    const chunk = this.#inFlight.find((sent) => sent.text.startsWith(text));
    this.#partial = chunk ? text : '';
    return chunk ? { kind: 'partial', chunk } : { kind: 'forged' };
  }
}

/** A server may trim the end of a line, and nothing else. */
function isSameLine(sent: string, heard: string): boolean {
  return sent === heard || sent.trimEnd() === heard.trimEnd();
}
