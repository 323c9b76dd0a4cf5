import type { OutgoingMessage } from '../connection/outbox.ts';
import type { Gap, LogItem, Message, Missing } from './log-segment.ts';
import type { Note, Place } from './status-notes.ts';

/** After a longer pause a speaker is named again, ms. */
export const GROUP_PAUSE_MS = 5 * 60_000;

/** What is drawn, from top to bottom. `leads`: the first of its speaker's, so it says whose it is. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  /** Above the first message that was not read when it came. */
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; leads: boolean }
  | { kind: 'say'; key: string; say: OutgoingMessage; leads: boolean }
  | { kind: 'note'; key: string; note: Note | Gap; leads: boolean }
  | { kind: 'missing'; key: string; missing: Missing };

/** Something without a number that is shown in the log. */
export type LocalItem = { place: Place } & ({ note: Note } | { say: OutgoingMessage });

/** The log, with what has no number in it where it was told. */
export function buildRows(
  items: readonly LogItem[],
  asides: readonly LocalItem[],
  firstUnread?: number,
): readonly Row[] {
  const composer = new RowBuilder(firstUnread);
  const inPlace = [...asides].sort((a, b) => comparePlaces(a.place, b.place));
  let next = 0;
  const addBefore = (seq: number) => {
    for (let aside = inPlace[next]; aside && aside.place.after < seq; aside = inPlace[++next]) {
      composer.addAside(aside);
    }
  };
  for (const item of items) {
    addBefore(item.seq);
    composer.addItem(item);
  }
  addBefore(Number.POSITIVE_INFINITY);
  return composer.rows;
}

/** The last message that begins before this number, or with it: what continues a message stands in it. */
export function rowOfItem(lines: readonly Row[], seq: number): Row | undefined {
  return lines[rowIndexOf(lines, seq)];
}

/** -1 when there is none. */
export function rowIndexOf(lines: readonly Row[], seq: number): number {
  return lines.findLastIndex((line) => line.kind === 'message' && line.message.seq <= seq);
}

function comparePlaces(a: Place, b: Place): number {
  return a.after - b.after || a.order - b.order;
}

/** A message's line is the same object as long as it stands the same way: a busy room composes all of them again and again. */
const messageRows = new WeakMap<Message, Row & { kind: 'message' }>();

type Speaker = Pick<Message, 'mine' | 'from' | 'nickname'>;
const ME: Speaker = { mine: true, from: '', nickname: undefined };

class RowBuilder {
  readonly rows: Row[] = [];
  readonly #day = new DayClock();
  readonly #firstUnread: number | undefined;
  #speaker: Speaker | undefined;
  #at = 0;

  constructor(firstUnread: number | undefined) {
    this.#firstUnread = firstUnread;
  }

  addItem(item: LogItem): void {
    const { key } = item;
    if (item.kind === 'message') {
      this.#beginDay(item.at, key);
      if (item.seq === this.#firstUnread) this.#beginUnread(key);
      this.rows.push(rowOfMessage(item, this.#speak(item, item.at)));
    } else {
      this.#speaker = undefined;
      this.rows.push(
        item.kind === 'missing'
          ? { kind: 'missing', key, missing: item }
          : { kind: 'note', key, note: item, leads: true },
      );
    }
  }

  addAside(aside: LocalItem): void {
    if ('say' in aside) this.#addSay(aside.say);
    else this.#addNote(aside.note);
  }

  #addSay(say: OutgoingMessage): void {
    this.#beginDay(say.at, say.id);
    this.rows.push({ kind: 'say', key: `say-${say.id}`, say, leads: this.#speak(ME, say.at) });
  }

  #addNote(note: Note): void {
    if (note.kind === 'notice') this.#beginDay(note.at, note.key);
    this.#speaker = undefined;
    this.rows.push({ kind: 'note', key: note.key, note, leads: !continuesNotice(note, this.rows.at(-1)) });
  }

  #speak(speaker: Speaker, at: number): boolean {
    const goesOn = this.#speaker !== undefined && isSame(speaker, this.#speaker);
    const leads = !goesOn || at - this.#at > GROUP_PAUSE_MS;
    this.#speaker = speaker;
    this.#at = at;
    return leads;
  }

  #beginUnread(next: string): void {
    this.#speaker = undefined;
    this.rows.push({ kind: 'unread', key: `unread-before-${next}` });
  }

  #beginDay(at: number, next: string): void {
    if (!this.#day.turns(at)) return;
    this.#speaker = undefined;
    this.rows.push({ kind: 'day', key: `day-of-${next}`, at });
  }
}

/** Is this the server's next line, soon after its last? */
function continuesNotice(note: Note, last: Row | undefined): boolean {
  if (note.kind !== 'notice' || last?.kind !== 'note' || last.note.kind !== 'notice') return false;
  return note.at - last.note.at <= GROUP_PAUSE_MS;
}

function isSame(a: Speaker, b: Speaker): boolean {
  return a.mine ? b.mine : !b.mine && a.from === b.from && a.nickname === b.nickname;
}

function rowOfMessage(message: Message, leads: boolean): Row {
  const before = messageRows.get(message);
  if (before?.leads === leads) return before;
  const line = { kind: 'message', key: message.key, message, leads } as const;
  messageRows.set(message, line);
  return line;
}

/** Tells when a time is on another day than the last; most are on the same, which costs a comparison. */
class DayClock {
  #start = Number.NaN;
  #end = Number.NaN;

  turns(at: number): boolean {
    if (at >= this.#start && at < this.#end) return false;
    const day = new Date(at);
    this.#start = day.setHours(0, 0, 0, 0);
    this.#end = day.setDate(day.getDate() + 1);
    return true;
  }
}
