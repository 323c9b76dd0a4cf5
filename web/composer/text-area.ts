import type { Replacement } from './completion.ts';

/** Returns the replacement of the selection by `text`. */
export function inPlaceOfSelection({ selectionStart, selectionEnd }: HTMLTextAreaElement, text: string) {
  return { start: selectionStart, end: selectionEnd, text } satisfies Replacement;
}

export function replaceIn(area: HTMLTextAreaElement, { start, end, text }: Replacement): void {
  area.focus();
  area.setSelectionRange(start, end);
  if (!insertUndoably(text)) area.setRangeText(text, start, end);
  // `insertHTML` leaves the caret before a newline at the end.
  area.setSelectionRange(start + text.length, start + text.length);
}

/**
 * `execCommand` is deprecated, but nothing else makes an edit that the person can undo. Chromium lays out the page after
 * each line of an `insertText`, and once for an `insertHTML`. Firefox has no `insertHTML` here and needs none.
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
 * Fits the height to the text in browsers without `field-sizing`, up to the limit of the style sheet. The form keeps
 * its height during the measurement, so that the log does not move.
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

/** Returns whether the text has no further line in the direction of the key. */
export function isCaretAtEdge({ value, selectionStart, selectionEnd }: HTMLTextAreaElement, key: string) {
  const beyond = key === 'ArrowUp' ? value.slice(0, selectionStart) : value.slice(selectionEnd);
  return !beyond.includes('\n');
}

export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}
