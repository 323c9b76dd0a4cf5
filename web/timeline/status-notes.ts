import type { ServerMessage } from '../../gateway/protocol.ts';
import { newestWithin } from '../text/newest-within.ts';

/** Lines that nobody in the room said are kept up to this many. */
export const MAX_NOTES = 500;

/** Private text of the server in memory at most, characters: a hostile server sends without end. */
export const NOTICES_MAX_CHARACTERS = 256 * 1024;

/** What of it a reload finds again, characters: a tab's storage holds some 5 million for the whole site. */
export const NOTICES_SAVED_MAX_CHARACTERS = 64 * 1024;

/** A line without an end is shown in parts of this size, characters. */
export const NOTICE_MAX_CHARACTERS = 16 * 1024;

/** Where something that has no number stands in the log: after that number, and in order of arrival there. */
export interface Place {
  after: number;
  order: number;
}

interface Placed extends Place {
  key: string;
  at: number;
}

/** The server's private words to this page. */
export interface Notice extends Placed {
  kind: 'notice';
  text: string;
  /** The id of the say that they answer. */
  answers?: string;
}

/** Private words of the server that were left out, because there were too many. */
export interface Dropped extends Placed {
  kind: 'dropped';
  bytes: number;
}

/** What happened to this page's place in the room. */
export type StatusEvent =
  | { name: 'joined' | 'back'; you: string }
  | { name: 'lost' | 'roomless' | 'left' | 'replaced' | 'restarted' }
  /** The gateway's disk refuses what is sent, or saves it again. */
  | { name: 'unsaved' | 'saved' }
  /** Lines under this address come too fast; empty where the room has no addresses. */
  | { name: 'flood'; from: string };

export interface Event extends Placed {
  kind: 'event';
  happening: StatusEvent;
}

export type Note = Notice | Dropped | Event;

/** A notice as it comes in. */
export type PrivateNotice = Omit<Extract<ServerMessage, { type: 'notice' }>, 'type'>;

/** What the page was told beside the log, each where the log was then. */
export class Notes {
  #all: readonly Note[];
  #order: number;

  constructor(kept: readonly Note[] = []) {
    this.#all = kept;
    this.#order = kept.reduce((most, { order }) => Math.max(most, order), 0);
  }

  get all(): readonly Note[] {
    return this.#all;
  }

  /** What a reload should find again: events happen anew. */
  get kept(): readonly Note[] {
    const notices = newestWithin(this.#all.filter(isNotice), NOTICES_SAVED_MAX_CHARACTERS);
    return this.#all.filter((note) => note.kind === 'dropped' || (isNotice(note) && notices.includes(note)));
  }

  /** A place after everything that is here now. */
  placeAfter(seq: number): Place {
    return { after: seq, order: ++this.#order };
  }

  /** Places kept from before a reload come first. */
  beginAfter(order: number): void {
    this.#order = Math.max(this.#order, order);
  }

  hearNotice({ text, answers, continues }: PrivateNotice, at: number, after: number): void {
    const last = this.#lastAt(after);
    if (continues && last?.kind === 'notice' && last.text.length < NOTICE_MAX_CHARACTERS) {
      this.#all = [...this.#all.slice(0, -1), { ...last, text: last.text + text }];
    } else {
      const notice = { kind: 'notice', ...this.#place(after), at, text } as const;
      this.#add(answers === undefined ? notice : { ...notice, answers });
    }
    this.#forgetOldest();
  }

  /** One line tells of all that was left out, where the last was. */
  hearDropped(bytes: number, at: number, after: number): void {
    const before = this.#all.find((note) => note.kind === 'dropped')?.bytes ?? 0;
    this.#all = this.#all.filter(({ kind }) => kind !== 'dropped');
    this.#add({ kind: 'dropped', ...this.#place(after), at, bytes: before + bytes });
  }

  /** The say is in the log under this number: its answers stand there. */
  pin(answers: string, after: number): void {
    const isMoved = (note: Note) => isNotice(note) && note.answers === answers && note.after !== after;
    if (!this.#all.some(isMoved)) return;
    this.#all = this.#all.map((note) => (isMoved(note) ? { ...note, after } : note));
  }

  /** An absence in which nothing was said leaves one line, not two. */
  tell(happening: StatusEvent, at: number, after: number): void {
    const last = this.#lastAt(after);
    if (last?.kind === 'event' && isAbsence(last.happening)) this.#all = this.#all.slice(0, -1);
    // One note is enough, however often somebody floods.
    if (happening.name === 'flood') this.#all = this.#all.filter((note) => !isFlood(note));
    this.#add({ kind: 'event', ...this.#place(after), at, happening });
  }

  /** Another log begins: what was told stood in the last one. */
  clear(): void {
    this.#all = [];
  }

  #lastAt(after: number): Note | undefined {
    const last = this.#all.at(-1);
    return last?.after === after ? last : undefined;
  }

  #add(note: Note): void {
    this.#all = [...this.#all, note].slice(-MAX_NOTES);
  }

  #forgetOldest(): void {
    const notices = this.#all.filter(isNotice);
    const remembered = newestWithin(notices, NOTICES_MAX_CHARACTERS);
    if (remembered.length === notices.length) return;
    const isForgotten = new Set<Note>(notices.slice(0, notices.length - remembered.length));
    this.#all = this.#all.filter((note) => !isForgotten.has(note));
  }

  #place(after: number): Place & { key: string } {
    const place = this.placeAfter(after);
    return { ...place, key: `note-${place.order}` };
  }
}

function isNotice(note: Note): note is Notice {
  return note.kind === 'notice';
}

function isFlood(note: Note): boolean {
  return note.kind === 'event' && note.happening.name === 'flood';
}

function isAbsence({ name }: StatusEvent): boolean {
  return name === 'lost' || name === 'roomless';
}
