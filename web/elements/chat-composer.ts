import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { withNickname } from '../nickname.ts';
import { utf8Bytes } from '../readable.ts';
import './nickname-field.ts';
import { tell } from './page-events.ts';
import { sharedStyles } from './shared-styles.ts';
import { words } from './words.ts';

/** From this part of the limit on, the count is shown. */
const COUNT_FROM = 0.8;

/** Where words are written. It is never closed: they wait while the room is away. */
@customElement('chat-composer')
export class ChatComposer extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        border-top: 1px solid var(--line);
        background: var(--table);
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 var(--space-2);
        align-items: end;
        max-width: calc(var(--column) + 2 * var(--edge));
        margin: 0 auto;
        padding: 0 var(--edge) calc(var(--space-3) + env(safe-area-inset-bottom));
      }
      .above {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 var(--space-4);
      }
      textarea {
        display: block;
        width: 100%;
        min-height: var(--touch);
        max-height: calc(6 * 1.5em + 1.25rem);
        padding: 0.5625rem var(--space-4);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 1rem) / 1.5 var(--font);
        resize: none;
        overflow-wrap: anywhere;
      }
      textarea::placeholder {
        color: var(--ink-soft);
        opacity: 1;
      }
      textarea:focus-visible {
        outline-offset: -1px;
      }
      textarea[aria-invalid="true"] {
        border-color: var(--warn);
      }
      .count {
        margin: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
        font-variant-numeric: tabular-nums;
      }
      .over {
        color: var(--warn);
        font-weight: 600;
      }
    `,
  ];

  @property() draft = '';
  @property() nickname = '';
  /** Unknown until the gateway has told. */
  @property({ type: Number }) maxBytes: number | undefined;
  @query('textarea') private readonly message!: HTMLTextAreaElement;

  override render() {
    return html`
      <form @submit=${this.#formOnSubmit}>
        <div class="above">
          <nickname-field .nickname=${this.nickname} @to-composer=${this.focusMessage}></nickname-field>
          ${this.#renderCount()}
        </div>
        <textarea
          rows="1"
          dir="auto"
          aria-label=${words.message}
          aria-invalid=${this.#isTooLong}
          aria-describedby="count"
          placeholder=${words.messageHint}
          enterkeyhint="send"
          @input=${this.#messageOnInput}
          @keydown=${this.#messageOnKeydown}
        ></textarea>
        <button class="primary">${words.send}</button>
      </form>
    `;
  }

  #renderCount() {
    const longest = this.#longestLine;
    const { maxBytes } = this;
    if (maxBytes === undefined || longest < maxBytes * COUNT_FROM) return nothing;
    const count = words.bytes(longest, maxBytes);
    return this.#isTooLong
      ? html`<p id="count" class="count over" role="alert">${count}. ${words.tooLong}</p>`
      : html`<p id="count" class="count">${count}</p>`;
  }

  focusMessage(): void {
    this.message.focus();
  }

  protected override firstUpdated(): void {
    // On a phone the focus would open the keyboard over the room before it has been seen.
    if (matchMedia('(hover: hover) and (pointer: fine)').matches) this.focusMessage();
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('draft')) return;
    if (this.message.value !== this.draft) this.message.value = this.draft;
    this.#fit();
  }

  /** Each line is a message of its own, under the nickname. Bytes. */
  get #longestLine(): number {
    const lines = this.draft.split('\n');
    return Math.max(...lines.map((line) => utf8Bytes(withNickname(this.nickname, line))));
  }

  get #isTooLong(): boolean {
    return this.maxBytes !== undefined && this.#longestLine > this.maxBytes;
  }

  /** As high as what is written, until the style sheet says it is enough. */
  #fit(): void {
    this.message.style.height = 'auto';
    const borders = this.message.offsetHeight - this.message.clientHeight;
    this.message.style.height = `${this.message.scrollHeight + borders}px`;
  }

  #messageOnInput(): void {
    this.draft = this.message.value;
    tell(this, 'draft', this.draft);
  }

  #messageOnKeydown(event: KeyboardEvent): void {
    // While a word is being composed (Japanese, dead keys) Enter only ends it; Safari tells by 229.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#say();
  }

  #formOnSubmit(event: SubmitEvent): void {
    event.preventDefault();
    this.#say();
    this.focusMessage();
  }

  #say(): void {
    const text = this.draft;
    if (text.trim() === '' || this.#isTooLong) return;
    this.draft = '';
    tell(this, 'say', text);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-composer': ChatComposer;
  }
}
