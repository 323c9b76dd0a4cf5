import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { openPart, PartsController } from '../parts/parts.ts';
import { renderPart } from '../parts/render-part.ts';
import type { SheetName } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Opens the menu of rare actions. */
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
      @media (max-height: 26rem) {
        summary:focus-visible {
          outline-offset: -3px;
        }
      }
      .menu {
        position: absolute;
        z-index: 2;
        inset-block-start: 100%;
        inset-inline-end: var(--edge);
        width: max-content;
        max-width: calc(100% - 2 * var(--edge));
        padding: var(--space-1);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--table);
        box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
      }
    `,
  ];

  /** False after the person has left. */
  @property({ type: Boolean }) mayLeave = false;
  @property({ attribute: false }) sheets: SheetName[] = [];
  @query('details') private readonly details!: HTMLDetailsElement;

  constructor() {
    super();
    new PartsController(this);
  }

  override render() {
    return html`
      <details
        @toggle=${this.#onDetailsToggle}
        @keydown=${this.#onDetailsKeydown}
        @focusout=${this.#onDetailsFocusout}
        @close-menu=${this.#close}
      >
        <summary aria-label=${t.menu} title=${t.menu}>
          <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="currentColor">
            <circle cx="12" cy="5" r="2" /><circle cx="12" cy="12" r="2" /><circle cx="12" cy="19" r="2" />
          </svg>
        </summary>
        <div class="menu">${renderPart('controls', () => this.#renderItems())}</div>
      </details>
    `;
  }

  #renderItems() {
    return html`<menu-items .mayLeave=${this.mayLeave} .sheets=${this.sheets}></menu-items>`;
  }

  /** The code was loaded before, unless that failed. */
  #onDetailsToggle(): void {
    if (this.details.open) openPart('controls');
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
