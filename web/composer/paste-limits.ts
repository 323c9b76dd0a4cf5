import { splitMessages } from '../client/draft.ts';
import { MAX_MESSAGES } from '../connection/outbox.ts';

/** A paste of so many lines may be a mistake: each would be a message. */
export const PASTE_ASKS_FROM_MESSAGES = 4;
/**
 * Most that a draft takes from a paste or a drop, unless the gateway takes longer messages. The browser lays out all of
 * a draft, and does so again with each key: this much takes a phone that is six times slower than a computer 150 ms.
 */
export const DRAFT_MAX_CHARACTERS = 32_000;
/** More messages would not wait to be sent, and each line costs another layout. */
export const DRAFT_MAX_LINES = MAX_MESSAGES;

/** More than a draft takes. */
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

/** Undefined for a draft that fits. One message of `textBytes`, the gateway's limit, always does. */
export function excessOf(draft: string, textBytes = 0): Excess | undefined {
  const max = Math.max(DRAFT_MAX_CHARACTERS, textBytes);
  if (draft.length > max) return { of: 'characters', count: draft.length, max };
  const count = lineCount(draft);
  return count > DRAFT_MAX_LINES ? { of: 'lines', count, max: DRAFT_MAX_LINES } : undefined;
}

/** A newline at the end begins no line. */
function lineCount(text: string): number {
  let count = 0;
  for (let start = 0; start < text.length; count++) {
    const end = text.indexOf('\n', start);
    start = end < 0 ? text.length : end + 1;
  }
  return count;
}
