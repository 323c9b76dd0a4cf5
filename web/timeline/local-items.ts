import { newestWithin } from '../../connection/newest-within.ts';
import type { OutgoingMessage } from '../../connection/outbox.ts';
import type { ServerMessage } from '../../gateway/protocol.ts';

/** Most notes in memory. */
export const MAX_NOTES = 500;

/** Most private text of the server in memory: a hostile server sends without end. */
export const NOTICES_MAX_CHARACTERS = 256 * 1024;

/** Most private text that a reload restores. Tab storage holds about 5 million characters per site. */
export const NOTICES_SAVED_MAX_CHARACTERS = 64 * 1024;

/** A longer line without a newline is shown in parts. */
export const NOTICE_MAX_CHARACTERS = 16 * 1024;

/** Most own messages whose number in the log is remembered for later answers. Far fewer are pending at once. */
const MAX_LOGGED_IDS = 200;

/** The position in the log of an item without a number: after a number, then in order of arrival. */
export interface Place {
  after: number;
  order: number;
}

/** Sorts after every number and every order. */
const AT_END = Number.MAX_SAFE_INTEGER;

interface Placed extends Place {
  key: string;
  at: number;
}

/** Private text from the server to this page. */
export interface Notice extends Placed {
  kind: 'notice';
  text: string;
  /** The id of the message that the notice answers. */
  answers?: string;
}

/** Private text that the gateway dropped, because the server sent too much. */
export interface Dropped extends Placed {
  kind: 'dropped';
  bytes: number;
}

/** A change of this page's place in the room. */
export type StatusEvent =
  /** `renamed`: the room knows this person by another name than the chosen one. */
  | { name: 'joined' | 'back' | 'renamed'; you: string }
  | { name: 'lost' | 'roomless' | 'left' | 'replaced' | 'restarted' }
  /** The gateway's disk refuses writes, or accepts them again. */
  | { name: 'unsaved' | 'saved' }
  /** Lines from this address come too fast. The address is empty in a room without addresses. */
  | { name: 'flood'; from: string };

export interface StatusNote extends Placed {
  kind: 'event';
  event: StatusEvent;
}

export type Note = Notice | Dropped | StatusNote;

/** A notice as the gateway sends it. */
export type PrivateNotice = Omit<Extract<ServerMessage, { type: 'notice' }>, 'type'>;

/** An item without a number that is shown in the log. */
export type LocalItem = { place: Place } & ({ note: Note } | { outgoing: OutgoingMessage });

/** The part of the local items that a reload restores. */
export interface SavedLocalItems {
  notes: readonly Note[];
  /** Places of outgoing messages by id. */
  places: readonly (readonly [id: string, place: Place])[];
}

/** Holds the items that the page shows in the log and the log does not contain: notes and outgoing messages. */
export class LocalItems {
  #notes: readonly Note[];
  /** The last order given to a place. */
  #order: number;
  /** Places of settled outgoing messages by id. */
  #places: Map<string, Place>;
  /** Numbers in the log of own messages by id. */
  readonly #logged = new Map<string, number>();

  constructor({ notes, places }: SavedLocalItems = { notes: [], places: [] }) {
    this.#notes = notes;
    this.#places = new Map(places);
    this.#order = [...notes, ...this.#places.values()].reduce((most, { order }) => Math.max(most, order), 0);
  }

  /** Status events are not saved, because the reloaded page has its own. */
  get snapshot(): SavedLocalItems {
    const notices = newestWithin(this.#notes.filter(isNotice), NOTICES_SAVED_MAX_CHARACTERS);
    const notes = this.#notes.filter(
      (note) => note.kind === 'dropped' || (isNotice(note) && notices.includes(note)),
    );
    return { notes, places: [...this.#places] };
  }

  /** Adds an event. An absence without messages leaves one line instead of two. */
  addEvent(event: StatusEvent, at: number, last: number): void {
    const before = this.#lastNoteAt(last);
    if (before?.kind === 'event' && isAbsence(before.event)) this.#notes = this.#notes.slice(0, -1);
    // One note is enough, however often a client floods.
    if (event.name === 'flood') this.#notes = this.#notes.filter((note) => !isFlood(note));
    this.#addNote({ kind: 'event', ...this.#newPlace(last), at, event });
  }

  addNotice({ text, answers, continues }: PrivateNotice, at: number, last: number): void {
    const after = this.#logged.get(answers ?? '') ?? last;
    const before = this.#lastNoteAt(after);
    if (continues && before?.kind === 'notice' && before.text.length < NOTICE_MAX_CHARACTERS) {
      this.#notes = [...this.#notes.slice(0, -1), { ...before, text: before.text + text }];
    } else {
      const notice = { kind: 'notice', ...this.#newPlace(after), at, text } as const;
      this.#addNote(answers === undefined ? notice : { ...notice, answers });
    }
    this.#evictNotices();
  }

  /** Adds all dropped bytes to one note, which moves to the newest place. */
  addDropped(bytes: number, at: number, last: number): void {
    const before = this.#notes.find((note) => note.kind === 'dropped')?.bytes ?? 0;
    this.#notes = this.#notes.filter(({ kind }) => kind !== 'dropped');
    this.#addNote({ kind: 'dropped', ...this.#newPlace(last), at, bytes: before + bytes });
  }

  /** The log has an own message under this number: its answers move there. */
  onLogged(id: string, seq: number): void {
    this.#logged.set(id, seq);
    const [oldest] = this.#logged.keys();
    if (this.#logged.size > MAX_LOGGED_IDS && oldest !== undefined) this.#logged.delete(oldest);
    const moves = (note: Note) => isNotice(note) && note.answers === id && note.after !== seq;
    if (!this.#notes.some(moves)) return;
    this.#notes = this.#notes.map((note) => (moves(note) ? { ...note, after: seq } : note));
  }

  /** Another log begins. */
  clear(): void {
    this.#notes = [];
    this.#places.clear();
    this.#logged.clear();
  }

  /** Fixes the places of settled messages, so that the log grows below them. */
  settle(messages: readonly OutgoingMessage[], last: number): void {
    const settled = messages.filter(({ state }) => state !== 'waiting' && state !== 'sending');
    this.#places = new Map(
      settled.map(({ id }) => [id, this.#places.get(id) ?? { after: last, order: ++this.#order }] as const),
    );
  }

  /** Returns the items within a part of the log. Answers to an outgoing message follow it. */
  within({ start, end }: { start: number; end: number }, messages: readonly OutgoingMessage[]): LocalItem[] {
    const answers = new Map<string, Note[]>(messages.map(({ id }) => [id, []]));
    const items: LocalItem[] = [];
    for (const note of this.#notes) {
      const answered = note.kind === 'notice' ? answers.get(note.answers ?? '') : undefined;
      if (answered) answered.push(note);
      else if (note.after >= start - 1 && note.after < end) items.push({ place: note, note });
    }
    for (const [order, outgoing] of messages.entries()) {
      const place = this.#places.get(outgoing.id) ?? { after: AT_END, order };
      items.push({ place, outgoing });
      for (const note of answers.get(outgoing.id) ?? []) items.push({ place, note });
    }
    return items;
  }

  /** Returns the newest note if it has this number in the log. */
  #lastNoteAt(after: number): Note | undefined {
    const last = this.#notes.at(-1);
    return last?.after === after ? last : undefined;
  }

  #addNote(note: Note): void {
    this.#notes = [...this.#notes, note].slice(-MAX_NOTES);
  }

  #evictNotices(): void {
    const notices = this.#notes.filter(isNotice);
    const remaining = newestWithin(notices, NOTICES_MAX_CHARACTERS);
    if (remaining.length === notices.length) return;
    const evicted = new Set<Note>(notices.slice(0, notices.length - remaining.length));
    this.#notes = this.#notes.filter((note) => !evicted.has(note));
  }

  #newPlace(after: number): Place & { key: string } {
    const order = ++this.#order;
    return { after, order, key: `note-${order}` };
  }
}

function isNotice(note: Note): note is Notice {
  return note.kind === 'notice';
}

function isFlood(note: Note): boolean {
  return note.kind === 'event' && note.event.name === 'flood';
}

function isAbsence({ name }: StatusEvent): boolean {
  return name === 'lost' || name === 'roomless';
}
