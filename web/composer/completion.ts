import { foldCase } from '../text/fold.ts';

/** Each key looks no further back than this, UTF-16 units: the names of people and emojis are shorter. */
export const WORD_MAX_CHARACTERS = 128;
/** As many as one sees at a glance, and above a phone's keyboard. */
export const SUGGESTIONS_MAX = 6;

/** Something that a word can become. */
export interface Suggestion {
  /** What takes the word's place. */
  text: string;
  label: string;
  /** Shown before the label. */
  sign?: string;
  hint?: string;
}

export type WordKind = 'command' | 'mention' | 'emoji';

/** Where the suggestions for a word come from; `word` is what follows the sign. */
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
  /** With its sign. */
  text: string;
  word: string;
  start: number;
  end: number;
  /** `:name:` */
  isClosed: boolean;
}

/**
 * At the end of what is written before the caret. What stands before the sign keeps `10:30`, `http:` and
 * addresses of mail apart; two letters after a colon, `:)` and `:D`.
 */
const WORDS: Record<WordKind, RegExp> = {
  command: /^(\/(\p{L}*))$/u,
  mention: /(?:^|[\s([{"'¡¿«“])(@([^\s@]*))$/u,
  emoji: /(?:^|[\s([{"'¡¿«“])(:([\p{L}+][\p{L}\p{M}\p{N}_+-]+):?)$/u,
};

/** What the word at the caret can become. Choices are there while they are shown. */
export class Completion {
  readonly #effects: CompletionEffects;
  #suggestions: readonly Suggestion[] = [];
  #selected = 0;
  /** An arrow key was used: the choice is a person's own. */
  #isPicked = false;
  #word: Word | undefined;
  /** Where a word starts whose suggestions were sent away. */
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

  /** After every change of the text or the caret; `isTyped`: by a key, and not undone, pasted or moved to. */
  update(text: string, caret: number, isTyped: boolean): void {
    if (text === this.#text && caret === this.#caret) return;
    this.#text = text;
    this.#caret = caret;
    const word = wordAt(text, caret);
    if (word?.start !== this.#dismissed) this.#dismissed = undefined;
    // Who undoes `:name:` or comes back to it means it as it stands.
    if (word === undefined || word.start === this.#dismissed || (word.isClosed && !isTyped)) this.close();
    else void this.#find(word);
  }

  /** Whether the key was meant for the suggestions. */
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

  /** Enter sends the text as it stands, unless a choice was picked, or a command is unfinished: that can't be sent. */
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

  /** Without what could not be loaded, words are written as ever. */
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
  // A letter in the place of what is cut off: no word begins at the cut.
  const before = start > 0 ? `x${text.slice(start, caret)}` : text.slice(0, caret);
  for (const kind of ['command', 'mention', 'emoji'] as const) {
    const [, token, word] = WORDS[kind].exec(before) ?? [];
    if (token === undefined || word === undefined) continue;
    const isClosed = kind === 'emoji' && token.endsWith(':');
    return { kind, text: token, word, start: caret - token.length, end: caret, isClosed };
  }
  return undefined;
}
