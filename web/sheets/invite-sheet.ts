import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Invitation } from '../../gateway/protocol.ts';
import { addressesFor, fetchInvitation, type TerminalLine, terminalLines } from '../client/invitation.ts';
import { fetchJson } from '../ui/browser-effects.ts';
import './copy-line.ts';
import './qr-code.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Shows how to join from a browser and from a terminal. */
@customElement('invite-sheet')
export class InviteSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      h3,
      p {
        margin: 0;
      }
      h3 {
        font: 600 1.0625rem / 1.3 var(--font-display);
      }
      section {
        display: grid;
        gap: var(--space-3);
      }
      section + section {
        border-top: 1px solid var(--line);
        padding-top: var(--space-4);
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      .warning {
        color: var(--warn);
      }
      select {
        width: 100%;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 1rem) / 1.5 var(--font);
      }
      qr-code {
        width: min(15rem, 100%);
        margin: 0 auto;
      }
      a {
        display: inline-flex;
        align-items: center;
        min-height: var(--touch);
        color: var(--accent);
      }
    `,
  ];

  @state() private invitation: Invitation | 'loading' | 'failed' = 'loading';
  /** The selected address; undefined selects the first one. */
  @state() private chosen: string | undefined;

  override render() {
    switch (this.invitation) {
      case 'loading':
        return html`<p role="status">${t.loading}</p>`;
      case 'failed':
        return html`
          <p role="alert">${t.loadFailed}</p>
          <button @click=${this.#load}>${t.tryAgain}</button>
        `;
      default:
        return this.#renderInvitation(this.invitation);
    }
  }

  #renderInvitation(invitation: Invitation) {
    const addresses = addressesFor(invitation, new URL(location.href));
    const url = this.chosen ?? addresses[0];
    const lines = terminalLines(url ?? location.origin, invitation);
    return html`
      <section aria-labelledby="browsers">
        <h3 id="browsers">${lazyStrings().invite.browsers}</h3>
        ${url === undefined ? html`<p class="warning">${lazyStrings().invite.onlyHere}</p>` : this.#renderAddress(url, addresses)}
        ${invitation.asksForCode ? html`<p>${lazyStrings().invite.passphrase}</p>` : nothing}
        <p><a href="./?view=projector" target="_blank">${lazyStrings().invite.projector}</a></p>
        <p class="soft">${lazyStrings().invite.projectorKeys}</p>
      </section>
      ${lines.length === 0 ? nothing : this.#renderLines(lines)}
    `;
  }

  #renderLines(lines: readonly TerminalLine[]) {
    return html`
      <section aria-labelledby="terminals">
        <h3 id="terminals">${lazyStrings().invite.terminals}</h3>
        <p class="soft">${lazyStrings().invite.terminalsHint}</p>
        ${lines.map(({ program, line }) => html`<copy-line .name=${program} .line=${line}></copy-line>`)}
      </section>
    `;
  }

  #renderAddress(url: string, addresses: readonly string[]) {
    return html`
      <qr-code .text=${url}></qr-code>
      <p class="soft">${lazyStrings().invite.scan}</p>
      ${addresses.length > 1 ? this.#renderAddressSelect(url, addresses) : nothing}
      <copy-line .name=${lazyStrings().invite.address} .line=${url}></copy-line>
    `;
  }

  #renderAddressSelect(url: string, addresses: readonly string[]) {
    return html`
      <label>
        <span class="soft">${lazyStrings().invite.choose}</span>
        <select @change=${this.#onSelectChange}>
          ${addresses.map((address) => html`<option ?selected=${address === url}>${address}</option>`)}
        </select>
      </label>
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.invitation = 'loading';
    this.invitation = await fetchInvitation(fetchJson).catch(() => 'failed' as const);
  }

  #onSelectChange({ target }: Event): void {
    this.chosen = (target as HTMLSelectElement).value;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'invite-sheet': InviteSheet;
  }
}
