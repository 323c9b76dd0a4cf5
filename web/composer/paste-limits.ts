import { MAX_MESSAGES } from '../../connection/outbox.ts';
import { splitMessages } from '../client/draft.ts';

/** A paste of this many messages may be a mistake, so the person is asked. */
export const PASTE_ASKS_FROM_MESSAGES = 4;
/**
 * Limit of a draft after a paste or a drop, unless the gateway takes longer messages. The browser lays out the whole
 * draft at each key. This much takes 150 ms on a phone that is six times slower than a computer.
 */
export const DRAFT_MAX_CHARACTERS = 32_000;
/** The outbox holds no more messages, and each line costs another layout. */
export const DRAFT_MAX_LINES = MAX_MESSAGES;

/** The amount by which a draft exceeds a limit. */
export interface Excess {
  of: 'lines' | 'characters';
  count: number;
  max: number;
}

export function isManyMessages(text: string): boolean {
  return splitMessages(text).length >= PASTE_ASKS_FROM_MESSAGES;
}

export function joinLines(text: string): string {
  return splitMessages(text)
    .map((line) => line.trim())
    .join(' ');
}

/** Returns undefined for a draft that fits. One message of `textBytes`, the gateway's limit, always fits. */
export function excessOf(draft: string, textBytes = 0): Excess | undefined {
  const max = Math.max(DRAFT_MAX_CHARACTERS, textBytes);
  if (draft.length > max) return { of: 'characters', count: draft.length, max };
  const count = lineCount(draft);
  return count > DRAFT_MAX_LINES ? { of: 'lines', count, max: DRAFT_MAX_LINES } : undefined;
}

/** Counts lines. A newline at the end does not begin another line. */
function lineCount(text: string): number {
  let count = 0;
  for (let start = 0; start < text.length; count++) {
    const end = text.indexOf('\n', start);
    start = end < 0 ? text.length : end + 1;
  }
  return count;
}
