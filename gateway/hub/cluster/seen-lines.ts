/**
 * Finds the entries of the lines that this gateway's ear has heard, for See TCP. Any gateway may have appended them, so
 * that the entries come before the lines or after them, and cut elsewhere.
 *
 *     line of the ear -----.
 *                           compared by address and characters ---> observer
 *     committed entry -----'
 */
import { charactersOf } from '../../cluster/heard-text.ts';
import type { Entry } from '../../protocol.ts';
import { GATHERED_PARTS_MAX, type WireTap } from '../../upstream/tap/wire-observer.ts';
import type { HeardLine } from '../scribe.ts';

/** A line without an entry, or an entry without a line, or the rest of one. */
interface Waiting<T> {
  characters: string;
  /** Undefined for the rest of a line that has its entry. */
  item: T;
}

interface Address {
  /** Keys of lines. */
  lines: Waiting<string | undefined>[];
  entries: Waiting<{ seq: number; root: number }>[];
}

/** Lines and entries that wait at most, of all addresses. Beyond this they are forgotten, some 10 MB in a flood. */
const WAITING_MAX = 2 * GATHERED_PARTS_MAX;

export class SeenLines {
  readonly #tap: WireTap;
  readonly #addresses = new Map<string, Address>();
  #lines = 0;

  constructor(tap: WireTap) {
    this.#tap = tap;
  }

  /** Call it when the ear has heard a line, before the next one. */
  onLine({ message, text }: Pick<HeardLine, 'text'> & { message: { from: string } }): void {
    const { observer } = this.#tap;
    if (!observer) return;
    const key = `line ${++this.#lines}`;
    observer.onGathered(text, key);
    const characters = charactersOf(text);
    if (characters === '') return;
    this.#addressOf(message.from).lines.push({ characters, item: key });
    this.#match(message.from);
  }

  onEntry({ from, text, seq, continues }: Entry): void {
    if (!this.#tap.observer) {
      this.#addresses.clear();
      return;
    }
    const characters = charactersOf(text);
    if (characters === '') return;
    this.#addressOf(from).entries.push({ characters, item: { seq, root: continues ?? seq } });
    this.#match(from);
  }

  #match(from: string): void {
    const { lines, entries } = this.#addressOf(from);
    this.#matchAll(lines, entries);
    if (lines.length + entries.length === 0) this.#addresses.delete(from);
    let waiting = 0;
    for (const address of this.#addresses.values()) waiting += address.lines.length + address.entries.length;
    if (waiting > WAITING_MAX) this.#addresses.clear();
  }

  #matchAll(lines: Address['lines'], entries: Address['entries']): void {
    for (;;) {
      skipUnknown(lines, entries);
      const [line] = lines;
      const [entry] = entries;
      if (!line || !entry || !isSame(line, entry)) return;
      const { seq, root } = entry.item;
      if (line.item !== undefined) this.#tap.observer?.onGatheredEntry(line.item, seq, root);
      line.item = undefined;
      const length = Math.min(line.characters.length, entry.characters.length);
      for (const waiting of [lines, entries]) {
        const [first] = waiting as [Waiting<unknown>];
        first.characters = first.characters.slice(length);
        if (first.characters === '') waiting.shift();
      }
    }
  }

  #addressOf(from: string): Address {
    const address = this.#addresses.get(from) ?? { lines: [], entries: [] };
    this.#addresses.set(from, address);
    return address;
  }
}

/** Nobody watched when the line of the first entry was heard, or the entry of the first line was committed. */
function skipUnknown(lines: Waiting<unknown>[], entries: Waiting<unknown>[]): void {
  const [line] = lines;
  const [entry] = entries;
  if (!line || !entry || isSame(line, entry)) return;
  const known = entries.findIndex((candidate) => isSame(line, candidate));
  if (known > 0) entries.splice(0, known);
  else {
    const heard = lines.findIndex((candidate) => isSame(candidate, entry));
    if (heard > 0) lines.splice(0, heard);
  }
}

/** One of both begins with the other. */
function isSame({ characters: one }: Waiting<unknown>, { characters: other }: Waiting<unknown>): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
