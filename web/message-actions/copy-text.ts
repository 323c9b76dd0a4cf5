/**
 * Copies a text. Plain http has no clipboard API: there the copy event of a selection takes the text. Resolves to
 * false if the browser refuses both, with `shown` selected for a manual copy.
 */
export async function copyText(text: string, shown: Node): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, shown);
  }
}

function copyBySelection(text: string, shown: Node): boolean {
  getSelection()?.selectAllChildren(shown);
  const onCopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const capture = { capture: true };
  addEventListener('copy', onCopy, capture);
  const isCopied = document.execCommand('copy');
  removeEventListener('copy', onCopy, capture);
  if (isCopied) getSelection()?.removeAllRanges();
  return isCopied;
}
