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
import { GATHERED_PARTS_MAX } from '../../upstream/tap/slice-builder.ts';
import type { WireTap } from '../../upstream/tap/wire-observer.ts';
import type { HeardLine } from '../heard-line.ts';

/** A line without an entry, or an entry without a line, or the rest of one. */
interface Waiting {
  characters: string;
}

interface WaitingLine extends Waiting {
  /** Characters of the sender's name in a room with names, which begins the entry but not the line. */
  name: string;
  /** Undefined for the rest of a line that has its entry. */
  key: string | undefined;
}

interface WaitingEntry extends Waiting {
  seq: number;
  root: number;
}

interface Address {
  lines: WaitingLine[];
  entries: WaitingEntry[];
}

type SeenLine = Pick<HeardLine, 'text'> & { message: Pick<HeardLine['message'], 'from' | 'name'> };

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
  onLine({ message: { from, name }, text }: SeenLine): void {
    const { observer } = this.#tap;
    if (!observer) return;
    const key = `line ${++this.#lines}`;
    observer.onGathered(text, key);
    const characters = charactersOf(text);
    if (characters === '') return;
    const line = { characters, name: name === undefined ? '' : charactersOf(`<${name}>`), key };
    this.#addressOf(from).lines.push(line);
    this.#match(from);
  }

  onEntry({ from, text, seq, continues }: Entry): void {
    if (!this.#tap.observer) {
      this.#addresses.clear();
      return;
    }
    const characters = charactersOf(text);
    if (characters === '') return;
    this.#addressOf(from).entries.push({ characters, seq, root: continues ?? seq });
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
      if (line.key !== undefined) this.#tap.observer?.onGatheredEntry(line.key, entry.seq, entry.root);
      line.key = undefined;
      entry.characters = textFrom(line, entry);
      const length = Math.min(line.characters.length, entry.characters.length);
      takeFirst(lines, length);
      takeFirst(entries, length);
    }
  }

  #addressOf(from: string): Address {
    const address = this.#addresses.get(from) ?? { lines: [], entries: [] };
    this.#addresses.set(from, address);
    return address;
  }
}

/** Nobody watched when the line of the first entry was heard, or the entry of the first line was committed. */
function skipUnknown(lines: WaitingLine[], entries: WaitingEntry[]): void {
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
function isSame(line: WaitingLine, entry: WaitingEntry): boolean {
  const text = textFrom(line, entry);
  return line.characters.startsWith(text) || text.startsWith(line.characters);
}

/** Returns the characters of an entry without the name of the line's sender. */
function textFrom({ name }: WaitingLine, { characters }: WaitingEntry): string {
  return characters.startsWith(name) ? characters.slice(name.length) : characters;
}

function takeFirst(waiting: Waiting[], length: number): void {
  const [first] = waiting;
  if (first) first.characters = first.characters.slice(length);
  if (first?.characters === '') waiting.shift();
}
