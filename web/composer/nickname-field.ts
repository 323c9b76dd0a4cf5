import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { rareStrings } from '../parts/rare-strings.ts';
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
        --name-width: min(14rem, 36vw);
        --name-padding: var(--space-3);
        /* A phone zooms into a field with text below 16 px. */
        --name-size: max(16px, 1rem);
        display: block;
      }
      input {
        field-sizing: content;
        min-width: var(--touch);
        max-width: var(--name-width);
        height: var(--touch);
        padding: 0 var(--name-padding);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: transparent;
        color: var(--ink);
        font: 600 var(--name-size) / 1.4 var(--font);
        text-overflow: ellipsis;
      }
      /* Without a name the field holds the whole question. */
      input:placeholder-shown {
        max-width: min(17rem, 40vw);
        border-style: dashed;
      }
      input:focus-visible {
        border-style: solid;
        border-color: var(--accent);
        outline: 2px solid color-mix(in srgb, var(--accent) 40%, transparent);
        outline-offset: 0;
      }
      input::placeholder {
        color: var(--ink-soft);
        font-weight: 400;
        opacity: 1;
      }
      input[aria-invalid="true"] {
        border-color: var(--warn);
      }
      /* It lies over the log, so that the row does not move. */
      p {
        position: absolute;
        inset: auto var(--edge) 100%;
        margin: 0;
        padding: var(--space-1) 0;
        background: var(--table);
        color: var(--warn);
        font-size: var(--text-small);
      }
    `,
  ];

  @property() nickname = '';
  @property() hint = '';
  @state() private isBad = false;
  @query('input') private readonly input!: HTMLInputElement;

  override render() {
    return html`
      <input
        .value=${this.nickname}
        aria-label=${t.nickname}
        title=${t.nickname}
        maxlength=${NICKNAME_MAX * 2}
        placeholder=${this.hint}
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
      <p id="complaint" role="alert" ?hidden=${!this.isBad}>${this.isBad ? rareStrings(this)?.badNickname : nothing}</p>
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
    if (keyOf(event) !== 'Enter') return;
    // The key would begin a new line in the message field, which has the focus by then.
    event.preventDefault();
    emit(this, 'focus-composer');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'nickname-field': NicknameField;
  }
}
