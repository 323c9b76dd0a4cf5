import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { DENSITIES, LANGUAGES, type Preferences, TEXT_SIZES, THEMES } from '../client/preferences.ts';
import type { InstallState } from '../client/pwa-install.ts';
import { emit } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { radioGroupStyles, renderRadioGroup } from './radio-group.ts';

/** Settings of appearance, language and installation for this browser. Changes apply at once. */
@customElement('settings-sheet')
export class SettingsSheet extends LitElement {
  static override styles = [
    sharedStyles,
    radioGroupStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-6);
      }
      h3 {
        margin: 0;
        padding: 0 0 var(--space-2);
        color: var(--ink-soft);
        font-size: var(--text-small);
        font-weight: 400;
      }
      section > button {
        margin-bottom: var(--space-2);
      }
    `,
  ];

  @property({ attribute: false }) preferences!: Preferences;

  @property() install!: InstallState;

  override render() {
    const { preferences } = this;
    return html`
      ${renderRadioGroup(this, preferences, { name: 'theme', label: lazyStrings().theme, values: THEMES, labels: lazyStrings().themes })}
      ${renderRadioGroup(this, preferences, { name: 'text', label: lazyStrings().textSize, values: TEXT_SIZES, labels: lazyStrings().textSizes })}
      ${renderRadioGroup(this, preferences, { name: 'density', label: lazyStrings().density, values: DENSITIES, labels: lazyStrings().densities })}
      ${renderRadioGroup(this, preferences, { name: 'language', label: lazyStrings().language, values: LANGUAGES, labels: lazyStrings().languages })}
      <slot></slot>
      <p>${lazyStrings().keptInBrowser}</p>
      ${this.#renderInstall()}
    `;
  }

  #renderInstall() {
    return html`
      <section aria-labelledby="install">
        <h3 id="install">${lazyStrings().install}</h3>
        ${
          this.install === 'offered'
            ? html`<button @click=${() => emit(this, 'install')}>${lazyStrings().installNow}</button>`
            : nothing
        }
        <p role="status">${lazyStrings().installStates[this.install]}</p>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'settings-sheet': SettingsSheet;
  }
}
