import type { SavedLocalItems } from '../timeline/local-items.ts';
import type { Place } from '../timeline/status-notes.ts';
import type { OutgoingMessage } from './outbox.ts';

/** Where a tab keeps one text between reloads. Storage may be refused: then nothing is kept. */
export interface Store {
  read(): string | null;
  write(value: string): void;
}

/** A number in the log, and how far below the upper edge it stands, pixels. */
export interface ReadingPlace {
  seq: number;
  offset: number;
}

/** What a tab knows of itself after a reload. */
export interface TabState {
  session?: string;
  epoch?: string;
  /** The newest number seen. */
  after?: number;
  /** How many of those nobody looked at. */
  unread?: number;
  /** The first of them, or of those last read on from. */
  firstUnread?: number;
  /** What was read, when it was not the newest. */
  place?: ReadingPlace;
  /** Its names in the log, the latest last. */
  names: readonly string[];
  nickname: string;
  draft: string;
  says: readonly OutgoingMessage[];
  /** The server's private words, and where they and the says stand. */
  asides?: SavedLocalItems;
}

export const EMPTY_STATE: TabState = { names: [], nickname: '', draft: '', says: [] };

export function loadTabState(store: Store): TabState {
  try {
    const kept: unknown = JSON.parse(store.read() ?? 'null');
    return isTabState(kept) ? kept : EMPTY_STATE;
  } catch {
    return EMPTY_STATE;
  }
}

export function saveTabState(store: Store, memory: TabState): void {
  try {
    store.write(JSON.stringify(memory));
  } catch {
    // Refused or full: the tab goes on without.
  }
}

function isTabState(value: unknown): value is TabState {
  if (typeof value !== 'object' || value === null) return false;
  const { place, names, nickname, draft, says, asides } = value as Partial<TabState>;
  return (
    (place === undefined || isPlace(place)) &&
    Array.isArray(names) &&
    typeof nickname === 'string' &&
    typeof draft === 'string' &&
    Array.isArray(says) &&
    (asides === undefined || isSavedItems(asides))
  );
}

function isPlace(value: unknown): value is ReadingPlace {
  const { seq, offset } = (value ?? {}) as Partial<ReadingPlace>;
  return typeof seq === 'number' && typeof offset === 'number';
}

function isSavedItems(value: unknown): value is SavedLocalItems {
  const { notes, places } = (value ?? {}) as Partial<SavedLocalItems>;
  const isIn = (place: unknown): boolean => {
    const { after, order } = (place ?? {}) as Partial<Place>;
    return typeof after === 'number' && typeof order === 'number';
  };
  return (
    Array.isArray(notes) &&
    notes.every(isIn) &&
    Array.isArray(places) &&
    places.every((entry) => Array.isArray(entry) && isIn(entry[1]))
  );
}
