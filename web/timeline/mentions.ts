import { foldCase } from '../text/fold.ts';

/** Shorter names are common words in some language, so they count only after an @. */
export const BARE_NAME_MIN_CHARACTERS = 3;

const LETTER = String.raw`[\p{L}\p{N}_]`;

/** Detects a person's name, `@name` or address in a text. Ignores case and accents. */
export class Mentions {
  #pattern: RegExp | undefined;

  /** Empty names match nothing. */
  setNames(nickname: string, address: string): void {
    const [name, place] = [foldCase(nickname), foldCase(address)].map(escapeForPattern);
    const names = [
      ...(name ? [[...nickname].length < BARE_NAME_MIN_CHARACTERS ? `@${name}` : name] : []),
      ...(place ? [place] : []),
    ];
    this.#pattern =
      names.length === 0 ? undefined : new RegExp(`(?<!${LETTER})(?:${names.join('|')})(?!${LETTER})`, 'u');
  }

  matches(text: string): boolean {
    return this.#pattern?.test(foldCase(text)) ?? false;
  }
}

/** Appends a mention to a draft. */
export function withMention(draft: string, name: string): string {
  return `${draft}${draft === '' || /\s$/.test(draft) ? '' : ' '}@${name} `;
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
