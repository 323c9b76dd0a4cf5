import { html } from 'lit';

/** The mark of a button that closes something. */
export function renderCross() {
  return html`
    <svg viewBox="0 0 24 24" width="22" aria-hidden="true" stroke="currentColor" stroke-width="2" stroke-linecap="round">
      <path d="m6 6 12 12M18 6 6 18" />
    </svg>
  `;
}
