import { css, html, LitElement, nothing, type SVGTemplateResult, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { RoomTrouble } from '../../gateway/protocol.ts';
import type { ConnectionStatus, JoinRefusal } from '../client/connection-status.ts';
import { emit, type SheetName } from '../ui/events.ts';
import './room-menu.ts';
import { rareStrings } from '../parts/rare-strings.ts';
import { t } from '../ui/i18n.ts';
import { lightStyles, sharedStyles } from '../ui/shared-styles.ts';

const CUP = svg`
  <path d="M23 11h2.5a4.5 4.5 0 0 1 0 9H23" fill="none" stroke="currentColor" stroke-width="3"/>
  <path d="M3 8h21v9a8 8 0 0 1-8 8h-3l-5 5v-5.6A8 8 0 0 1 3 17z" fill="currentColor"/>
  <path class="dash" d="M9 14.5h9" stroke-width="2.6" stroke-linecap="round"/>
`;

const PEOPLE = svg`<circle cx="9" cy="8" r="3.5" /><path d="M2.5 20a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14a6.5 6.5 0 0 1 3.5 6" />`;
const INVITE = svg`<circle cx="10" cy="8" r="3.5" /><path d="M3 20a7 7 0 0 1 14 0M19 7v6M16 10h6" />`;

/** Largest count that fits beside the icon. */
const COUNT_MAX = 999;

/** Draws the title, the connection status and the buttons. */
@customElement('room-header')
export class RoomHeader extends LitElement {
  static override styles = [
    sharedStyles,
    lightStyles,
    css`
      :host {
        border-bottom: 1px solid var(--line);
        padding-top: env(safe-area-inset-top);
      }
      header {
        /* Menus are positioned relative to it. */
        position: relative;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--space-4);
        max-width: calc(var(--column) + 2 * var(--edge));
        margin: 0 auto;
        min-height: calc(var(--touch) + 2 * var(--space-2));
        padding: var(--space-2) var(--edge);
      }
      h1 {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-width: 0;
        /* Beside the buttons, also of a phone. */
        max-width: min(24rem, 100% - 12rem);
        margin: 0;
        font: 600 var(--text-title) / 1.2 var(--font-display);
        letter-spacing: -0.01em;
      }
      h1 span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      h1 svg {
        flex: none;
        width: 1.75rem;
        color: var(--accent);
      }
      .buttons {
        display: flex;
        align-items: center;
        gap: var(--space-1);
        margin-inline-start: auto;
      }
      /* A count lies over its button and not in it, so that it is no part of the button's name. */
      .button {
        position: relative;
      }
      .icon {
        display: grid;
        place-items: center;
        padding: 0;
        border-color: var(--bare);
      }
      .count {
        position: absolute;
        pointer-events: none;
        /* Beside the icon's head, and outwards with each digit. */
        inset: 0.125rem auto auto calc(50% + 0.25rem);
        min-width: 1.125rem;
        padding: 0 0.25rem;
        border-radius: 0.5625rem;
        background: var(--mine);
        color: var(--ink);
        font: 600 0.6875rem / 1.125rem var(--font);
        font-variant-numeric: tabular-nums;
      }
      .dash {
        stroke: var(--paper);
      }
      [role="status"] {
        display: flex;
        flex: 1 1 12rem;
        align-items: baseline;
        gap: var(--space-2);
        margin: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
        line-height: 1.35;
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }
      .offline,
      .trouble,
      .roomless {
        color: var(--warn);
      }
      .entering .light {
        animation: breathe 1.6s ease-in-out infinite alternate;
      }
      @keyframes breathe {
        to {
          opacity: 0.25;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .entering .light {
          animation: none;
        }
      }
      @media (min-width: 75rem) {
        header {
          max-width: none;
        }
      }
      @media (max-width: 40rem) {
        [role="status"] {
          order: 1;
          flex-basis: 100%;
        }
        h1 {
          font-size: 1.25rem;
        }
        h1 svg {
          width: 1.375rem;
        }
        .buttons {
          gap: 0;
        }
      }
      @media (max-width: 21rem) {
        h1 svg {
          display: none;
        }
      }
      /* The keyboard of a phone is open: one row, with the status cut to it. */
      @media (max-height: 26rem) {
        header {
          flex-wrap: nowrap;
          min-height: var(--touch);
          padding-block: 0;
          gap: var(--space-2);
        }
        /* The screen's edge would cut the ring. */
        .icon:focus-visible {
          outline-offset: -3px;
        }
        h1 {
          font-size: 0;
        }
        h1 svg {
          display: block;
          width: 1.375rem;
        }
        [role="status"] {
          order: 0;
          flex: 1 1 0;
          min-width: 0;
        }
        [role="status"] span:last-child {
          display: -webkit-box;
          overflow: hidden;
          -webkit-box-orient: vertical;
          -webkit-line-clamp: 2;
        }
      }
      /* A narrow row shows the light alone while all is well. Trouble has its own lines. */
      @media (max-height: 26rem) and (max-width: 30rem) {
        header:has(.offline, .trouble, .roomless) {
          flex-wrap: wrap;
        }
        [role="status"]:is(.offline, .trouble, .roomless) {
          order: 1;
          flex-basis: 100%;
          padding-bottom: var(--space-1);
          line-height: 1.2;
        }
        :is(.offline, .trouble, .roomless) span:last-child {
          -webkit-line-clamp: none;
        }
        .here span:last-child {
          opacity: 0;
          white-space: nowrap;
        }
      }
    `,
  ];

  @property({ attribute: false }) status: ConnectionStatus = { name: 'entering' };
  /** The gateway limits the page's requests, so older messages load late. */
  @property({ type: Boolean }) isRateLimited = false;
  /** Messages are refused, so the header must not promise that they will be sent. */
  @property({ type: Boolean }) isMuted = false;
  @property({ type: Boolean }) isSearching = false;
  /** Title of the room; empty or undefined without one. */
  @property() name: string | undefined;
  @property({ attribute: false }) sheets: SheetName[] = [];
  /** Whether the people are docked; undefined where their sheet opens over the page. */
  @property({ type: Boolean }) isDocked: boolean | undefined;
  /** Number of people in the room, if known. */
  @property({ type: Number }) people: number | undefined;

  override render() {
    const { name } = this.status;
    const isLocked = name === 'locked';
    return html`
      <header>
        <h1 title=${this.name || nothing}><svg viewBox="0 0 32 32" aria-hidden="true">${CUP}</svg><span>${this.name || 'Tertulia'}</span></h1>
        <p role="status" class=${hasTrouble(this.status) ? 'trouble' : name}><span class="light ${name === 'here' && !hasTrouble(this.status) ? 'on' : ''}"></span><span>${this.#status}</span></p>
        <div class="buttons">
          ${isLocked ? nothing : this.#renderButtons()}
          <room-menu .mayLeave=${name !== 'left'} .sheets=${this.sheets}></room-menu>
        </div>
      </header>
    `;
  }

  get #status(): string {
    return this.isRateLimited && this.status.name === 'here' ? t.rateLimited : statusOf(this, this.status);
  }

  /** These buttons are hidden before login, because the gateway refuses their requests. */
  #renderButtons() {
    return html`
      ${this.#renderSearch()}
      ${this.#renderSheetButton('people', PEOPLE, this.people)}${this.#renderSheetButton('invite', INVITE)}
    `;
  }

  #renderSearch() {
    return html`
      <button
        class="icon"
        aria-label=${t.search}
        title="${t.search} (/, Ctrl+K)"
        aria-keyshortcuts="/ Control+K"
        aria-expanded=${this.isSearching}
        @click=${this.#onSearchClick}
      >
        <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round">
          <circle cx="10.5" cy="10.5" r="6.5" /><path d="m15.5 15.5 5 5" />
        </svg>
      </button>
    `;
  }

  #renderSheetButton(sheet: SheetName, icon: SVGTemplateResult, count?: number) {
    const isDock = sheet === 'people' && this.isDocked !== undefined;
    return html`
      <span class="button">
        <button
          class="icon"
          aria-label=${t.sheets[sheet]}
          aria-describedby=${count === undefined ? nothing : 'count'}
          title=${t.sheets[sheet]}
          aria-haspopup=${isDock ? nothing : 'dialog'}
          aria-expanded=${isDock ? this.isDocked : nothing}
          @click=${() => emit(this, 'open-sheet', sheet)}
        >
          <svg viewBox="0 0 24 24" width="22" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${icon}</svg>
        </button>
        ${count === undefined ? nothing : html`<span id="count" class="count">${count > COUNT_MAX ? `${COUNT_MAX}+` : count}</span>`}
      </span>
    `;
  }

  #onSearchClick(): void {
    emit(this, this.isSearching ? 'close-search' : 'open-search');
  }
}

function hasTrouble(status: ConnectionStatus): boolean {
  return (status.name === 'here' || status.name === 'roomless') && status.trouble !== undefined;
}

/** A newer gateway may send troubles that this page does not know. */
function troubleOf(header: RoomHeader, trouble: RoomTrouble, setting: string | undefined): string {
  return rareStrings(header)?.trouble[trouble]?.(setting) ?? t.roomless;
}

function offlineText(header: RoomHeader, why: JoinRefusal | undefined): string {
  const rare = why || header.isMuted ? rareStrings(header) : undefined;
  return (why ? rare?.refused[why] : rare?.projector.offline) ?? t.offline;
}

function statusOf(header: RoomHeader, status: ConnectionStatus): string {
  switch (status.name) {
    case 'entering':
      return t.enter;
    case 'here':
      return status.trouble === undefined
        ? t.here(status.you)
        : troubleOf(header, status.trouble, status.setting);
    case 'roomless':
      return status.trouble === undefined ? t.roomless : troubleOf(header, status.trouble, status.setting);
    case 'offline':
      return offlineText(header, status.why);
    case 'locked':
      return t.locked;
    case 'left':
      return t.left;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'room-header': RoomHeader;
  }
}
