import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { LANGUAGES, type Preferences, TEXT_SIZES, THEMES } from '../client/preferences.ts';
import type { InstallState } from '../client/pwa-install.ts';
import { tell } from '../ui/events.ts';
import { laterWords } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { choiceStyles, renderChoice } from './radio-group.ts';

/** How the page looks and speaks, in this browser. What is chosen shows at once. */
@customElement('settings-sheet')
export class SettingsSheet extends LitElement {
  static override styles = [
    sharedStyles,
    choiceStyles,
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
      ${renderChoice(this, preferences, { name: 'theme', label: laterWords().theme, values: THEMES, labels: laterWords().themes })}
      ${renderChoice(this, preferences, { name: 'text', label: laterWords().textSize, values: TEXT_SIZES, labels: laterWords().textSizes })}
      ${renderChoice(this, preferences, { name: 'language', label: laterWords().language, values: LANGUAGES, labels: laterWords().languages })}
      <slot></slot>
      <p>${laterWords().keptInBrowser}</p>
      ${this.#renderInstall()}
    `;
  }

  #renderInstall() {
    return html`
      <section aria-labelledby="install">
        <h3 id="install">${laterWords().install}</h3>
        ${
          this.install === 'offered'
            ? html`<button @click=${() => tell(this, 'install')}>${laterWords().installNow}</button>`
            : nothing
        }
        <p role="status">${laterWords().installStates[this.install]}</p>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'settings-sheet': SettingsSheet;
  }
}
