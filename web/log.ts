import type { Entry } from '../gateway/protocol.ts';
import { parseNickname } from './nickname.ts';
import { readable } from './readable.ts';

/** A message that goes on and on (a file piped into a terminal) is shown in parts of this size, characters. */
export const MESSAGE_MAX = 16_384;

export interface Message {
  kind: 'message';
  key: string;
  seq: number;
  /** Its own number, and those of what continued it. */
  seqs: readonly number[];
  at: number;
  from: string;
  nickname: string | undefined;
  text: string;
  mine: boolean;
  forged: boolean;
}

/** Messages the room had and this page did not get: `count` of them, from `seq` on. */
export interface Missing {
  kind: 'missing';
  key: string;
  seq: number;
  count: number;
}

/** A time in which the gateway itself did not hear the room. */
export interface Gap {
  kind: 'gap';
  key: string;
  seq: number;
  since: number;
  until: number;
}

export type LogItem = Message | Missing | Gap;

/**
 * A stretch of the room's log: entries in the order of their numbers, and what is to be shown of them.
 * Items are never changed, only replaced: who draws them sees by identity what is new.
 */
export class Log {
  readonly #isMine: (entry: Entry) => boolean;
  #entries: Entry[] = [];
  #start = 0;
  #last = 0;
  #known: number | undefined;
  #items: readonly LogItem[] | undefined;
  /** The messages last shown, by their number. */
  #messages = new Map<number, Message>();

  constructor(isMine: (entry: Entry) => boolean) {
    this.#isMine = isMine;
  }

  get items(): readonly LogItem[] {
    this.#items ??= this.#compose();
    return this.#items;
  }

  /** From this number on nothing is left out without a word; 0 in an empty log. */
  get start(): number {
    return this.#start;
  }

  /** The newest number heard. */
  get last(): number {
    return this.#last;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** This tab had already seen the log up to here, though it no longer shows it all. */
  remember(seq: number): void {
    this.#known = seq;
  }

  /** Another log begins: its numbers have nothing to do with the last one's. */
  restart(): void {
    this.#replaceEntries([]);
    this.#start = this.#last = 0;
    this.#known = undefined;
    this.#messages.clear();
  }

  /** False when it was here already, or is older than what is. */
  hear(entry: Entry): boolean {
    if (entry.seq <= this.#last) return this.#fill(entry);
    if (this.#last === 0) this.#start = Math.min((this.#known ?? entry.seq) + 1, entry.seq);
    this.#last = entry.seq;
    this.#entries.push(entry);
    this.#items = undefined;
    return true;
  }

  /** An older stretch of it, oldest first; it may reach into what is here. */
  prepend(entries: readonly Entry[]): void {
    const older = entries.filter(({ seq }) => seq < this.#start);
    const [first] = older;
    for (const entry of entries.slice(older.length)) this.#fill(entry);
    if (first === undefined) return;
    this.#replaceEntries([...older, ...this.#entries]);
    this.#start = first.seq;
  }

  dropOldest(max: number): void {
    const first = this.#entries.at(-max);
    if (this.#entries.length <= max || first === undefined) return;
    this.#replaceEntries(this.#entries.slice(-max));
    this.#start = first.seq;
  }

  dropNewest(max: number): void {
    const last = this.#entries[max - 1];
    if (this.#entries.length <= max || last === undefined) return;
    this.#replaceEntries(this.#entries.slice(0, max));
    this.#last = last.seq;
  }

  copy(): Log {
    const copy = new Log(this.#isMine);
    copy.#replaceEntries([...this.#entries]);
    copy.#start = this.#start;
    copy.#last = this.#last;
    copy.#messages = new Map(this.#messages);
    return copy;
  }

  #replaceEntries(entries: Entry[]): void {
    this.#entries = entries;
    this.#items = undefined;
  }

  #fill(entry: Entry): boolean {
    if (entry.seq < this.#start) return false;
    const index = this.#entries.findIndex(({ seq }) => seq >= entry.seq);
    if (index < 0 || this.#entries[index]?.seq === entry.seq) return false;
    this.#entries.splice(index, 0, entry);
    this.#items = undefined;
    return true;
  }

  #compose(): LogItem[] {
    const rows: (Entry[] | Missing | Gap)[] = [];
    /** The message that each number's words went to. */
    const holders = new Map<number, Entry[]>();
    let next = this.#start;
    for (const entry of this.#entries) {
      const { seq, gap, continues } = entry;
      // A killed gateway skips numbers before it goes on: what may be lost there the gap tells.
      if (seq > next && gap === undefined) rows.push(missing(next, seq));
      next = seq + 1;
      if (gap !== undefined) {
        rows.push({ kind: 'gap', key: `entry-${seq}`, seq, ...gap });
        continue;
      }
      const first = continues === undefined ? undefined : holders.get(continues);
      const holder = first !== undefined && hasRoom(first) ? first : [];
      if (holder.push(entry) === 1) rows.push(holder);
      holders.set(seq, holder);
    }
    const items = rows.map((row) => (Array.isArray(row) ? this.#messageOf(row) : row));
    this.#messages = new Map(items.flatMap((item) => (item.kind === 'message' ? [[item.seq, item]] : [])));
    return items;
  }

  #messageOf(parts: readonly Entry[]): Message {
    const [first] = parts as [Entry];
    const { seq, at, from } = first;
    const before = this.#messages.get(seq);
    if (before?.seqs.length === parts.length) return before;
    const words = parseNickname(readable(parts.map(({ text }) => text).join('')));
    return {
      kind: 'message',
      key: `entry-${seq}`,
      seq,
      seqs: parts.map((part) => part.seq),
      at,
      from,
      ...words,
      mine: this.#isMine(first),
      forged: parts.some(({ forged }) => forged === true),
    };
  }
}

/** Named after what follows it, so it stays the same hole while it is filled from its beginning. */
function missing(seq: number, next: number): Missing {
  return { kind: 'missing', key: `missing-${next}`, seq, count: next - seq };
}

function hasRoom(parts: readonly Entry[]): boolean {
  return parts.reduce((length, { text }) => length + text.length, 0) <= MESSAGE_MAX;
}
