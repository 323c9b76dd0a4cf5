import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** The confirmation is shown for this long. */
const CONFIRM_FOR_MS = 4_000;

/** Shows a line with a copy button. If the browser refuses to copy, the line is selected for a manual copy. */
@customElement('copy-line')
export class CopyLine extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: 0 var(--space-3);
      }
      label,
      [role="status"] {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      [role="status"] {
        text-align: end;
      }
      input {
        grid-column: 1 / -1;
        min-width: 0;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 0.9375rem) / 1.5 var(--font-mono);
        text-overflow: ellipsis;
      }
    `,
  ];

  /** The label of the line. */
  @property() name = '';
  @property() line = '';
  @state() private copying: 'idle' | 'copied' | 'refused' = 'idle';
  @query('input') private readonly input!: HTMLInputElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override render() {
    return html`
      <label for="line">${this.name}</label>
      <span role="status">${this.#describe()}</span>
      <button class="quiet" aria-label="${lazyStrings().invite.copy}: ${this.name}" @click=${this.#onButtonClick}>${lazyStrings().invite.copy}</button>
      <input id="line" readonly dir="ltr" spellcheck="false" .value=${this.line} @focus=${this.#onInputFocus} />
    `;
  }

  #describe(): string {
    switch (this.copying) {
      case 'idle':
        return '';
      case 'copied':
        return lazyStrings().invite.copied;
      case 'refused':
        return lazyStrings().invite.notCopied;
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  #onInputFocus(): void {
    this.input.select();
  }

  async #onButtonClick({ currentTarget: button }: Event): Promise<void> {
    const isCopied = await copy(this.input);
    // Without a copy the line stays selected for a manual copy.
    if (isCopied) (button as HTMLElement).focus();
    this.copying = isCopied ? 'copied' : 'refused';
    clearTimeout(this.#timer);
    if (isCopied) {
      this.#timer = setTimeout(() => {
        this.copying = 'idle';
      }, CONFIRM_FOR_MS);
    }
  }
}

/** Plain http has no clipboard API. There `execCommand` copies the selection. */
async function copy(input: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.focus();
    input.select();
    return document.execCommand('copy');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'copy-line': CopyLine;
  }
}
