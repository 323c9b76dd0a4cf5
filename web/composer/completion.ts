import { foldCase } from '../text/fold.ts';

/** Longest word that is searched before the caret, UTF-16 units. Nicknames and emoji names are shorter. */
export const WORD_MAX_CHARACTERS = 128;
/** The list fits above a phone's keyboard. */
export const SUGGESTIONS_MAX = 6;

/** A text that can replace the word at the caret. */
export interface Suggestion {
  /** The replacement of the word. */
  text: string;
  label: string;
  /** Shown before the label. */
  sign?: string;
  hint?: string;
}

export type WordKind = 'command' | 'mention' | 'emoji';

/** Find the suggestions for a word. `word` excludes the sign. */
export type Sources = Record<
  WordKind,
  (word: string) => readonly Suggestion[] | Promise<readonly Suggestion[]>
>;

export interface Replacement {
  start: number;
  end: number;
  text: string;
}

export interface CompletionEffects {
  sources: Sources;
  replace(replacement: Replacement): void;
  changed(): void;
}

interface Word {
  kind: WordKind;
  /** The word with its sign. */
  text: string;
  word: string;
  start: number;
  end: number;
  /** The word ends with a colon, as `:name:` does. */
  isClosed: boolean;
}

/**
 * Match at the end of the text before the caret. The character before the sign excludes `10:30`, `http:` and mail
 * addresses. Two letters after a colon exclude `:)` and `:D`.
 */
const WORDS: Record<WordKind, RegExp> = {
  command: /^(\/(\p{L}*))$/u,
  mention: /(?:^|[\s([{"'¡¿«“])(@([^\s@]*))$/u,
  emoji: /(?:^|[\s([{"'¡¿«“])(:([\p{L}+][\p{L}\p{M}\p{N}_+-]+):?)$/u,
};

/** Completes the word at the caret. The list is open while there are suggestions. */
export class Completion {
  readonly #effects: CompletionEffects;
  #suggestions: readonly Suggestion[] = [];
  #selected = 0;
  /** The person selected a suggestion with an arrow key. */
  #isPicked = false;
  #word: Word | undefined;
  /** Start of the word whose suggestions were dismissed. */
  #dismissed: number | undefined;
  #text = '';
  #caret = 0;

  constructor(effects: CompletionEffects) {
    this.#effects = effects;
  }

  get suggestions(): readonly Suggestion[] {
    return this.#suggestions;
  }

  get selected(): number {
    return this.#selected;
  }

  /** Call it after each change of the text or the caret. `isTyped` is false for undo, paste and moves of the caret. */
  update(text: string, caret: number, isTyped: boolean): void {
    if (text === this.#text && caret === this.#caret) return;
    this.#text = text;
    this.#caret = caret;
    const word = wordAt(text, caret);
    if (word?.start !== this.#dismissed) this.#dismissed = undefined;
    // After undo, `:name:` stays text.
    if (word === undefined || word.start === this.#dismissed || (word.isClosed && !isTyped)) this.close();
    else void this.#find(word);
  }

  /** Returns whether the key was meant for the suggestions. */
  handleKey(key: string): boolean {
    if (this.#suggestions.length === 0) return false;
    switch (key) {
      case 'ArrowDown':
        return this.#move(1);
      case 'ArrowUp':
        return this.#move(-1);
      case 'Tab':
        return this.choose(this.#selected);
      case 'Enter':
        return this.#acceptsEnter && this.choose(this.#selected);
      case 'Escape':
        return this.#dismiss();
      default:
        return false;
    }
  }

  choose(index: number): boolean {
    const [word, choice] = [this.#word, this.#suggestions[index]];
    this.close();
    if (word === undefined || choice === undefined) return false;
    this.#replace(word, choice.text);
    return true;
  }

  close(): void {
    this.#word = undefined;
    this.#show([]);
  }

  /** Enter accepts a suggestion only if the person picked it or a command is incomplete. Else Enter sends the text. */
  get #acceptsEnter(): boolean {
    const isWritten = this.#suggestions[this.#selected]?.text.trimEnd() === this.#word?.text;
    return !isWritten && (this.#isPicked || this.#word?.kind === 'command');
  }

  async #find(word: Word): Promise<void> {
    if (word.kind !== this.#word?.kind) this.#show([]);
    this.#word = word;
    const suggestions = await this.#suggest(word);
    if (word !== this.#word) return;
    const isAllWritten = suggestions.length === 1 && suggestions[0]?.text === word.text;
    if (word.isClosed) this.#finish(word, suggestions);
    else this.#show(isAllWritten ? [] : suggestions);
  }

  /** Returns no suggestions when their source can't be loaded. */
  async #suggest({ kind, word }: Word): Promise<readonly Suggestion[]> {
    try {
      return await this.#effects.sources[kind](word);
    } catch {
      return [];
    }
  }

  #finish(word: Word, suggestions: readonly Suggestion[]): void {
    const exact = suggestions.find(({ label }) => label === foldCase(word.text));
    this.close();
    if (exact !== undefined) this.#replace(word, exact.text.trimEnd());
  }

  #replace({ start, end }: Word, text: string): void {
    const isFollowed = /^\s/.test(this.#text.slice(end));
    this.#effects.replace({ start, end, text: isFollowed ? text.trimEnd() : text });
  }

  #move(step: number): true {
    const { length } = this.#suggestions;
    this.#selected = (this.#selected + step + length) % length;
    this.#isPicked = true;
    this.#effects.changed();
    return true;
  }

  #dismiss(): true {
    this.#dismissed = this.#word?.start;
    this.close();
    return true;
  }

  #show(suggestions: readonly Suggestion[]): void {
    if (suggestions.length === 0 && this.#suggestions.length === 0) return;
    this.#suggestions = suggestions;
    this.#selected = 0;
    this.#isPicked = false;
    this.#effects.changed();
  }
}

function wordAt(text: string, caret: number): Word | undefined {
  const start = caret - WORD_MAX_CHARACTERS;
  // A letter replaces the text before the cut, so that no word begins at the cut.
  const before = start > 0 ? `x${text.slice(start, caret)}` : text.slice(0, caret);
  for (const kind of ['command', 'mention', 'emoji'] as const) {
    const [, token, word] = WORDS[kind].exec(before) ?? [];
    if (token === undefined || word === undefined) continue;
    const isClosed = kind === 'emoji' && token.endsWith(':');
    return { kind, text: token, word, start: caret - token.length, end: caret, isClosed };
  }
  return undefined;
}
