import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { emit, type SheetName } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { seesTcp, setSeesTcp } from '../ui/see-tcp.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { rerenderAll } from './theme.ts';

/** Lists the rare actions: settings, help, downloads and leaving. */
@customElement('menu-items')
export class MenuItems extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
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
      }
      button:hover {
        color: var(--accent);
        text-decoration: underline;
      }
      .on {
        margin-inline-start: auto;
        padding-inline-start: var(--space-3);
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
  @property({ attribute: false }) sheets: SheetName[] = [];

  /** Runs before the chosen action, because a sheet keeps the focus and restores the previous one. */
  readonly #closing = { capture: true, handleEvent: () => emit(this, 'close-menu') };

  override render() {
    return html`
      <ul @click=${this.#closing}>
        ${this.sheets.map((name) => html`<li><button @click=${() => emit(this, 'open-sheet', name)}>${t.sheets[name]}</button></li>`)}
        <li><button aria-pressed=${seesTcp} @click=${this.#onSeeTcpClick}>${lazyStrings().seeTcp}${seesTcp ? html`<span class="on" aria-hidden="true">✓</span>` : nothing}</button></li>
        ${this.mayLeave ? this.#renderLeave() : nothing}
      </ul>
    `;
  }

  #onSeeTcpClick(): void {
    setSeesTcp(!seesTcp);
    rerenderAll(document);
  }

  #renderLeave() {
    return html`<li class="apart"><button @click=${() => emit(this, 'leave')}>${lazyStrings().leave}</button></li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'menu-items': MenuItems;
  }
}
