import { css, html, LitElement } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { sharedStyles } from './shared-styles.ts';
import { words } from './words.ts';

/** The whole transcript, to take home. */
@customElement('download-menu')
export class DownloadMenu extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }
      summary {
        display: grid;
        place-items: center;
        width: var(--touch);
        height: var(--touch);
        border-radius: var(--radius);
        cursor: pointer;
        list-style: none;
        touch-action: manipulation;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        color: var(--accent);
      }
      ul {
        position: absolute;
        z-index: 2;
        inset-block-start: 100%;
        inset-inline-end: var(--edge);
        width: max-content;
        max-width: calc(100% - 2 * var(--edge));
        margin: 0;
        padding: var(--space-1);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--table);
        box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
        list-style: none;
      }
      a {
        display: flex;
        align-items: center;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border-radius: calc(var(--radius) - var(--space-1));
        color: var(--ink);
        text-decoration: none;
      }
      a:hover {
        color: var(--accent);
        text-decoration: underline;
      }
    `,
  ];

  @query('details') private readonly details!: HTMLDetailsElement;

  override render() {
    return html`
      <details @keydown=${this.#detailsOnKeydown} @focusout=${this.#detailsOnFocusout} @click=${this.#detailsOnClick}>
        <summary aria-label=${words.download} title=${words.download}>
          <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
            <path d="M12 4v11m-5-5 5 5 5-5M5 20h14" />
          </svg>
        </summary>
        <ul>
          <li><a href="/api/transcript?format=text" download="tertulia.txt">${words.asText}</a></li>
          <li><a href="/api/transcript?format=jsonl" download="tertulia.jsonl">${words.asJsonLines}</a></li>
        </ul>
      </details>
    `;
  }

  #detailsOnKeydown({ key }: KeyboardEvent): void {
    if (key !== 'Escape' || !this.details.open) return;
    this.details.open = false;
    this.details.querySelector('summary')?.focus();
  }

  #detailsOnFocusout({ relatedTarget }: FocusEvent): void {
    if (relatedTarget !== null && !this.details.contains(relatedTarget as Node)) this.details.open = false;
  }

  #detailsOnClick({ target }: Event): void {
    if (target instanceof HTMLAnchorElement) this.details.open = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'download-menu': DownloadMenu;
  }
}
