import type { Replacement } from './completion.ts';

/** The selection, to be replaced by a text. */
export function inPlaceOfSelection({ selectionStart, selectionEnd }: HTMLTextAreaElement, text: string) {
  return { start: selectionStart, end: selectionEnd, text } satisfies Replacement;
}

export function replaceIn(area: HTMLTextAreaElement, { start, end, text }: Replacement): void {
  area.focus();
  area.setSelectionRange(start, end);
  if (!insertUndoably(text)) area.setRangeText(text, start, end);
  // An insertHTML leaves the caret before a newline at the end.
  area.setSelectionRange(start + text.length, start + text.length);
}

/**
 * Deprecated, and the only way whose result a person can undo. Chromium lays the page out anew after each line of an
 * `insertText`, and takes an `insertHTML` as one paste. Firefox takes no `insertHTML` here, and needs none.
 */
function insertUndoably(text: string): boolean {
  const hasLines = text !== '\n' && text.includes('\n');
  const isPasted = hasLines && document.execCommand('insertHTML', false, asHtml(text));
  return isPasted || document.execCommand('insertText', false, text);
}

function asHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/**
 * As high as what is written, until the style sheet says it is enough, where the browser does not see to it. Its form
 * keeps its height meanwhile: what is measured must not move the log beside it.
 */
export function fit(area: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing: content')) return;
  const { form } = area;
  if (form !== null) form.style.minHeight = `${form.getBoundingClientRect().height}px`;
  area.style.height = 'auto';
  const borders = area.offsetHeight - area.clientHeight;
  area.style.height = `${area.scrollHeight + borders}px`;
  if (form !== null) form.style.minHeight = '';
}

/** Where there is another line in that direction, the key leads to it. */
export function isCaretAtEdge({ value, selectionStart, selectionEnd }: HTMLTextAreaElement, key: string) {
  const beyond = key === 'ArrowUp' ? value.slice(0, selectionStart) : value.slice(selectionEnd);
  return !beyond.includes('\n');
}
