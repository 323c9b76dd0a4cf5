import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { LoginState } from '../client/login.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Replaces the log until the person has entered the passphrase. */
@customElement('login-panel')
export class LoginPanel extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        place-items: center;
        min-height: 0;
        overflow-y: auto;
        padding: var(--space-6) var(--edge);
      }
      form {
        display: grid;
        gap: var(--space-3);
        width: min(100%, 24rem);
      }
      h2 {
        margin: 0;
        font: 600 var(--text-title) / 1.2 var(--font-display);
        text-align: center;
      }
      p {
        margin: 0;
        color: var(--ink-soft);
        text-align: center;
      }
      label {
        display: grid;
        gap: var(--space-1);
        font-size: var(--text-small);
        color: var(--ink-soft);
      }
      input {
        min-width: 0;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--table);
        color: var(--ink);
        /* A phone zooms into a field with text below 16 px. */
        font: inherit;
        font-size: max(16px, 1rem);
      }
      input[aria-invalid="true"] {
        border-color: var(--warn);
      }
      [role="alert"] {
        min-height: 1.5em;
        color: var(--warn);
      }
    `,
  ];

  @property() state: LoginState = 'asked';
  /** The browser can store the login. */
  @property({ type: Boolean }) remembers = false;
  @query('input') private readonly input!: HTMLInputElement;

  override render() {
    return html`
      <form aria-labelledby="title" @submit=${this.#onFormSubmit}>
        <h2 id="title">${t.locked}</h2>
        <p>${lazyStrings().login.hint} ${this.remembers ? lazyStrings().login.remembered : lazyStrings().login.notRemembered}</p>
        <label>
          ${lazyStrings().login.code}
          <input
            type="password"
            name="code"
            autocomplete="current-password"
            autocapitalize="none"
            spellcheck="false"
            enterkeyhint="go"
            required
            aria-invalid=${this.state === 'wrong'}
            aria-describedby="complaint"
          />
        </label>
        <button class="primary" ?disabled=${this.state === 'trying' || this.state === 'entered'}>
          ${lazyStrings().login.enter}
        </button>
        <p id="complaint" role="alert">${this.#complaint}</p>
      </form>
    `;
  }

  get #complaint() {
    switch (this.state) {
      case 'asked':
      case 'trying':
      case 'entered':
        return nothing;
      default:
        return lazyStrings().login[this.state];
    }
  }

  protected override firstUpdated(): void {
    this.input.focus();
  }

  /** Selects a wrong passphrase, so that the next input replaces it. */
  protected override updated(): void {
    if (this.state === 'wrong') this.input.select();
  }

  #onFormSubmit(event: SubmitEvent): void {
    event.preventDefault();
    emit(this, 'enter-code', this.input.value);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'login-panel': LoginPanel;
  }
}
