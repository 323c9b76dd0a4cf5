import type { Locator } from 'playwright-core';

/** What the clipboard of another program would bring. */
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
    // A made event pastes nothing by itself.
    if (area.dispatchEvent(event)) document.execCommand('insertText', false, text);
  }, text);
}
