/** Lines that nobody in the room said are kept up to this many. */
export const NOTES_MAX = 500;

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
}

/** What happened to this page's place in the room. */
export type Happening =
  | { name: 'joined' | 'back'; you: string }
  | { name: 'lost' | 'roomless' | 'left' | 'replaced' | 'anew' };

export interface Event extends Placed {
  kind: 'event';
  happening: Happening;
}

export type Note = Notice | Event;

/** What the page was told beside the log, each where the log was then. */
export class Notes {
  #all: readonly Note[] = [];
  #order = 0;

  get all(): readonly Note[] {
    return this.#all;
  }

  /** A place after everything that is here now. */
  placeAfter(seq: number): Place {
    return { after: seq, order: ++this.#order };
  }

  hearNotice(text: string, at: number, after: number): void {
    const last = this.#lastAt(after);
    if (last?.kind === 'notice' && !last.text.endsWith('\n')) {
      this.#all = [...this.#all.slice(0, -1), { ...last, text: last.text + text }];
    } else {
      this.#add({ kind: 'notice', ...this.#place(after), at, text });
    }
  }

  /** An absence in which nothing was said leaves one line, not two. */
  tell(happening: Happening, at: number, after: number): void {
    const last = this.#lastAt(after);
    if (last?.kind === 'event' && isAbsence(last.happening)) this.#all = this.#all.slice(0, -1);
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
    this.#all = [...this.#all, note].slice(-NOTES_MAX);
  }

  #place(after: number): Place & { key: string } {
    const place = this.placeAfter(after);
    return { ...place, key: `note-${place.order}` };
  }
}

function isAbsence({ name }: Happening): boolean {
  return name === 'lost' || name === 'roomless';
}
