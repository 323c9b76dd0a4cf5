import type { ReadingPlace } from '../connection/tab-storage.ts';
import { ChatMessage } from './chat-message.ts';
import type { Anchor } from './scroll-anchor.ts';

/** Resolves when the messages that were just drawn have drawn their content too, still in the same task. */
export async function messagesDrawn(content: HTMLElement): Promise<void> {
  const rows = content.querySelectorAll('chat-message');
  await Promise.all([rows[0]?.updateComplete, rows[rows.length - 1]?.updateComplete]);
}

/** Returns the message that holds this number, or else the last message before it. */
export function rowOf(content: HTMLElement, seq: number): ChatMessage | undefined {
  const rows = [...content.querySelectorAll('chat-message')];
  const before = rows.findLast(({ seqs: [first = Number.POSITIVE_INFINITY] }) => first <= seq);
  return rows.find(({ seqs }) => seqs.includes(seq)) ?? before;
}

/** Returns the place of the first anchor that is a message of the log. */
export function readingPlace(anchors: readonly Anchor[]): ReadingPlace | null {
  for (const { row, offset } of anchors) {
    const [seq] = row instanceof ChatMessage ? row.seqs : [];
    if (seq !== undefined) return { seq, offset };
  }
  return null;
}

/** Moves the focus to the next message up or down, beginning with the last visible one. */
export function walkMessages(scroller: HTMLElement, step: -1 | 1): void {
  const rows = [...scroller.querySelectorAll('chat-message')];
  const here = rows.findIndex((row) => row.matches(':focus-within'));
  const end = scroller.getBoundingClientRect().bottom;
  const next = here < 0 ? rows.findLast((row) => row.getBoundingClientRect().top < end) : rows[here + step];
  next?.focus();
}
