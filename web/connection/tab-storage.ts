import { isObject, isText } from '../../common/guards.ts';
import type { OutgoingMessage } from '../../connection/outbox.ts';
import type { Store } from '../client/effects.ts';
import type { Place, SavedLocalItems } from '../timeline/local-items.ts';

/** A message, and its distance from the upper edge in pixels. */
export interface ReadingPlace {
  seq: number;
  offset: number;
}

/** State of a tab that survives a reload. */
export interface TabState {
  session?: string;
  epoch?: string;
  /** Number of the newest seen entry. */
  after?: number;
  /** Number of unread messages. */
  unread?: number;
  /** Number of the first unread message, or of the last one that was. */
  firstUnread?: number;
  /** Reading position, unless the reader was at the newest. */
  place?: ReadingPlace;
  /** Session ids of the tab, the latest last. */
  names: readonly string[];
  nickname: string;
  draft: string;
  says: readonly OutgoingMessage[];
  /** Private notices, and the places of notices and outgoing messages. */
  asides?: SavedLocalItems;
}

export const EMPTY_STATE: TabState = { names: [], nickname: '', draft: '', says: [] };

export function loadTabState(store: Store): TabState {
  try {
    const saved: unknown = JSON.parse(store.read() ?? 'null');
    return isTabState(saved) ? saved : EMPTY_STATE;
  } catch {
    return EMPTY_STATE;
  }
}

export function saveTabState(store: Store, state: TabState): void {
  try {
    store.write(JSON.stringify(state));
  } catch {
    // Storage is refused or full: the tab works without it.
  }
}

function isTabState(value: unknown): value is TabState {
  if (!isObject(value)) return false;
  const { place, names, nickname, draft, says, asides } = value as Partial<TabState>;
  return (
    (place === undefined || isPlace(place)) &&
    Array.isArray(names) &&
    isText(nickname) &&
    isText(draft) &&
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
