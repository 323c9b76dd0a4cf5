import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { MissingState } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Offers to load messages that the page missed. */
@customElement('missing-note')
export class MissingNote extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        margin-top: var(--space-3);
        padding: var(--space-2) 0;
        border-block: 1px dashed var(--line-strong);
        color: var(--warn);
        font-size: var(--text-small);
        text-align: center;
        contain: content;
      }
      p {
        margin: 0;
      }
    `,
  ];

  @property({ attribute: false }) missing!: Missing;
  @property() state: MissingState = 'open';

  override render() {
    const { missing, state } = this;
    return html`
      <p>${lazyStrings().missing(missing.count)}${state === 'gone' ? html` ${lazyStrings().missingGone}` : nothing}</p>
      ${state === 'failed' ? html`<p role="alert">${t.loadFailed}</p>` : nothing}
      ${state === 'gone' ? nothing : this.#renderButton()}
    `;
  }

  #renderButton() {
    const isLoading = this.state === 'loading';
    const label = this.state === 'failed' ? t.tryAgain : isLoading ? t.loading : lazyStrings().loadMissing;
    return html`
      <button class="quiet" aria-disabled=${isLoading} @click=${this.#onButtonClick}>${label}</button>
    `;
  }

  #onButtonClick(): void {
    emit(this, 'load-missing', this.missing);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'missing-note': MissingNote;
  }
}
