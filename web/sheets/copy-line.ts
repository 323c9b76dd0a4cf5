import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { fit } from '../composer/text-area.ts';
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
      textarea {
        grid-column: 1 / -1;
        field-sizing: content;
        min-width: 0;
        min-height: var(--touch);
        padding: calc((var(--touch) - 1.5em) / 2 - 1px) var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 0.9375rem) / 1.5 var(--font-mono);
        max-height: 10rem;
        resize: none;
        /* A long address is whole, because people read it aloud. */
        overflow-wrap: anywhere;
      }
    `,
  ];

  /** The label of the line. */
  @property() name = '';
  @property() line = '';
  @state() private copying: 'idle' | 'copied' | 'refused' = 'idle';
  @query('textarea') private readonly field!: HTMLTextAreaElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  override render() {
    return html`
      <label for="line">${this.name}</label>
      <span role="status">${this.#describe()}</span>
      <button class="quiet" aria-label="${lazyStrings().invite.copy}: ${this.name}" @click=${this.#onButtonClick}>${lazyStrings().invite.copy}</button>
      <textarea id="line" readonly rows="1" dir="ltr" spellcheck="false" .value=${this.line} @focus=${this.#onFieldFocus}></textarea>
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

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('line')) fit(this.field);
  }

  #onFieldFocus(): void {
    this.field.select();
  }

  async #onButtonClick({ currentTarget: button }: Event): Promise<void> {
    const isCopied = await copy(this.field);
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
async function copy(field: HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand('copy');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'copy-line': CopyLine;
  }
}
