import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Preferences, SCOPES } from '../client/preferences.ts';
import { askPermission, type Permission, permission } from '../ui/desktop-notification.ts';
import type { PageEvent } from '../ui/events.ts';
import { laterWords } from '../ui/lazy-i18n.ts';
import { ring, unlock } from '../ui/notification-sound.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { choiceStyles, renderChoice } from './radio-group.ts';

/** How somebody who looks elsewhere is told what is said, and what the browser has against it. */
@customElement('notice-settings')
export class NoticeSettings extends LitElement {
  static override styles = [
    sharedStyles,
    choiceStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
      }
      fieldset + fieldset,
      p + fieldset {
        margin-top: var(--space-4);
      }
      .lacks {
        color: var(--warn);
      }
    `,
  ];

  @property({ attribute: false }) preferences!: Preferences;
  @state() private permission = permission();
  #wiring = new AbortController();

  override render() {
    const { preferences, permission } = this;
    const { scopes: labels } = laterWords();
    const isImpossible = permission === 'insecure' || permission === 'missing';
    return html`
      ${renderChoice(this, preferences, {
        name: 'notices',
        label: laterWords().notices,
        values: SCOPES,
        labels,
        isDisabled: isImpossible,
      })}
      ${isImpossible || preferences.notices !== 'off' ? this.#renderWhatIsLacking(permission) : nothing}
      ${renderChoice(this, preferences, { name: 'sounds', label: laterWords().sounds, values: SCOPES, labels })}
      <p>${laterWords().noticesHint}</p>
    `;
  }

  #renderWhatIsLacking(permission: Permission) {
    if (permission === 'granted') return nothing;
    return html`
      <p class="lacks" role="status">${laterWords().noNotices[permission]}</p>
      ${permission === 'default' ? html`<button @click=${this.#ask}>${laterWords().allowNotices}</button>` : nothing}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    this.addEventListener('prefer', (event) => this.#onPrefer(event as PageEvent<'prefer'>), { signal });
    // The person may have been in the browser's own settings.
    addEventListener('focus', () => this.#reread(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
  }

  /** At a person's touch: now a browser may be asked, and the sound be tried. */
  #onPrefer({ detail: { notices = 'off', sounds = 'off' } }: PageEvent<'prefer'>): void {
    if (notices !== 'off' && this.permission === 'default') void this.#ask();
    if (sounds === 'off') return;
    unlock();
    void ring();
  }

  async #ask(): Promise<void> {
    await askPermission();
    this.#reread();
  }

  #reread(): void {
    this.permission = permission();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'notice-settings': NoticeSettings;
  }
}
