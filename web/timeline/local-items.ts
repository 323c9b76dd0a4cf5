import type { OutgoingMessage } from '../connection/outbox.ts';
import type { LocalItem } from './rows.ts';
import { type Note, Notes, type Place, type PrivateNotice, type StatusEvent } from './status-notes.ts';

/** After everything that has a number or was settled. */
const AT_END = Number.MAX_SAFE_INTEGER;

/** Own messages whose number in the log is remembered for answers that come later: more than are open, by far. */
const MAX_LOGGED_IDS = 200;

/** What a reload should find again. */
export interface SavedLocalItems {
  notes: readonly Note[];
  /** Of says, by id. */
  places: readonly (readonly [id: string, place: Place])[];
}

/** All that is shown in the log without being in it: notes, and the page's words on their way. */
export class LocalItems {
  readonly #notes: Notes;
  /** Where says that will not be in the log stand among what is, by id. */
  #places: Map<string, Place>;
  /** The numbers of own messages in the log, by id. */
  readonly #logged = new Map<string, number>();

  constructor({ notes, places }: SavedLocalItems = { notes: [], places: [] }) {
    this.#notes = new Notes(notes);
    this.#places = new Map(places);
    for (const [, { order }] of places) this.#notes.beginAfter(order);
  }

  get snapshot(): SavedLocalItems {
    return { notes: this.#notes.kept, places: [...this.#places] };
  }

  addEvent(happening: StatusEvent, at: number, last: number): void {
    this.#notes.tell(happening, at, last);
  }

  addNotice(words: PrivateNotice, at: number, last: number): void {
    const answered = words.answers === undefined ? undefined : this.#logged.get(words.answers);
    this.#notes.hearNotice(words, at, answered ?? last);
  }

  addDropped(bytes: number, at: number, last: number): void {
    this.#notes.hearDropped(bytes, at, last);
  }

  /** A say of this page is in the log under this number. */
  onLogged(id: string, seq: number): void {
    this.#logged.set(id, seq);
    const [oldest] = this.#logged.keys();
    if (this.#logged.size > MAX_LOGGED_IDS && oldest !== undefined) this.#logged.delete(oldest);
    this.#notes.pin(id, seq);
  }

  /** Another log begins. */
  clear(): void {
    this.#notes.clear();
    this.#places.clear();
    this.#logged.clear();
  }

  /** What is settled stays where it is while the log goes on below it. */
  settle(says: readonly OutgoingMessage[], last: number): void {
    const settled = says.filter(({ state }) => state !== 'waiting' && state !== 'sending');
    this.#places = new Map(
      settled.map(({ id }) => [id, this.#places.get(id) ?? this.#notes.placeAfter(last)] as const),
    );
  }

  /** Those whose place is in a part of the log. Answers to a say stand under it. */
  within({ start, end }: { start: number; end: number }, says: readonly OutgoingMessage[]): LocalItem[] {
    const answers = new Map<string, Note[]>(says.map(({ id }) => [id, []]));
    const asides: LocalItem[] = [];
    for (const note of this.#notes.all) {
      const answered = note.kind === 'notice' ? answers.get(note.answers ?? '') : undefined;
      if (answered) answered.push(note);
      else if (note.after >= start - 1 && note.after < end) asides.push({ place: note, note });
    }
    for (const [order, say] of says.entries()) {
      const place = this.#places.get(say.id) ?? { after: AT_END, order };
      asides.push({ place, say });
      for (const note of answers.get(say.id) ?? []) asides.push({ place, note });
    }
    return asides;
  }
}
