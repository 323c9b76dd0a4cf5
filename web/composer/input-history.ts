/** Older texts are evicted. */
export const MAX_SENT_TEXTS = 50;

/** Keeps sent texts. As in a shell, the arrow keys move through them until the input is edited. */
export class InputHistory {
  #texts: readonly string[] = [];
  /** Index of the text in the input. The length of the list means none. */
  #at = 0;

  add(text: string): void {
    if (text !== this.#texts.at(-1)) this.#texts = [...this.#texts, text].slice(-MAX_SENT_TEXTS);
    this.#at = this.#texts.length;
  }

  /** Returns the text before the current one; undefined at the oldest, or when `current` was edited. */
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
