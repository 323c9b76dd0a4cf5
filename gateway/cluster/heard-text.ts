/**
 * Text that the ear has heard and the shared log may not have, without white space. Ears cut the same text at other
 * places, so only characters are comparable.
 *
 *     | logged | piece | piece | piece |
 *              ^ take from here    ^ push here
 */
import { createHash } from 'node:crypto';

/** A line that the ear heard, with its characters. */
export interface HeardPiece<L> {
  readonly line: L;
  /** The text of the line behind its header, without white space. */
  readonly characters: string;
  /** Number of characters at the beginning that the log has. */
  logged: number;
  /** Time by the caller's clock, ms. */
  readonly heardAt: number;
}

const HASH_HEX_DIGITS = 16;

/** Leaves out white space, because ears may keep or skip blank lines. */
export function charactersOf(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Returns 64 bits of a hash as hexadecimal digits. */
export function hashOf(characters: string): string {
  return createHash('sha256').update(characters).digest('hex').slice(0, HASH_HEX_DIGITS);
}

/** Returns the rest of a text behind its first `count` characters, without counting white space. */
export function textAfter(text: string, count: number): string {
  let index = 0;
  for (let left = count; left > 0 && index < text.length; index++) if (!/\s/.test(text.charAt(index))) left--;
  return text.slice(index);
}

export class HeardText<L> {
  #pieces: HeardPiece<L>[] = [];
  #length = 0;

  /** Number of characters. */
  get length(): number {
    return this.#length;
  }

  /** The pieces, oldest first. The first may be partly logged. */
  get pieces(): readonly HeardPiece<L>[] {
    return this.#pieces;
  }

  get characters(): string {
    return this.#pieces.map(({ characters, logged }) => characters.slice(logged)).join('');
  }

  push(line: L, characters: string, heardAt: number): void {
    if (characters === '') return;
    this.#pieces.push({ line, characters, logged: 0, heardAt });
    this.#length += characters.length;
  }

  /** Returns the first `count` characters. */
  first(count: number): string {
    let text = '';
    for (const { characters, logged } of this.#pieces) {
      if (text.length >= count) break;
      text += characters.slice(logged);
    }
    return text.slice(0, count);
  }

  /** Drops the first `count` characters. */
  drop(count: number): void {
    let left = count;
    let whole = 0;
    for (const piece of this.#pieces) {
      const size = piece.characters.length - piece.logged;
      if (size > left) {
        piece.logged += left;
        break;
      }
      left -= size;
      whole++;
    }
    this.#pieces.splice(0, whole);
    this.#length = Math.max(0, this.#length - count);
  }
}
