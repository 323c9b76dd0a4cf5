import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isNickname, NICKNAME_MAX } from '../text/nickname.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { keyOf } from '../ui/pressed-key.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

@customElement('nickname-field')
export class NicknameField extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        max-width: 100%;
        font-size: var(--text-small);
      }
      label {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--touch);
        color: var(--ink-soft);
      }
      input {
        width: 12rem;
        min-width: 0;
        padding: var(--space-1) var(--space-1);
        border: 0;
        border-bottom: 1px dashed var(--line-strong);
        border-radius: 0;
        background: transparent;
        color: var(--ink);
        /* A phone zooms into a field with text below 16 px. */
        font: 600 max(16px, 1rem) / 1.4 var(--font);
      }
      input::placeholder {
        color: var(--ink-soft);
        font-weight: 400;
        font-style: italic;
        opacity: 1;
      }
      input[aria-invalid="true"] {
        border-bottom: 2px solid var(--warn);
      }
      p {
        margin: 0 0 var(--space-2);
        color: var(--warn);
      }
    `,
  ];

  @property() nickname = '';
  @state() private isBad = false;
  @query('input') private readonly input!: HTMLInputElement;

  override render() {
    return html`
      <label>
        ${t.nickname}
        <input
          .value=${this.nickname}
          maxlength=${NICKNAME_MAX * 2}
          placeholder=${t.nicknameHint}
          autocomplete="nickname"
          autocapitalize="words"
          spellcheck="false"
          enterkeyhint="done"
          dir="auto"
          aria-invalid=${this.isBad}
          aria-describedby="complaint"
          @input=${this.#onInputInput}
          @keydown=${this.#onInputKeydown}
        />
      </label>
      <p id="complaint" role="alert" ?hidden=${!this.isBad}>${this.isBad ? t.badNickname : nothing}</p>
    `;
  }

  /** A new nickname, for example from `/nick`, replaces an invalid one in the field. */
  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('nickname')) this.isBad = false;
  }

  /** Takes each valid name at once, so that the next message carries it. */
  #onInputInput(): void {
    const name = this.input.value.trim();
    this.isBad = name !== '' && !isNickname(name);
    if (!this.isBad) emit(this, 'set-nickname', name);
  }

  #onInputKeydown(event: KeyboardEvent): void {
    if (keyOf(event) === 'Enter') emit(this, 'focus-composer');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nickname-field': NicknameField;
  }
}
