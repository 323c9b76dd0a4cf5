import { GROUP_PAUSE_MS, KnownNames, SpeakerGroups } from '../../common/display/speakers.ts';
import type { OutgoingMessage } from '../../connection/outbox.ts';
import { parseNickname } from '../text/nickname.ts';
import { joinCode } from './code-runs.ts';
import type { LocalItem, Note, Place } from './local-items.ts';
import type { Gap, LogItem, Message, Missing, RoomNote } from './log-segment.ts';

/** A row of the log view. `leads`: the first row of a group, which shows the speaker. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  /** A mark above the first unread message. */
  | { kind: 'unread'; key: string }
  /** `formerly`: the name of the person's tab before this message, if it was another one. */
  | { kind: 'message'; key: string; message: Message; leads: boolean; formerly: string | undefined }
  | { kind: 'outgoing'; key: string; outgoing: OutgoingMessage; leads: boolean }
  | { kind: 'note'; key: string; note: Note | Gap | RoomNote; leads: boolean }
  | { kind: 'missing'; key: string; missing: Missing };

/** Merges the log with the local items, each in its place, and groups messages by speaker. */
export function buildRows(
  items: readonly LogItem[],
  localItems: readonly LocalItem[],
  firstUnread?: number,
): readonly Row[] {
  const builder = new RowBuilder(firstUnread);
  const inPlace = [...localItems].sort((a, b) => comparePlaces(a.place, b.place));
  let next = 0;
  const addBefore = (seq: number) => {
    for (let item = inPlace[next]; item && item.place.after < seq; item = inPlace[++next]) {
      builder.addLocalItem(item);
    }
  };
  for (const item of joinCode(items)) {
    addBefore(item.seq);
    builder.addLogItem(item);
  }
  addBefore(Number.POSITIVE_INFINITY);
  return builder.rows;
}

/** Finds the last message that begins at or before this number. Entries that continue a message are part of it. */
export function rowOfItem(rows: readonly Row[], seq: number): Row | undefined {
  return rows[rowIndexOf(rows, seq)];
}

/** Returns -1 if there is no such message. */
export function rowIndexOf(rows: readonly Row[], seq: number): number {
  return rows.findLastIndex((row) => row.kind === 'message' && row.message.seq <= seq);
}

function comparePlaces(a: Place, b: Place): number {
  return a.after - b.after || a.order - b.order;
}

/** Reuses the row object of an unchanged message, because a busy room rebuilds all rows often. */
const messageRows = new WeakMap<Message, Row & { kind: 'message' }>();

class RowBuilder {
  readonly rows: Row[] = [];
  readonly #day = new DayClock();
  readonly #firstUnread: number | undefined;
  readonly #groups = new SpeakerGroups();
  readonly #names = new KnownNames();

  constructor(firstUnread: number | undefined) {
    this.#firstUnread = firstUnread;
  }

  addLogItem(item: LogItem): void {
    const { key } = item;
    if (item.kind === 'message') {
      this.#startDay(item.at, key);
      if (item.seqs.some((seq) => seq === this.#firstUnread)) this.#startUnread(key);
      this.rows.push(rowOfMessage(item, this.#groups.startsWith(item, item.at), this.#names.rename(item)));
    } else {
      if (item.kind === 'room') this.#startDay(item.at, key);
      this.#groups.end();
      this.rows.push(
        item.kind === 'missing'
          ? { kind: 'missing', key, missing: item }
          : { kind: 'note', key, note: item, leads: true },
      );
    }
  }

  addLocalItem(item: LocalItem): void {
    if ('outgoing' in item) this.#addOutgoing(item.outgoing);
    else this.#addNote(item.note);
  }

  #addOutgoing(outgoing: OutgoingMessage): void {
    this.#startDay(outgoing.at, outgoing.id);
    const { nickname } = parseNickname(outgoing.text);
    const leads = this.#groups.startsWith({ mine: true, from: '', nickname }, outgoing.at);
    this.rows.push({ kind: 'outgoing', key: `outgoing-${outgoing.id}`, outgoing, leads });
  }

  #addNote(note: Note): void {
    if (note.kind === 'notice') this.#startDay(note.at, note.key);
    this.#groups.end();
    this.rows.push({ kind: 'note', key: note.key, note, leads: !continuesNotice(note, this.rows.at(-1)) });
  }

  #startUnread(next: string): void {
    this.#groups.end();
    this.rows.push({ kind: 'unread', key: `unread-before-${next}` });
  }

  #startDay(at: number, next: string): void {
    if (!this.#day.isNewDay(at)) return;
    this.#groups.end();
    // A page that joined before the first message of a day joined on that day.
    const last = this.rows.findLastIndex((row) => !this.#isEventToday(row));
    this.rows.splice(last + 1, 0, { kind: 'day', key: `day-of-${next}`, at });
  }

  #isEventToday(row: Row): boolean {
    return row.kind === 'note' && row.note.kind === 'event' && this.#day.holds(row.note.at);
  }
}

/** Returns true for a notice soon after another notice. */
function continuesNotice(note: Note, last: Row | undefined): boolean {
  if (note.kind !== 'notice' || last?.kind !== 'note' || last.note.kind !== 'notice') return false;
  return note.at - last.note.at <= GROUP_PAUSE_MS;
}

function rowOfMessage(message: Message, leads: boolean, formerly: string | undefined): Row {
  const before = messageRows.get(message);
  if (before?.leads === leads && before.formerly === formerly) return before;
  const row = { kind: 'message', key: message.key, message, leads, formerly } as const;
  messageRows.set(message, row);
  return row;
}

/** Detects the first time on another day. Most times are on the same day and cost one comparison. */
class DayClock {
  #start = Number.NaN;
  #end = Number.NaN;

  isNewDay(at: number): boolean {
    if (this.holds(at)) return false;
    const day = new Date(at);
    this.#start = day.setHours(0, 0, 0, 0);
    this.#end = day.setDate(day.getDate() + 1);
    return true;
  }

  /** Returns whether a time is on the day of the last new day. */
  holds(at: number): boolean {
    return at >= this.#start && at < this.#end;
  }
}
