import { html } from 'lit';
import { t } from '../ui/i18n.ts';

/** Leads who reads further up to the newest, and tells how much is new there. */
export function renderPill(unread: number, onClick: () => void) {
  return html`
    <button class="pill ${unread > 0 ? 'news' : ''}" @click=${onClick}>
      ${unread > 0 ? t.newMessages(unread) : t.toNewest}
    </button>
  `;
}
