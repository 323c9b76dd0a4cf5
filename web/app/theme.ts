import type { LitElement } from 'lit';
import type { Preferences } from '../client/preferences.ts';
import { setLanguage } from '../ui/i18n.ts';

/** System settings that change the colours of the page. */
const SYSTEM_COLOURS = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'];

/** Updates the theme colour of the browser's frame. The page's own colours follow the system in CSS. */
export function watchSystemTheme(signal: AbortSignal): void {
  for (const query of SYSTEM_COLOURS) {
    matchMedia(query).addEventListener('change', syncThemeColor, { signal });
  }
}

/** Applies the preferences to the document. first-paint.js has applied theme and text size before the first paint. */
export function applyPreferences({ theme, text, density, language }: Preferences): void {
  const root = document.documentElement;
  Object.assign(root.dataset, { theme, text, density });
  const chosen = setLanguage(language);
  const hasChanged = root.lang !== chosen;
  root.lang = chosen;
  if (hasChanged) rerenderAll(document);
  syncThemeColor();
}

/** Gives the frame of a phone's browser the colour of the page. */
function syncThemeColor(): void {
  const { backgroundColor } = getComputedStyle(document.body);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = backgroundColor;
  }
}

/** Renders each element again, at any depth, so that no element needs to know about changes of language or See TCP. */
export function rerenderAll(root: ParentNode): void {
  for (const element of root.querySelectorAll('*')) {
    (element as Partial<LitElement>).requestUpdate?.();
    if (element.shadowRoot !== null) rerenderAll(element.shadowRoot);
  }
}
