import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Edge } from '../timeline/history.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Draws the end of the loaded part of the log: loading, failed, or the end of the log. */
@customElement('log-edge')
export class LogEdge extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        /* The height with the button, so that a failure moves nothing. */
        min-height: calc(var(--touch) + var(--space-4));
        color: var(--ink-soft);
        font-size: var(--text-small);
        text-align: center;
        text-wrap: balance;
      }
      @media print {
        :host {
          min-height: 0;
        }
      }
      p {
        margin: 0;
      }
      .end {
        font: italic var(--text) / 1.4 var(--font-display);
      }
      .failed {
        color: var(--warn);
      }
    `,
  ];

  @property() side: 'above' | 'below' = 'above';
  @property() edge: Edge = 'more';
  /** The gateway keeps the log from its beginning. */
  @property({ type: Boolean }) keepsBeginning = true;

  override render() {
    switch (this.edge) {
      case 'end':
        return html`<p class="end">${this.keepsBeginning ? t.beginning : t.notKept}</p>`;
      case 'more':
      case 'loading':
        return html`<p>${this.edge === 'loading' ? t.loading : nothing}</p>`;
      case 'failed':
        return html`
          <p class="failed" role="alert">${t.loadFailed}</p>
          <button class="quiet" @click=${this.#onAgainClick}>${t.tryAgain}</button>
        `;
    }
  }

  #onAgainClick(): void {
    emit(this, this.side === 'above' ? 'load-older' : 'load-newer', { again: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'log-edge': LogEdge;
  }
}
