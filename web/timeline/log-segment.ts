import { toPageText } from '../../common/control-characters.ts';
import type { Entry } from '../../gateway/protocol.ts';
import { parseNickname } from '../text/nickname.ts';

/** A message that goes on and on (a file piped into a terminal) is shown in parts of this size, characters. */
export const MESSAGE_MAX_CHARACTERS = 16_384;

/** So many of the oldest go at once: with each that went alone all others would be composed again, messages. */
export const TRIM_BATCH_MESSAGES = 50;

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
export class LogSegment {
  readonly #isOwn: (entry: Entry) => boolean;
  #entries: Entry[] = [];
  #start = 0;
  #last = 0;
  #seen: number | undefined;
  #builder: ItemBuilder;
  /** The rows are still those of other entries. */
  #isStale = false;

  constructor(isMine: (entry: Entry) => boolean) {
    this.#isOwn = isMine;
    this.#builder = new ItemBuilder(0, isMine);
  }

  get items(): readonly LogItem[] {
    if (this.#isStale) this.#rebuild();
    return this.#builder.items;
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
  setSeen(seq: number): void {
    this.#seen = seq;
  }

  /** Nothing is here and nothing before will come: what does comes after this number. */
  startAfter(seq: number): void {
    if (this.#last > 0 || seq === 0) return;
    this.#last = seq;
    this.#startAt(seq + 1);
  }

  /** Another log begins: its numbers have nothing to do with the last one's. */
  restart(): void {
    this.#replaceEntries([]);
    this.#start = this.#last = 0;
    this.#seen = undefined;
    this.#builder = new ItemBuilder(0, this.#isOwn);
  }

  /** False when it was here already, or is older than what is. */
  append(entry: Entry): boolean {
    if (entry.seq <= this.#last) return this.#fill(entry);
    if (this.#last === 0) this.#startAt(Math.min((this.#seen ?? entry.seq) + 1, entry.seq));
    this.#last = entry.seq;
    this.#entries.push(entry);
    if (!this.#isStale) this.#builder.add(entry);
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

  /** For a log that grows: drops many at once, as what is left has to be composed anew. */
  trim(max: number): void {
    if (this.#entries.length >= max + TRIM_BATCH_MESSAGES) this.dropOldest(max);
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

  copy(): LogSegment {
    const copy = new LogSegment(this.#isOwn);
    copy.#builder = this.#builder;
    copy.#replaceEntries([...this.#entries]);
    copy.#start = this.#start;
    copy.#last = this.#last;
    return copy;
  }

  #startAt(start: number): void {
    this.#start = start;
    this.#isStale = true;
  }

  #replaceEntries(entries: Entry[]): void {
    this.#entries = entries;
    this.#isStale = true;
  }

  #fill(entry: Entry): boolean {
    if (entry.seq < this.#start) return false;
    const index = this.#entries.findIndex(({ seq }) => seq >= entry.seq);
    if (index < 0 || this.#entries[index]?.seq === entry.seq) return false;
    this.#entries.splice(index, 0, entry);
    this.#isStale = true;
    return true;
  }

  #rebuild(): void {
    const rows = new ItemBuilder(this.#start, this.#isOwn, this.#builder);
    for (const entry of this.#entries) rows.add(entry);
    this.#builder = rows;
    this.#isStale = false;
  }
}

/** What stands in one place. The entries of a message are put together when they are to be shown. */
interface ItemParts {
  parts: Entry[];
  item: LogItem | undefined;
}

/** Entries, added in the order of their numbers, as what is shown of them. What was shown before stays the same object. */
class ItemBuilder {
  readonly #isOwn: (entry: Entry) => boolean;
  readonly #rows: ItemParts[] = [];
  /** Where each number's words went. */
  readonly #holders = new Map<number, ItemParts>();
  #before: ItemBuilder | undefined;
  #next: number;
  #items: readonly LogItem[] | undefined;

  constructor(start: number, isMine: (entry: Entry) => boolean, before?: ItemBuilder) {
    this.#next = start;
    this.#isOwn = isMine;
    this.#before = before;
  }

  get items(): readonly LogItem[] {
    this.#items ??= this.#rows.map((row) => this.#itemOf(row));
    // All of it is here now.
    this.#before = undefined;
    return this.#items;
  }

  add(entry: Entry): void {
    const { seq, gap, continues } = entry;
    this.#items = undefined;
    // A killed gateway skips numbers before it goes on: what may be lost there the gap tells.
    if (seq > this.#next && gap === undefined) this.#rows.push({ parts: [], item: missing(this.#next, seq) });
    this.#next = seq + 1;
    if (gap !== undefined) {
      this.#rows.push({ parts: [], item: { kind: 'gap', key: `entry-${seq}`, seq, ...gap } });
      return;
    }
    const first = continues === undefined ? undefined : this.#holders.get(continues);
    const holder: ItemParts =
      first !== undefined && canGrow(first.parts) ? first : { parts: [], item: undefined };
    if (holder.parts.push(entry) === 1) this.#rows.push(holder);
    holder.item = undefined;
    this.#holders.set(seq, holder);
  }

  #itemOf(row: ItemParts): LogItem {
    row.item ??= this.#before?.messageOf(row.parts) ?? buildMessage(row.parts, this.#isOwn);
    return row.item;
  }

  /** The message that these entries were, if they were shown as one. */
  messageOf(parts: readonly Entry[]): LogItem | undefined {
    const [first] = parts;
    const row = first === undefined ? undefined : this.#holders.get(first.seq);
    const isSame = row?.parts[0]?.seq === first?.seq && row?.parts.length === parts.length;
    return isSame ? row?.item : undefined;
  }
}

function buildMessage(parts: readonly Entry[], isMine: (entry: Entry) => boolean): Message {
  const [first] = parts as [Entry];
  const { seq, at, from } = first;
  const words = parseNickname(toPageText(parts.map(({ text }) => text).join('')));
  return {
    kind: 'message',
    key: `entry-${seq}`,
    seq,
    seqs: parts.map((part) => part.seq),
    at,
    from,
    ...words,
    mine: isMine(first),
    forged: parts.some(({ forged }) => forged === true),
  };
}

/** Named after what follows it, so it stays the same hole while it is filled from its beginning. */
function missing(seq: number, next: number): Missing {
  return { kind: 'missing', key: `missing-${next}`, seq, count: next - seq };
}

function canGrow(parts: readonly Entry[]): boolean {
  return parts.reduce((length, { text }) => length + text.length, 0) <= MESSAGE_MAX_CHARACTERS;
}
