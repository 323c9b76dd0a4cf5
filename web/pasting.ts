import { messagesIn } from './writing.ts';

/** A paste of so many lines may be a mistake: each would be a message. */
export const PASTE_ASKS_FROM = 4;

export function asksFirst(text: string): boolean {
  return messagesIn(text).length >= PASTE_ASKS_FROM;
}

export function joined(text: string): string {
  return messagesIn(text)
    .map((line) => line.trim())
    .join(' ');
}
