import { toPageText } from '../../common/control-characters.ts';
import { MESSAGE_MAX_CHARACTERS } from '../../common/display/code-runs.ts';
import type { Entry } from '../../gateway/protocol.ts';
import { parseNickname } from '../text/nickname.ts';

/** Entries are evicted in batches of this size, because each eviction rebuilds all items. */
export const TRIM_BATCH_MESSAGES = 50;

export interface Message {
  kind: 'message';
  key: string;
  seq: number;
  /** Numbers of the entries that the message consists of. */
  seqs: readonly number[];
  at: number;
  from: string;
  nickname: string | undefined;
  text: string;
  mine: boolean;
  forged: boolean;
  /** Id of the person, for a message of a browser. */
  by: string | undefined;
  /** Another browser uses the nickname. */
  taken: boolean;
  /** A host has sent it. */
  host?: true;
  /** Hidden by a host. Only hosts have the text. */
  hidden?: true;
}

/** `count` messages from `seq` on that this page did not receive. */
export interface Missing {
  kind: 'missing';
  key: string;
  seq: number;
  count: number;
}

/** A period in which the gateway was not connected to the room. */
export interface Gap {
  kind: 'gap';
  key: string;
  seq: number;
  since: number;
  until: number;
}

/** A line of the room itself. */
export interface RoomNote {
  kind: 'room';
  key: string;
  seq: number;
  at: number;
  text: string;
}

export type LogItem = Message | Missing | Gap | RoomNote;

/**
 * A contiguous part of the room's log: entries in order, and the items that show them.
 * Items are immutable, so that a view finds changes by identity.
 */
export class LogSegment {
  readonly #isOwn: (entry: Entry) => boolean;
  #entries: Entry[] = [];
  #start = 0;
  #last = 0;
  #seen: number | undefined;
  #builder: ItemBuilder;
  /** The entries changed since the items were built. */
  #isStale = false;

  constructor(isMine: (entry: Entry) => boolean) {
    this.#isOwn = isMine;
    this.#builder = new ItemBuilder(0, isMine);
  }

  get items(): readonly LogItem[] {
    if (this.#isStale) this.#rebuild();
    return this.#builder.items;
  }

  /** From this number on, every missing entry is shown as missing. It is 0 in an empty segment. */
  get start(): number {
    return this.#start;
  }

  /** Number of the newest entry. */
  get last(): number {
    return this.#last;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Reports that this tab has seen the log up to this number, though it no longer holds all of it. */
  setSeen(seq: number): void {
    this.#seen = seq;
  }

  /** Starts an empty segment after this number. */
  startAfter(seq: number): void {
    if (this.#last > 0 || seq === 0) return;
    this.#last = seq;
    this.#startAt(seq + 1);
  }

  /** Another log begins, with numbers of its own. */
  restart(): void {
    this.#replaceEntries([]);
    this.#start = this.#last = 0;
    this.#seen = undefined;
    this.#builder = new ItemBuilder(0, this.#isOwn);
  }

  /** Returns false for a duplicate and for an entry before the segment. */
  append(entry: Entry): boolean {
    if (entry.seq <= this.#last) return this.#fill(entry);
    if (this.#last === 0) this.#startAt(Math.min((this.#seen ?? entry.seq) + 1, entry.seq));
    this.#last = entry.seq;
    this.#entries.push(entry);
    if (!this.#isStale) this.#builder.add(entry);
    return true;
  }

  /** Adds older entries, oldest first. They may overlap the segment. */
  prepend(entries: readonly Entry[]): void {
    const older = entries.filter(({ seq }) => seq < this.#start);
    const [first] = older;
    for (const entry of entries.slice(older.length)) this.#fill(entry);
    if (first === undefined) return;
    this.#replaceEntries([...older, ...this.#entries]);
    this.#start = first.seq;
  }

  /** Replaces the entries for which `change` returns another one. */
  revise(change: (entry: Entry) => Entry): void {
    const revised = this.#entries.map(change);
    if (!revised.some((entry, index) => entry !== this.#entries[index])) return;
    this.#replaceEntries(revised);
    this.#builder = new ItemBuilder(this.#start, this.#isOwn);
  }

  /** Evicts the oldest entries of a growing log in batches. */
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
    const builder = new ItemBuilder(this.#start, this.#isOwn, this.#builder);
    for (const entry of this.#entries) builder.add(entry);
    this.#builder = builder;
    this.#isStale = false;
  }
}

/** An item and its entries. Entries of a message are joined when the item is first read. */
interface ItemParts {
  parts: Entry[];
  item: LogItem | undefined;
}

/** Builds items from entries in order. Reuses the items of the builder before. */
class ItemBuilder {
  readonly #isOwn: (entry: Entry) => boolean;
  readonly #rows: ItemParts[] = [];
  /** The item of each entry's number. */
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
    // All reused items are copied now.
    this.#before = undefined;
    return this.#items;
  }

  add(entry: Entry): void {
    const { seq, gap, continues, hidden, text } = entry;
    this.#items = undefined;
    // A gateway skips numbers after a crash. The gap entry reports that loss.
    if (seq > this.#next && gap === undefined) this.#rows.push({ parts: [], item: missing(this.#next, seq) });
    this.#next = seq + 1;
    if (hidden && text === '') return;
    if (gap !== undefined) {
      this.#rows.push({ parts: [], item: { kind: 'gap', key: `entry-${seq}`, seq, ...gap } });
      return;
    }
    if (entry.note) {
      const { at, text } = entry;
      this.#rows.push({ parts: [], item: { kind: 'room', key: `entry-${seq}`, seq, at, text } });
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

  /** Returns the item that consists of exactly these entries. */
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
  const named = parseNickname(toPageText(parts.map(({ text }) => text).join('')));
  return {
    kind: 'message',
    key: `entry-${seq}`,
    seq,
    seqs: parts.map((part) => part.seq),
    at,
    from,
    ...named,
    mine: isMine(first),
    forged: parts.some(({ forged }) => forged === true),
    by: first.said?.by,
    taken: first.taken === true,
    ...(first.said?.host && { host: true }),
    ...(first.hidden && { hidden: true }),
  };
}

/** Takes its key from the next entry, so that the key stays while the gap is filled from its start. */
function missing(seq: number, next: number): Missing {
  return { kind: 'missing', key: `missing-${next}`, seq, count: next - seq };
}

function canGrow(parts: readonly Entry[]): boolean {
  return parts.reduce((length, { text }) => length + text.length, 0) <= MESSAGE_MAX_CHARACTERS;
}
