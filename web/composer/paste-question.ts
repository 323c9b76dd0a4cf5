import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { splitMessages } from '../client/draft.ts';
import { emit, type PageEvents } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Enough to recognize the copied text. */
const SHOWN_LINES = 4;

/** Asks what to do with pasted lines before each is sent as a message. */
@customElement('paste-question')
export class PasteQuestion extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      dialog {
        width: min(30rem, calc(100% - 2 * var(--edge)));
        max-width: none;
        max-height: calc(100dvh - 2 * var(--edge));
        padding: var(--space-4);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--table);
        color: var(--ink);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 0.35);
      }
      h2 {
        margin: 0 0 var(--space-2);
        font: 600 1.25rem / 1.3 var(--font-display);
      }
      p {
        margin: 0;
        color: var(--ink-soft);
      }
      pre {
        margin: var(--space-3) 0;
        padding: var(--space-2) var(--space-3);
        border: 1px solid var(--line);
        border-radius: var(--radius-small);
        font: var(--text-small) / 1.5 var(--font-mono);
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .ways {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
        gap: var(--space-2);
      }
    `,
  ];

  @property() text = '';
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  override render() {
    const words = lazyStrings();
    const lines = splitMessages(this.text);
    const shown = [...lines.slice(0, SHOWN_LINES), ...(lines.length > SHOWN_LINES ? ['…'] : [])];
    return html`
      <dialog aria-labelledby="question" aria-describedby="reason" @close=${this.#onDialogClose}>
        <h2 id="question">${words.pasteQuestion(lines.length)}</h2>
        <p id="reason">${words.pasteReason}</p>
        <pre dir="auto">${shown.join('\n')}</pre>
        <div class="ways">
          ${this.#renderWay('insert', words.pasteInsert)} ${this.#renderWay('join', words.pasteJoin)}
          ${this.#renderWay('send', words.pasteSend(lines.length))} ${this.#renderWay('cancel', words.cancel)}
        </div>
      </dialog>
    `;
  }

  #renderWay(way: PageEvents['answer-paste'], label: string) {
    return html`<button class=${way === 'insert' ? 'primary' : ''} @click=${() => this.dialog.close(way)}>${label}</button>`;
  }

  protected override firstUpdated(): void {
    this.dialog.showModal();
  }

  /** Escape closes the dialog without an answer, which means cancel. */
  #onDialogClose(): void {
    const way = this.dialog.returnValue;
    emit(this, 'answer-paste', way === 'send' || way === 'insert' || way === 'join' ? way : 'cancel');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'paste-question': PasteQuestion;
  }
}
