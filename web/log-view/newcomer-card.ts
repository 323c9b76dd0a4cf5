import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { emit } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Explains the room in three lines at a first visit. It stands above the log and covers no message. */
@customElement('newcomer-card')
export class NewcomerCard extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        flex: 1 1 100%;
        min-width: 0;
      }
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-1) var(--space-4);
        max-width: var(--column);
        margin: var(--space-2) auto;
        line-height: 1.4;
      }
      ul {
        flex: 1 1 18rem;
        margin: 0;
        padding-inline-start: 1.125rem;
      }
      li::marker {
        color: var(--accent);
      }
      /* The messages need the room: the keyboard of a phone is open. */
      @media (max-height: 30rem) {
        :host {
          display: none;
        }
      }
      @media (max-width: 40rem) {
        section {
          font-size: 0.875rem;
        }
        button {
          margin-inline-start: auto;
        }
      }
    `,
  ];

  override render() {
    const { title, lines, dismiss } = lazyStrings().newcomer;
    return html`
      <section aria-label=${title}>
        <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
        <button @click=${() => emit(this, 'set-preferences', { card: 'dismissed' })}>${dismiss}</button>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'newcomer-card': NewcomerCard;
  }
}
