import type { LitElement } from 'lit';
import type { Preferences } from '../client/preferences.ts';
import { speak } from '../ui/i18n.ts';

/** What changes the page's colours beside a choice. */
const SYSTEM_COLOURS = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'];

/** The system's colours follow by themselves; the browser's frame around the page must be told. */
export function watchSystemColours(signal: AbortSignal): void {
  for (const query of SYSTEM_COLOURS) {
    matchMedia(query).addEventListener('change', paintFrame, { signal });
  }
}

/** Shows the page as it is liked. What was there before the first paint (first-paint.js) stays as it is. */
export function dress({ theme, text, language }: Preferences): void {
  const root = document.documentElement;
  Object.assign(root.dataset, { theme, text });
  const spoken = speak(language);
  const isHeardAnew = root.lang !== spoken;
  root.lang = spoken;
  if (isHeardAnew) drawAnew(document);
  paintFrame();
}

/** The frame of a phone's browser has the colour of the page. */
function paintFrame(): void {
  const { backgroundColor } = getComputedStyle(document.body);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = backgroundColor;
  }
}

/** Every element, however deep: none of them needs to know that languages change. Nothing loses its place. */
function drawAnew(root: ParentNode): void {
  for (const element of root.querySelectorAll('*')) {
    (element as Partial<LitElement>).requestUpdate?.();
    if (element.shadowRoot !== null) drawAnew(element.shadowRoot);
  }
}
