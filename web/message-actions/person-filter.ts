import type { Message } from '../timeline/log-segment.ts';
import type { Row } from '../timeline/rows.ts';

export type FilteredPerson = Pick<Message, 'nickname' | 'from'>;

/** Selects rows by the people who sent them. Own messages and notes are always shown. */
export class PersonFilter {
  #only: FilteredPerson | undefined;
  #hidden: readonly FilteredPerson[] = [];

  get only(): FilteredPerson | undefined {
    return this.#only;
  }

  get hidden(): readonly FilteredPerson[] {
    return this.#hidden;
  }

  /** The filter of rows; undefined if all are shown. */
  get accepts(): ((row: Row) => boolean) | undefined {
    if (this.#only === undefined && this.#hidden.length === 0) return undefined;
    return (row) => row.kind !== 'message' || row.message.mine || this.#isShown(row.message);
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

  #isShown(message: Message): boolean {
    if (this.#only !== undefined) return isSame(this.#only, message);
    return !this.#hidden.some((person) => isSame(person, message));
  }
}

/** A person keeps the name in another tab, and the address after a rename. Without both, people can't be told apart. */
function isSame(a: FilteredPerson, b: FilteredPerson): boolean {
  if (a.nickname !== undefined && a.nickname === b.nickname) return true;
  return a.from === b.from && (a.from !== '' || a.nickname === b.nickname);
}
