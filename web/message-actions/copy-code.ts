import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { copyText } from './copy-text.ts';

/** The result is shown for this long. */
const CONFIRM_FOR_MS = 4_000;

/** Copies a block of code. It stands beside the code that it copies. */
@customElement('copy-code')
export class CopyCode extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        white-space: normal;
      }
      button.quiet {
        width: 100%;
        font-family: var(--font);
        text-decoration: none;
      }
    `,
  ];

  @property({ attribute: false }) text = '';
  @state() private copying: 'idle' | 'copied' | 'notCopied' = 'idle';
  #timer: ReturnType<typeof setTimeout> | undefined;

  override render() {
    const { copying } = this;
    const { copy, copied } = lazyStrings().invite;
    return html`
      <button class="quiet" @click=${this.#onButtonClick}>${copying === 'copied' ? copied : copy}</button>
      <span class="aloud" aria-live="polite">${copying === 'idle' ? nothing : lazyStrings().invite[copying]}</span>
    `;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #onButtonClick(): Promise<void> {
    const isCopied = await copyText(this.text, this.nextElementSibling ?? this);
    this.copying = isCopied ? 'copied' : 'notCopied';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.copying = 'idle';
    }, CONFIRM_FOR_MS);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'copy-code': CopyCode;
  }
}
