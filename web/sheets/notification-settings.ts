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

/** Settings of desktop notifications and sounds, with the reason when the browser refuses them. */
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
      .obstacle {
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
      ${isImpossible || preferences.notices !== 'off' ? this.#renderObstacle(permission) : nothing}
      ${renderRadioGroup(this, preferences, { name: 'sounds', label: lazyStrings().sounds, values: SCOPES, labels })}
      <p>${lazyStrings().noticesHint}</p>
    `;
  }

  #renderObstacle(permission: NotificationAccess) {
    if (permission === 'granted') return nothing;
    return html`
      <p class="obstacle" role="status">${lazyStrings().noNotices[permission]}</p>
      ${permission === 'default' ? html`<button @click=${this.#request}>${lazyStrings().allowNotices}</button>` : nothing}
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
    // The person may have changed the browser's settings.
    addEventListener('focus', () => this.#updateAccess(), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
  }

  /** A user gesture allows the page to request the permission and to play the sound. */
  #onSetPreferences({ detail: { notices = 'off', sounds = 'off' } }: PageEvent<'set-preferences'>): void {
    if (notices !== 'off' && this.permission === 'default') void this.#request();
    if (sounds === 'off') return;
    unlock();
    void play();
  }

  async #request(): Promise<void> {
    await requestPermission();
    this.#updateAccess();
  }

  #updateAccess(): void {
    this.permission = notificationAccess();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'notification-settings': NotificationSettings;
  }
}
