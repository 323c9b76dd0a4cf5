/** Older ones are forgotten. */
export const MAX_SENT_TEXTS = 50;

/** What was sent from this composer, to be walked through as in a shell: from an empty input, until it is edited. */
export class InputHistory {
  #texts: readonly string[] = [];
  /** Which of them stands in the input, unless it was edited there; after the last: none. */
  #at = 0;

  add(text: string): void {
    if (text !== this.#texts.at(-1)) this.#texts = [...this.#texts, text].slice(-MAX_SENT_TEXTS);
    this.#at = this.#texts.length;
  }

  /** What comes before what stands in the input; undefined when there is nothing to go to. */
  older(current: string): string | undefined {
    if (current === '') this.#at = this.#texts.length;
    return this.#isShown(current) ? this.#go(this.#at - 1) : undefined;
  }

  newer(current: string): string | undefined {
    if (current === '' || !this.#isShown(current)) return undefined;
    return this.#go(this.#at + 1) ?? '';
  }

  #isShown(current: string): boolean {
    return current === (this.#texts[this.#at] ?? '');
  }

  #go(at: number): string | undefined {
    if (at < 0) return undefined;
    this.#at = at;
    return this.#texts[at];
  }
}
