import type { Aside } from './lines.ts';
import { type Happening, Notes, type Place } from './notes.ts';
import type { Say } from './outbox.ts';

/** After everything that has a number or was settled. */
const AT_THE_END = Number.MAX_SAFE_INTEGER;

/** All that is shown in the log without being in it: notes, and the page's words on their way. */
export class Asides {
  readonly #notes = new Notes();
  /** Where says that will not be in the log stand among what is, by id. */
  #places = new Map<string, Place>();

  tell(happening: Happening, at: number, last: number): void {
    this.#notes.tell(happening, at, last);
  }

  hearNotice(text: string, at: number, last: number): void {
    this.#notes.hearNotice(text, at, last);
  }

  /** Another log begins. */
  clear(): void {
    this.#notes.clear();
    this.#places.clear();
  }

  /** What is settled stays where it is while the log goes on below it. */
  settle(says: readonly Say[], last: number): void {
    const settled = says.filter(({ state }) => state !== 'waiting' && state !== 'sending');
    this.#places = new Map(
      settled.map(({ id }) => [id, this.#places.get(id) ?? this.#notes.placeAfter(last)] as const),
    );
  }

  /** Those whose place is in a part of the log. */
  within({ start, end }: { start: number; end: number }, says: readonly Say[]): Aside[] {
    const notes = this.#notes.all.filter(({ after }) => after >= start - 1 && after < end);
    return [
      ...notes.map((note) => ({ place: note, note })),
      ...says.map((say, order) => ({ place: this.#places.get(say.id) ?? { after: AT_THE_END, order }, say })),
    ];
  }
}
