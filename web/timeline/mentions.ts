import { foldCase } from '../text/fold.ts';

/** Shorter names are words of their own in some language: those must be called with an @. Characters. */
export const BARE_NAME_MIN_CHARACTERS = 3;

const LETTER = String.raw`[\p{L}\p{N}_]`;

/** Tells whether a text speaks of somebody: by name, by `@name`, by address. Case and accents do not matter. */
export class Mentions {
  #pattern: RegExp | undefined;

  /** Empty names are nobody's. */
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

/** A draft that calls somebody, and may go on. */
export function withMention(draft: string, name: string): string {
  return `${draft}${draft === '' || /\s$/.test(draft) ? '' : ' '}@${name} `;
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
