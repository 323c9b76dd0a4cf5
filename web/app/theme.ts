import type { LitElement } from 'lit';
import type { Preferences } from '../client/preferences.ts';
import { setLanguage } from '../ui/i18n.ts';

/** What changes the page's colours beside a choice. */
const SYSTEM_COLOURS = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'];

/** The system's colours follow by themselves; the browser's frame around the page must be told. */
export function watchSystemTheme(signal: AbortSignal): void {
  for (const query of SYSTEM_COLOURS) {
    matchMedia(query).addEventListener('change', syncThemeColor, { signal });
  }
}

/** Shows the page as it is liked. What was there before the first paint (first-paint.js) stays as it is. */
export function applyPreferences({ theme, text, language }: Preferences): void {
  const root = document.documentElement;
  Object.assign(root.dataset, { theme, text });
  const spoken = setLanguage(language);
  const isHeardAnew = root.lang !== spoken;
  root.lang = spoken;
  if (isHeardAnew) rerenderAll(document);
  syncThemeColor();
}

/** The frame of a phone's browser has the colour of the page. */
function syncThemeColor(): void {
  const { backgroundColor } = getComputedStyle(document.body);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = backgroundColor;
  }
}

/** Every element, however deep: none of them needs to know that languages change. Nothing loses its place. */
function rerenderAll(root: ParentNode): void {
  for (const element of root.querySelectorAll('*')) {
    (element as Partial<LitElement>).requestUpdate?.();
    if (element.shadowRoot !== null) rerenderAll(element.shadowRoot);
  }
}
