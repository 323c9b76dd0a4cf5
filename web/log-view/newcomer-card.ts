import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { renderCross } from '../sheets/render-cross.ts';
import { emit } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Explains the room in three sentences at a first visit. It stands above the log and covers no message. */
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
        align-items: center;
        gap: var(--space-2);
        max-width: var(--column);
        margin: var(--space-1) auto;
        line-height: 1.4;
      }
      ul {
        flex: 1;
        margin: 0;
        padding-inline-start: 1.125rem;
      }
      li::marker {
        color: var(--accent);
      }
      .icon {
        display: grid;
        place-items: center;
        padding: 0;
        border-color: var(--bare);
      }
      /* The messages need the room: the keyboard of a phone is open. */
      @media (max-height: 30rem) {
        :host {
          display: none;
        }
      }
      @media (max-width: 40rem) {
        ul {
          padding: 0;
          font-size: var(--text-small);
        }
        li {
          display: inline;
        }
      }
    `,
  ];

  override render() {
    const { title, lines, dismiss } = lazyStrings().newcomer;
    return html`
      <section aria-label=${title}>
        <ul>${lines.map((line) => html`<li>${line} </li>`)}</ul>
        <button class="icon" aria-label=${dismiss} title=${dismiss} @click=${() => emit(this, 'set-preferences', { card: 'dismissed' })}>${renderCross()}</button>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'newcomer-card': NewcomerCard;
  }
}
