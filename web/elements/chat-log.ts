import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Line } from '../lines.ts';
import './chat-message.ts';
import './log-note.ts';
import { tell } from './page-events.ts';
import { sharedStyles } from './shared-styles.ts';
import { times, words } from './words.ts';

/** Nearer to the end than this is at the end: a finger is not exact, pixels. */
const NEAR = 32;

/** Everything that was heard. It stays at the newest, unless somebody reads further up. */
@customElement('chat-log')
export class ChatLog extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        position: relative;
        display: block;
        min-height: 0;
      }
      .scroller {
        height: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-color: var(--line-strong) transparent;
      }
      /* The browser's own care for the reading place would be one more hand on the same wheel. */
      .following {
        overflow-anchor: none;
      }
      .scroller:focus-visible {
        outline-offset: -3px;
      }
      .lines {
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        min-height: 100%;
        max-width: calc(var(--column) + 2 * var(--edge));
        margin: 0 auto;
        padding: var(--space-4) var(--edge);
      }
      .day {
        margin: var(--space-6) 0 var(--space-2);
        color: var(--ink-soft);
        font: italic var(--text) / 1.4 var(--font-display);
        text-align: center;
      }
      .empty {
        margin: auto;
        padding: var(--space-4);
        text-align: center;
        text-wrap: balance;
      }
      .empty p {
        margin: 0;
        color: var(--ink-soft);
      }
      .empty p:first-child {
        color: var(--ink);
        margin-bottom: var(--space-2);
        font: italic var(--text-title) / 1.3 var(--font-display);
      }
      .ghosts {
        display: grid;
        gap: var(--space-6);
        padding-bottom: var(--space-6);
        animation: breathe 1.6s ease-in-out infinite alternate;
      }
      .ghosts i {
        width: 70%;
        height: 2.25rem;
        border-radius: var(--radius);
        background: var(--line);
      }
      .ghosts i:nth-child(2) {
        justify-self: end;
        width: 45%;
      }
      .ghosts i:nth-child(3) {
        width: 55%;
      }
      @keyframes breathe {
        from {
          opacity: 0.3;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .ghosts {
          animation: none;
        }
      }
      .pill {
        position: absolute;
        bottom: var(--space-3);
        left: 50%;
        transform: translateX(-50%);
        border-radius: calc(var(--touch) / 2);
        background: var(--table);
        box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
        white-space: nowrap;
      }
      .news {
        border-color: var(--accent);
        color: var(--accent);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) lines: readonly Line[] = [];
  @property({ type: Number }) unread = 0;
  @property({ type: Boolean }) isCatchingUp = false;
  @state() private isAtNewest = true;
  @query('.scroller') private readonly scroller!: HTMLElement;
  @query('.lines') private readonly content!: HTMLElement;
  /** Where the page scrolled to last. */
  #top = 0;
  /** Told of every growth before it is painted, whoever causes it: words, a keyboard, a turned phone. */
  readonly #sizes = new ResizeObserver(() => this.#follow());

  override render() {
    return html`
      <div
        class="scroller ${this.isAtNewest ? 'following' : ''}"
        role="log"
        aria-label=${words.log}
        aria-live="polite"
        aria-busy=${this.isCatchingUp}
        tabindex="0"
        @scroll=${this.#scrollerOnScroll}
        @keydown=${this.#scrollerOnKeydown}
      >
        <div class="lines">${this.#hasWords ? nothing : this.#renderEmpty()}${this.#renderLines()}</div>
      </div>
      ${this.isAtNewest ? nothing : this.#renderPill()}
    `;
  }

  #renderLines() {
    return repeat(
      this.lines,
      (line) => line.key,
      (line) => renderLine(line),
    );
  }

  #renderEmpty() {
    if (this.isCatchingUp) return html`<div class="ghosts" aria-hidden="true"><i></i><i></i><i></i></div>`;
    return html`<div class="empty"><p>${words.empty}</p><p>${words.emptyHint}</p></div>`;
  }

  #renderPill() {
    const { unread } = this;
    return html`
      <button class="pill ${unread > 0 ? 'news' : ''}" @click=${this.#pillOnClick}>
        ${unread > 0 ? words.newMessages(unread) : words.toNewest} <span aria-hidden="true">↓</span>
      </button>
    `;
  }

  showNewest(): void {
    this.#turn(true);
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
  }

  protected override firstUpdated(): void {
    this.#sizes.observe(this.scroller);
    this.#sizes.observe(this.content);
  }

  get #hasWords(): boolean {
    return this.lines.some(({ kind }) => kind === 'message' || kind === 'say');
  }

  #follow(): void {
    if (this.isAtNewest) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#top = this.scroller.scrollTop;
  }

  #turn(isAtNewest: boolean): void {
    if (isAtNewest === this.isAtNewest) return;
    this.isAtNewest = isAtNewest;
    tell(this, 'at-newest', isAtNewest);
  }

  #scrollerOnScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
    // Only a person scrolls up. That the end is further away may be words not followed yet.
    if (isNear || scrollTop < this.#top) this.#turn(isNear);
    this.#top = scrollTop;
  }

  #scrollerOnKeydown({ key }: KeyboardEvent): void {
    if (key === 'Escape') tell(this, 'to-composer');
  }

  /** The pill goes away: the focus stays with what it led to. */
  #pillOnClick(): void {
    this.showNewest();
    this.scroller.focus();
  }
}

function renderLine(line: Line) {
  switch (line.kind) {
    case 'day':
      return html`<p class="day">${times.day(line.at)}</p>`;
    case 'message':
      return html`<chat-message .speech=${line.message} .leads=${line.leads}></chat-message>`;
    case 'say':
      return html`<chat-message .speech=${line.say} .leads=${line.leads}></chat-message>`;
    case 'note':
      return html`<log-note .note=${line.note}></log-note>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-log': ChatLog;
  }
}
