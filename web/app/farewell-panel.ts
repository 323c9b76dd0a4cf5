import { css, html, LitElement } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Replaces the composer after the person has left the room. */
@customElement('farewell-panel')
export class FarewellPanel extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        border-top: 1px solid var(--line);
        background: var(--table);
      }
      section {
        display: grid;
        justify-items: center;
        gap: var(--space-2);
        padding: var(--space-6) var(--edge) calc(var(--space-8) + env(safe-area-inset-bottom));
        text-align: center;
      }
      h2 {
        margin: 0;
        font: 600 var(--text-title) / 1.2 var(--font-display);
      }
      p {
        margin: 0 0 var(--space-3);
        color: var(--ink-soft);
      }
      button {
        padding: 0 var(--space-8);
      }
    `,
  ];

  @query('button') private readonly button!: HTMLButtonElement;

  override render() {
    return html`
      <section aria-labelledby="farewell">
        <h2 id="farewell">${lazyStrings().farewell}</h2>
        <p>${lazyStrings().farewellHint}</p>
        <button class="primary" @click=${this.#onButtonClick}>${t.rejoin}</button>
      </section>
    `;
  }

  /** The composer had the focus and was removed. */
  protected override firstUpdated(): void {
    this.button.focus();
  }

  #onButtonClick(): void {
    emit(this, 'rejoin');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'farewell-panel': FarewellPanel;
  }
}
