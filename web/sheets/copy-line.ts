import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** How long it is told that it was copied, ms. */
const TOLD_FOR = 4_000;

/** One line to take along. Where the browser does not let a page copy, it is selected for the person to do it. */
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

  /** What it is called, and what it says. */
  @property() name = '';
  @property() line = '';
  @state() private copying: 'idle' | 'copied' | 'refused' = 'idle';
  @query('input') private readonly input!: HTMLInputElement;
  #forget: ReturnType<typeof setTimeout> | undefined;

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
    clearTimeout(this.#forget);
  }

  #onInputFocus(): void {
    this.input.select();
  }

  async #onButtonClick({ currentTarget: button }: Event): Promise<void> {
    const isCopied = await copy(this.input);
    // What is still to be copied by hand stays selected.
    if (isCopied) (button as HTMLElement).focus();
    this.copying = isCopied ? 'copied' : 'refused';
    clearTimeout(this.#forget);
    if (isCopied) {
      this.#forget = setTimeout(() => {
        this.copying = 'idle';
      }, TOLD_FOR);
    }
  }
}

/** Plain http has no clipboard: there the old command copies what is selected. */
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
