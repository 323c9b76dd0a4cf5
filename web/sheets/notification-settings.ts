import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Preferences, SCOPES } from '../client/preferences.ts';
import {
  type NotificationAccess,
  notificationAccess,
  requestPermission,
} from '../ui/desktop-notification.ts';
import type { PageEvent } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { play, unlock } from '../ui/notification-sound.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { radioGroupStyles, renderRadioGroup } from './radio-group.ts';

/** How somebody who looks elsewhere is told what is said, and what the browser has against it. */
@customElement('notification-settings')
export class NotificationSettings extends LitElement {
  static override styles = [
    sharedStyles,
    radioGroupStyles,
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
  @state() private permission = notificationAccess();
  #wiring = new AbortController();

  override render() {
    const { preferences, permission } = this;
    const { scopes: labels } = lazyStrings();
    const isImpossible = permission === 'insecure' || permission === 'missing';
    return html`
      ${renderRadioGroup(this, preferences, {
        name: 'notices',
        label: lazyStrings().notices,
        values: SCOPES,
        labels,
        isDisabled: isImpossible,
      })}
      ${isImpossible || preferences.notices !== 'off' ? this.#renderWhatIsLacking(permission) : nothing}
      ${renderRadioGroup(this, preferences, { name: 'sounds', label: lazyStrings().sounds, values: SCOPES, labels })}
      <p>${lazyStrings().noticesHint}</p>
    `;
  }

  #renderWhatIsLacking(permission: NotificationAccess) {
    if (permission === 'granted') return nothing;
    return html`
      <p class="lacks" role="status">${lazyStrings().noNotices[permission]}</p>
      ${permission === 'default' ? html`<button @click=${this.#ask}>${lazyStrings().allowNotices}</button>` : nothing}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    this.addEventListener(
      'set-preferences',
      (event) => this.#onSetPreferences(event as PageEvent<'set-preferences'>),
      { signal },
    );
    // The person may have been in the browser's own settings.
    addEventListener('focus', () => this.#reread(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
  }

  /** At a person's touch: now a browser may be asked, and the sound be tried. */
  #onSetPreferences({ detail: { notices = 'off', sounds = 'off' } }: PageEvent<'set-preferences'>): void {
    if (notices !== 'off' && this.permission === 'default') void this.#ask();
    if (sounds === 'off') return;
    unlock();
    void play();
  }

  async #ask(): Promise<void> {
    await requestPermission();
    this.#reread();
  }

  #reread(): void {
    this.permission = notificationAccess();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'notification-settings': NotificationSettings;
  }
}
