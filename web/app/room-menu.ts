import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { download } from '../ui/browser-effects.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Holds the rare actions: downloads, settings, help and leaving. */
@customElement('room-menu')
export class RoomMenu extends LitElement {
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
      a,
      button {
        display: flex;
        align-items: center;
        width: 100%;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 0;
        border-radius: calc(var(--radius) - var(--space-1));
        color: var(--ink);
        text-align: start;
        text-decoration: none;
      }
      a:hover,
      button:hover {
        color: var(--accent);
        text-decoration: underline;
      }
      .apart {
        margin-top: var(--space-1);
        border-top: 1px solid var(--line);
        padding-top: var(--space-1);
      }
    `,
  ];

  /** False after the person has left. */
  @property({ type: Boolean }) mayLeave = false;
  @property({ type: Boolean }) mayRead = true;
  /** The room can have hosts. */
  @property({ type: Boolean }) hasHosts = false;
  @query('details') private readonly details!: HTMLDetailsElement;

  /** Runs before the chosen action, because a sheet keeps the focus and restores the previous one. */
  readonly #closing = {
    capture: true,
    handleEvent: ({ target }: Event) => {
      if (target instanceof Element && target.closest('li')) this.#close();
    },
  };

  override render() {
    return html`
      <details @keydown=${this.#onDetailsKeydown} @focusout=${this.#onDetailsFocusout} @click=${this.#closing}>
        <summary aria-label=${t.menu} title=${t.menu}>
          <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="currentColor">
            <circle cx="12" cy="5" r="2" /><circle cx="12" cy="12" r="2" /><circle cx="12" cy="19" r="2" />
          </svg>
        </summary>
        <ul>
          <li><button @click=${() => emit(this, 'open-sheet', 'settings')}>${t.sheets.settings}</button></li>
          <li><button @click=${() => emit(this, 'open-sheet', 'help')}>${t.sheets.help}</button></li>
          ${this.hasHosts ? html`<li><button @click=${() => emit(this, 'open-sheet', 'host')}>${t.sheets.host}</button></li>` : nothing}
          ${this.mayRead ? this.#renderDownloads() : nothing}
          ${this.mayLeave ? this.#renderLeave() : nothing}
        </ul>
      </details>
    `;
  }

  #renderDownloads() {
    return html`
      <li class="apart">
        <a href="./api/transcript?format=text" download="tertulia.txt" @click=${download}>${t.downloadText}</a>
      </li>
      <li>
        <a href="./api/transcript?format=jsonl" download="tertulia.jsonl" @click=${download}>${t.downloadJsonLines}</a>
      </li>
    `;
  }

  #renderLeave() {
    return html`<li class="apart"><button @click=${() => emit(this, 'leave')}>${t.leave}</button></li>`;
  }

  #onDetailsKeydown({ key }: KeyboardEvent): void {
    if (key !== 'Escape' || !this.details.open) return;
    this.#close();
  }

  #onDetailsFocusout({ relatedTarget }: FocusEvent): void {
    if (relatedTarget !== null && !this.details.contains(relatedTarget as Node)) this.details.open = false;
  }

  /** Focuses the summary, so that a sheet can give the focus back to it. */
  #close(): void {
    this.details.open = false;
    this.details.querySelector('summary')?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'room-menu': RoomMenu;
  }
}
