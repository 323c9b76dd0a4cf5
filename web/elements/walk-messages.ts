/** Gives the focus to the next message up or down, beginning with the last that is seen. */
export function walkMessages(scroller: HTMLElement, step: -1 | 1): void {
  const rows = [...scroller.querySelectorAll('chat-message')];
  const here = rows.findIndex((row) => row.matches(':focus-within'));
  const end = scroller.getBoundingClientRect().bottom;
  const next = here < 0 ? rows.findLast((row) => row.getBoundingClientRect().top < end) : rows[here + step];
  next?.focus();
}
