import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { PartsController } from '../parts/parts.ts';
import { renderPart } from '../parts/render-part.ts';
import { emit, type SheetName } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { renderCross } from './render-cross.ts';
import { renderSheet, type SheetContext } from './render-sheet.ts';

/**
 * A drawer on a wide screen, a sheet from below on a phone, or docked beside the conversation. It is a modal dialog unless docked, so the browser keeps the focus in it
 * and restores it. The content is shown once its code is loaded.
 */
@customElement('side-sheet')
export class SideSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      dialog {
        position: fixed;
        inset: 0 0 0 auto;
        width: min(26rem, 100%);
        max-width: none;
        height: auto;
        max-height: none;
        margin: 0;
        padding: 0;
        border: 0;
        border-inline-start: 1px solid var(--line-strong);
        background: var(--table);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 0.35);
      }
      .sheet {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
        height: 100%;
      }
      .head {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2);
        padding: calc(var(--space-2) + env(safe-area-inset-top)) var(--edge) var(--space-2);
        border-bottom: 1px solid var(--line);
      }
      h2 {
        margin: 0;
        font: 600 1.25rem / 1.3 var(--font-display);
      }
      /* Reading starts at the heading. It is no control, so it needs no focus ring. */
      h2:focus-visible {
        outline: none;
      }
      .content:focus-visible {
        outline-offset: -3px;
      }
      .content {
        overflow-y: auto;
        overscroll-behavior: contain;
        padding: var(--space-4) var(--edge) calc(var(--space-6) + env(safe-area-inset-bottom));
        scrollbar-color: var(--line-strong) transparent;
      }
      .icon {
        display: grid;
        place-items: center;
        padding: 0;
        border-color: var(--bare);
      }
      aside {
        height: 100%;
        border-inline-start: 1px solid var(--line);
        background: var(--table);
      }
      @media (max-width: 40rem) {
        dialog {
          inset: auto 0 0;
          width: 100%;
          max-height: 88dvh;
          border: 0;
          border-top: 1px solid var(--line-strong);
          border-radius: var(--radius) var(--radius) 0 0;
        }
        .sheet {
          height: auto;
          max-height: 88dvh;
        }
      }
      @media (prefers-reduced-motion: no-preference) {
        dialog {
          animation: arrive 0.16s ease-out;
        }
        @keyframes arrive {
          from {
            transform: translateX(2rem);
            opacity: 0;
          }
        }
        @media (max-width: 40rem) {
          @keyframes arrive {
            from {
              transform: translateY(2rem);
              opacity: 0;
            }
          }
        }
      }
    `,
  ];

  @property() name!: SheetName;
  @property({ attribute: false }) context!: SheetContext;
  @property({ type: Boolean }) isDocked = false;
  @query('dialog') private readonly dialog!: HTMLDialogElement | null;

  constructor() {
    super();
    new PartsController(this);
  }

  override render() {
    return this.isDocked
      ? html`<aside aria-labelledby="heading">${this.#renderContent()}</aside>`
      : html`
          <dialog aria-labelledby="heading" @close=${this.#onDialogClose} @click=${this.#onDialogClick}>
            ${this.#renderContent()}
          </dialog>
        `;
  }

  #renderContent() {
    return html`
      <div class="sheet">
        <div class="head">
          <h2 id="heading" tabindex="-1" autofocus>${t.sheets[this.name]}</h2>
          <button class="icon" aria-label=${t.close} title=${t.close} @click=${this.#close}>
            ${renderCross()}
          </button>
        </div>
        <div class="content" tabindex="0">${renderPart(this.name, () => renderSheet(this.name, this.context))}</div>
      </div>
    `;
  }

  protected override firstUpdated(): void {
    this.dialog?.showModal();
  }

  #close(): void {
    if (this.dialog === null) emit(this, 'close-sheet');
    else this.dialog.close();
  }

  #onDialogClose(): void {
    if (this.isConnected) emit(this, 'close-sheet');
  }

  /** Only a click on the backdrop has the dialog itself as its target. */
  #onDialogClick({ target }: Event): void {
    if (target === this.dialog) this.#close();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'side-sheet': SideSheet;
  }
}
