import { css, html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { reload } from '../ui/browser-effects.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { enterAsHost, type HostLogin } from './enter-as-host.ts';
import { fieldStyles } from './field-styles.ts';

/** Asks for the hosts' passphrase. The page then starts again as a host, with its draft and its place in the log. */
@customElement('host-login')
export class HostLoginForm extends LitElement {
  static override styles = [
    sharedStyles,
    fieldStyles,
    css`
      p {
        margin: 0 0 var(--space-3);
      }
    `,
  ];

  @state() private answer: HostLogin | undefined;
  @state() private isBusy = false;
  @query('input') private readonly code!: HTMLInputElement;

  override render() {
    const { host, login } = lazyStrings();
    const { answer } = this;
    return html`
      <p>${host.intro}</p>
      <form @submit=${this.#onSubmit}>
        <label for="code">${host.code}</label>
        <div class="row">
          <input id="code" type="password" autocomplete="current-password" maxlength="200" required aria-describedby="wrong" />
          <button class="primary" ?disabled=${this.isBusy}>${login.enter}</button>
        </div>
        <p id="wrong" class="wrong" role="alert">${answer === undefined || answer === 'host' ? nothing : login[answer]}</p>
      </form>
    `;
  }

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.isBusy = true;
    this.answer = undefined;
    this.answer = await enterAsHost(this.code.value);
    this.isBusy = false;
    if (this.answer === 'host') reload('host');
    else this.code.select();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'host-login': HostLoginForm;
  }
}
