import type { Message } from '../timeline/log-segment.ts';
import type { Row } from '../timeline/rows.ts';

export type FilteredPerson = Pick<Message, 'nickname' | 'from'>;

/** Selects rows by the people who sent them. Own messages and the page's notes are always shown. */
export class PersonFilter {
  #only: FilteredPerson | undefined;
  #hidden: readonly FilteredPerson[] = [];

  get only(): FilteredPerson | undefined {
    return this.#only;
  }

  get hidden(): readonly FilteredPerson[] {
    return this.#hidden;
  }

  get isActive(): boolean {
    return this.#only !== undefined || this.#hidden.length > 0;
  }

  /** Returns the rows to show. */
  select(rows: readonly Row[]): readonly Row[] {
    return withoutEmptyDays(rows.filter((row) => this.#accepts(row)));
  }

  showOnly(person: FilteredPerson): void {
    this.#only = person;
    this.#hidden = [];
  }

  hide(person: FilteredPerson): void {
    this.#only = undefined;
    this.#hidden = [...this.#hidden, person];
  }

  showAll(): void {
    this.#only = undefined;
    this.#hidden = [];
  }

  #accepts(row: Row): boolean {
    if (row.kind === 'message') return row.message.mine || this.#isShown(row.message);
    // The room's lines are about other people.
    return row.kind !== 'note' || row.note.kind !== 'room' || this.#only === undefined;
  }

  #isShown(message: Message): boolean {
    if (this.#only !== undefined) return isSame(this.#only, message);
    return !this.#hidden.some((person) => isSame(person, message));
  }
}

/** Keeps the headings of days with rows, and the mark of unread messages above the first of them. */
function withoutEmptyDays(rows: readonly Row[]): readonly Row[] {
  const upwards: Row[] = [];
  let isDayEmpty = true;
  let isUnreadEmpty = true;
  for (const row of [...rows].reverse()) {
    if (row.kind === 'day') {
      if (!isDayEmpty) upwards.push(row);
      isDayEmpty = true;
    } else if (row.kind === 'unread') {
      // The first unread message is on a later day, so the mark moves below the heading of that day.
      if (!isUnreadEmpty) upwards.splice(upwards.at(-1)?.kind === 'day' ? -1 : upwards.length, 0, row);
    } else {
      if (startsDay(row)) isDayEmpty = false;
      if (row.kind === 'message') isUnreadEmpty = false;
      upwards.push(row);
    }
  }
  return upwards.reverse();
}

/** A day begins with what people or servers send, not with an event of the page. */
function startsDay(row: Row): boolean {
  if (row.kind === 'note') return row.note.kind === 'notice' || row.note.kind === 'room';
  return row.kind === 'message' || row.kind === 'outgoing';
}

/** A person keeps the name in another tab, and the address after a rename. Without both, people can't be told apart. */
function isSame(a: FilteredPerson, b: FilteredPerson): boolean {
  if (a.nickname !== undefined && a.nickname === b.nickname) return true;
  return a.from === b.from && (a.from !== '' || a.nickname === b.nickname);
}
