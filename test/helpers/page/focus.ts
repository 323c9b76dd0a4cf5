import { eventually } from '../eventually.ts';
import type { ChatPage } from './browser.ts';

/** Returns the label of the focused element, and whether its focus ring is visible. */
export async function focused(page: ChatPage): Promise<{ name: string; shows: boolean }> {
  return await page.page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return { name: '', shows: false };
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return {
      name: (element.ariaLabel ?? label ?? element.textContent ?? '').trim(),
      shows: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
    };
  });
}

/** Waits until the element with that label has the focus. */
export async function hasFocus(page: ChatPage, label: string): Promise<void> {
  let at = '';
  await eventually(
    async () => {
      at = (await focused(page)).name;
      return at === label;
    },
    () => `the focus is on ${JSON.stringify(at)}, not on ${label}`,
  );
}
