import type { Locator } from 'playwright-core';

/** Pastes a text as if it came from another program's clipboard. */
export async function paste(input: Locator, text: string): Promise<void> {
  await input.focus();
  await input.evaluate((area, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    const event = new ClipboardEvent('paste', {
      clipboardData,
      bubbles: true,
      cancelable: true,
      composed: true,
    });
    // A synthetic event pastes nothing by itself.
    if (area.dispatchEvent(event)) document.execCommand('insertText', false, text);
  }, text);
}
