import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { InstallState } from '../installing.ts';
import { LANGUAGES, type Preferences, TEXT_SIZES, THEMES } from '../preferences.ts';
import { tell } from './page-events.ts';
import { sharedStyles } from './shared-styles.ts';
import { words } from './words.ts';

/** How the page looks and speaks, in this browser. What is chosen shows at once. */
@customElement('settings-sheet')
export class SettingsSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-6);
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend,
      h3 {
        margin: 0;
        font-weight: 400;
        padding: 0 0 var(--space-2);
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      label {
        display: flex;
        flex: 1 1 auto;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        cursor: pointer;
        touch-action: manipulation;
      }
      label:has(:checked) {
        border-color: var(--accent);
        background: var(--mine);
      }
      label:has(:focus-visible) {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
      input {
        flex: none;
        width: 1.125rem;
        height: 1.125rem;
        margin: 0;
        accent-color: var(--accent);
        outline: none;
      }
      section > button {
        margin-bottom: var(--space-2);
      }
      p {
        margin: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
    `,
  ];

  @property({ attribute: false }) preferences!: Preferences;

  @property() install!: InstallState;

  override render() {
    return html`
      ${this.#renderChoice('theme', words.theme, THEMES, words.themes)}
      ${this.#renderChoice('text', words.textSize, TEXT_SIZES, words.textSizes)}
      ${this.#renderChoice('language', words.language, LANGUAGES, words.languages)}
      <p>${words.keptInBrowser}</p>
      ${this.#renderInstall()}
    `;
  }

  #renderInstall() {
    return html`
      <section aria-labelledby="install">
        <h3 id="install">${words.install}</h3>
        ${
          this.install === 'offered'
            ? html`<button @click=${() => tell(this, 'install')}>${words.installNow}</button>`
            : nothing
        }
        <p role="status">${words.installStates[this.install]}</p>
      </section>
    `;
  }

  #renderChoice<Name extends keyof Preferences>(
    name: Name,
    label: string,
    values: readonly Preferences[Name][],
    labels: Record<Preferences[Name], string>,
  ) {
    const renderValue = (value: Preferences[Name]) => html`
      <label>
        <input
          type="radio"
          name=${name}
          .checked=${this.preferences[name] === value}
          @change=${() => tell(this, 'prefer', { [name]: value })}
        />
        ${labels[value]}
      </label>
    `;
    return html`<fieldset><legend>${label}</legend>${values.map(renderValue)}</fieldset>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'settings-sheet': SettingsSheet;
  }
}
