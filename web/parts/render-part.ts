import { html, nothing } from 'lit';
import { reload } from '../ui/browser-effects.ts';
import { t } from '../ui/i18n.ts';
import { openPart, type PartName, parts } from './parts.ts';

/** Renders a lazy part with `content`, or the state of its loading. */
export function renderPart(name: PartName, content: () => unknown) {
  switch (parts.stateOf(name)) {
    case 'absent':
    case 'loading':
      return html`<p class="part" role="status">${t.loading}</p>`;
    case 'failed':
      return html`
        <div class="part">
          <p role="alert">${t.loadFailed}</p>
          ${
            parts.pageState === 'whole'
              ? html`<button @click=${() => openPart(name)}>${t.tryAgain}</button>`
              : renderReload(name)
          }
        </div>
      `;
    case 'loaded':
      return content();
  }
}

/** Renders the reason for a reload. `part` is opened after it. */
export function renderReload(part?: PartName) {
  const { pageState } = parts;
  if (pageState === 'whole') return nothing;
  return html`
    <p>${t.reload[pageState]}</p>
    <button @click=${() => reload(part)}>${t.reload.button}</button>
  `;
}
