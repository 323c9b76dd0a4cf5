import { html } from 'lit';
import { t } from '../ui/i18n.ts';

/** In place of words: nobody has said any, or they are on their way. */
export function renderEmpty(isCatchingUp: boolean) {
  if (isCatchingUp) return html`<div class="ghosts" aria-hidden="true"><i></i><i></i><i></i></div>`;
  return html`<div class="empty"><p>${t.empty}</p><p>${t.emptyHint}</p></div>`;
}
