import type { ChatMessage } from './chat-message.ts';

/** When the messages of what was just drawn have drawn themselves too: still in the same task. */
export async function messagesDrawn(content: HTMLElement): Promise<void> {
  const rows = content.querySelectorAll('chat-message');
  await Promise.all([rows[0]?.updateComplete, rows[rows.length - 1]?.updateComplete]);
}

/** The message in which this number's words are, or else the last before it. */
export function rowOf(content: HTMLElement, seq: number): ChatMessage | undefined {
  const rows = [...content.querySelectorAll('chat-message')];
  const before = rows.findLast(({ seqs: [first = Number.POSITIVE_INFINITY] }) => first <= seq);
  return rows.find(({ seqs }) => seqs.includes(seq)) ?? before;
}

/** Gives the focus to the next message up or down, beginning with the last that is seen. */
export function walkMessages(scroller: HTMLElement, step: -1 | 1): void {
  const rows = [...scroller.querySelectorAll('chat-message')];
  const here = rows.findIndex((row) => row.matches(':focus-within'));
  const end = scroller.getBoundingClientRect().bottom;
  const next = here < 0 ? rows.findLast((row) => row.getBoundingClientRect().top < end) : rows[here + step];
  next?.focus();
}
