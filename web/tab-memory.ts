import type { Say } from './outbox.ts';

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
export interface Memory {
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
  says: readonly Say[];
}

const NOTHING: Memory = { names: [], nickname: '', draft: '', says: [] };

export function recall(store: Store): Memory {
  try {
    const kept: unknown = JSON.parse(store.read() ?? 'null');
    return isMemory(kept) ? kept : NOTHING;
  } catch {
    return NOTHING;
  }
}

export function keep(store: Store, memory: Memory): void {
  try {
    store.write(JSON.stringify(memory));
  } catch {
    // Refused or full: the tab goes on without.
  }
}

function isMemory(value: unknown): value is Memory {
  if (typeof value !== 'object' || value === null) return false;
  const { place, names, nickname, draft, says } = value as Partial<Memory>;
  return (
    (place === undefined || isPlace(place)) &&
    Array.isArray(names) &&
    typeof nickname === 'string' &&
    typeof draft === 'string' &&
    Array.isArray(says)
  );
}

function isPlace(value: unknown): value is ReadingPlace {
  const { seq, offset } = (value ?? {}) as Partial<ReadingPlace>;
  return typeof seq === 'number' && typeof offset === 'number';
}
