import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { loadLinks, renderMarkup } from '../log-view/render-markup.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Shows the state that hosts set for everybody: the pinned line, and whether this page may send. */
@customElement('room-board')
export class RoomBoard extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        flex: 1 1 100%;
        min-width: 0;
      }
      p {
        max-width: var(--column);
        margin: 0 auto;
        padding: var(--space-2) 0;
        line-height: 1.35;
        overflow-wrap: anywhere;
      }
      .pinned.above {
        border-bottom: 1px solid var(--line);
      }
      .pinned {
        max-height: 6.5rem;
        overflow-y: auto;
      }
      a {
        color: var(--accent);
      }
      .pinned b {
        margin-inline-end: var(--space-2);
      }
      .words {
        display: inline;
      }
      .muted {
        color: var(--warn);
      }
      /* The messages need the room: the keyboard of a phone is open. */
      @media (max-height: 30rem) {
        p {
          padding-block: 1px;
          font-size: var(--text-small);
        }
        .pinned {
          max-height: 1.25rem;
        }
        .muted span {
          display: none;
        }
      }
      @media (max-height: 15rem) {
        .pinned.above {
          display: none;
        }
      }
    `,
  ];

  @property() pinned = '';
  @property() muted: 'paused' | 'silenced' | undefined;
  /** This page is a host's, and the others are paused. */
  @property({ type: Boolean }) hasPaused = false;

  protected override willUpdate(): void {
    loadLinks(this.pinned)?.then((areFound) => areFound && this.requestUpdate());
  }

  override render() {
    const { host } = lazyStrings();
    const state = this.muted ?? (this.hasPaused ? 'hasPaused' : undefined);
    return html`
      ${this.pinned === '' ? nothing : html`<p class="pinned ${state === undefined ? '' : 'above'}" tabindex="0"><b>${host.pinned}</b><bdi>${renderMarkup(this.pinned)}</bdi></p>`}
      ${state === undefined ? nothing : html`<p class="muted"><b>${host.states[state]}</b> ${this.muted ? html`<span>${host.keepsDraft}</span>` : nothing}</p>`}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'room-board': RoomBoard;
  }
}
