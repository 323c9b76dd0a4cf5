import { html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { sharedStyles } from './shared-styles.ts';
import { words } from './words.ts';

@customElement('settings-sheet')
export class SettingsSheet extends LitElement {
  static override styles = [sharedStyles];

  override render() {
    return html`<p>${words.loading}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'settings-sheet': SettingsSheet;
  }
}
