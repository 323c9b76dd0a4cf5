import type { Entry } from '../gateway/protocol.ts';
import { parseNickname } from './nickname.ts';
import { readable } from './readable.ts';

/** A message that goes on and on (a file piped into a terminal) is shown in parts of this size, characters. */
export const MESSAGE_MAX = 16_384;

/** Where an item stands among all that the page shows, in order of arrival. */
interface Placed {
  key: string;
  order: number;
}

export interface Message extends Placed {
  kind: 'message';
  seq: number;
  at: number;
  from: string;
  nickname: string | undefined;
  text: string;
  /** As the room said it, which is what a continuation goes on from. */
  wire: string;
  mine: boolean;
  forged: boolean;
}

/** Messages the room had and this page did not get: `count` of them, from `seq` on. */
export interface Missing extends Placed {
  kind: 'missing';
  seq: number;
  count: number;
}

/** A time in which the gateway itself did not hear the room. */
export interface Gap extends Placed {
  kind: 'gap';
  since: number;
  until: number;
}

/** The server's private words to this page. */
export interface Notice extends Placed {
  kind: 'notice';
  at: number;
  text: string;
}

/** What happened to this page's place in the room. */
export type Happening =
  | { name: 'joined' | 'back'; you: string }
  | { name: 'lost' | 'roomless' | 'left' | 'replaced' | 'anew' };

export interface Event extends Placed {
  kind: 'event';
  at: number;
  happening: Happening;
}

export type LogItem = Message | Missing | Gap | Notice | Event;

/**
 * What was heard, in the order of the room's numbers, with the page's own events where they happened.
 * Items are never changed, only replaced: who draws them sees by identity what is new.
 */
export class Log {
  #items: LogItem[] = [];
  /** The message that each number's words went to. */
  #holders = new Map<number, Message>();
  #last = 0;
  #known = 0;
  #order = 0;

  get items(): readonly LogItem[] {
    return this.#items;
  }

  /** The newest number heard. */
  get last(): number {
    return this.#last;
  }

  /** This tab had already seen the log up to here, though it no longer shows it all. */
  remember(seq: number): void {
    this.#known = seq;
  }

  /** A place after everything that is here now. */
  nextOrder(): number {
    return ++this.#order;
  }

  /** Another log begins: its numbers have nothing to do with the last one's. */
  restart(): void {
    this.#items = [];
    this.#holders.clear();
    this.#last = 0;
    this.#known = 0;
  }

  /** False when it was here already. */
  hear(entry: Entry, mine: boolean): boolean {
    if (entry.seq <= this.#last) return this.#fillHole(entry, mine);
    this.#noticeJump(entry.seq);
    this.#last = entry.seq;
    this.#put(entry, mine, this.#items.length, this.nextOrder());
    return true;
  }

  hearNotice(text: string, at: number): void {
    const last = this.#items.at(-1);
    if (last?.kind === 'notice' && !last.text.endsWith('\n')) {
      this.#items[this.#items.length - 1] = { ...last, text: last.text + text };
    } else {
      this.#items.push({ kind: 'notice', ...this.#place('notice'), at, text });
    }
  }

  /** An absence in which nothing was said leaves one line, not two. */
  tell(happening: Happening, at: number): void {
    const last = this.#items.at(-1);
    if (last?.kind === 'event' && isAbsence(last.happening)) this.#items.pop();
    this.#items.push({ kind: 'event', ...this.#place('event'), at, happening });
  }

  /** Drops the oldest beyond `max` items. */
  trim(max: number): void {
    const excess = this.#items.length - max;
    if (excess <= 0) return;
    this.#items.splice(0, excess);
    const oldest = this.#items.find((item) => item.kind === 'message')?.seq ?? this.#last;
    for (const seq of this.#holders.keys()) {
      if (seq >= oldest) break;
      this.#holders.delete(seq);
    }
  }

  #noticeJump(seq: number): void {
    const seen = Math.max(this.#last, this.#known);
    const count = seq - seen - 1;
    if (seen === 0 || count <= 0) return;
    this.#items.push({ kind: 'missing', ...this.#place('missing'), seq: seen + 1, count });
  }

  #fillHole(entry: Entry, mine: boolean): boolean {
    const index = this.#items.findLastIndex(
      (item) => item.kind === 'missing' && item.seq <= entry.seq && entry.seq < item.seq + item.count,
    );
    const hole = this.#items[index];
    if (hole?.kind !== 'missing') return false;
    const before = { ...hole, count: entry.seq - hole.seq };
    const after = { ...hole, key: `missing-${this.nextOrder()}`, seq: entry.seq + 1 };
    after.count = hole.count - before.count - 1;
    this.#items.splice(index, 1, ...[before, after].filter(({ count }) => count > 0));
    this.#put(entry, mine, before.count > 0 ? index + 1 : index, hole.order);
    return true;
  }

  #put(entry: Entry, mine: boolean, index: number, order: number): void {
    const placed = { key: `entry-${entry.seq}`, order };
    if (entry.gap !== undefined) {
      this.#items.splice(index, 0, { kind: 'gap', ...placed, ...entry.gap });
    } else if (!this.#goOn(entry)) {
      const message: Message = { kind: 'message', ...placed, ...fromEntry(entry), mine };
      this.#items.splice(index, 0, message);
      this.#holders.set(entry.seq, message);
    }
  }

  /** Joins words to the message they continue, if it is still here. */
  #goOn(entry: Entry): boolean {
    const first = entry.continues === undefined ? undefined : this.#holders.get(entry.continues);
    const index = first === undefined ? -1 : this.#items.lastIndexOf(first);
    if (first === undefined || index < 0 || first.wire.length > MESSAGE_MAX) return false;
    const wire = first.wire + entry.text;
    const longer: Message = {
      ...first,
      wire,
      ...wordsOf(wire),
      forged: first.forged || entry.forged === true,
    };
    this.#items[index] = longer;
    for (const [seq, holder] of this.#holders) if (holder === first) this.#holders.set(seq, longer);
    this.#holders.set(entry.seq, longer);
    return true;
  }

  #place(name: string): Placed {
    const order = this.nextOrder();
    return { key: `${name}-${order}`, order };
  }
}

function fromEntry({ seq, at, from, text, forged }: Entry) {
  return { seq, at, from, wire: text, ...wordsOf(text), forged: forged === true };
}

function wordsOf(wire: string) {
  return parseNickname(readable(wire));
}

function isAbsence({ name }: Happening): boolean {
  return name === 'lost' || name === 'roomless';
}
