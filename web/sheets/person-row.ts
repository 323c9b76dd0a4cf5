import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { hueOf } from '../../common/display/avatar-style.ts';
import { avatarStyles, renderAvatar } from '../ui/avatar.ts';
import { emit } from '../ui/events.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Characters at the end of an address that are always shown: the last group of IPv6 and the port. */
const END_LENGTH = '7334]:65535'.length;

/** A person in the room, as a button. */
@customElement('person-row')
export class PersonRow extends LitElement {
  static override styles = [
    sharedStyles,
    avatarStyles,
    css`
      :host {
        --speaker: oklch(var(--speaker-lightness) var(--speaker-chroma) var(--hue));
        display: block;
        contain: layout style;
      }
      button {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        width: 100%;
        padding: var(--space-1) var(--space-2);
        border-color: var(--bare);
        text-align: start;
      }
      button:disabled {
        border-color: var(--bare);
        color: var(--ink);
        cursor: default;
      }
      .who {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        flex: 1;
        min-width: 0;
        line-height: 1.35;
        overflow-wrap: anywhere;
      }
      b,
      .nameless {
        /* Stacked accents stay within their line. */
        overflow: hidden;
        color: var(--speaker);
        font-weight: 600;
      }
      /* An address breaks before its port, and within it only where the port alone is too long. */
      .mono {
        overflow-wrap: break-word;
      }
      .mono:not(.nameless),
      .note {
        color: var(--ink-soft);
      }
      .note {
        flex: none;
        max-width: 45%;
        font-size: var(--text-small);
        text-align: end;
      }
      /*
       * One line beside the conversation, and the address on the next one if it is not whole beside the name. The network
       * and the port tell people apart, so the longest addresses lose their middle.
       */
      :host([docked]) {
        --avatar: 1.625rem;
      }
      :host([docked]) button {
        gap: var(--space-2);
        min-height: 2.125rem;
        padding-block: 0.125rem;
        border-radius: var(--radius-small);
      }
      :host([docked]) .who {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        column-gap: var(--space-2);
      }
      :host([docked]) .mono,
      :host([docked]) .note {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .ends {
        display: flex;
      }
      .ends > :first-child {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .ends > :last-child {
        flex: none;
      }
      :host([docked]) .mono,
      :host([docked]) .note {
        font-size: 0.75rem;
      }
      :host([docked]) .avatar {
        font-size: 0.75rem;
      }
      @media (pointer: coarse) {
        :host([docked]) button {
          min-height: var(--touch);
        }
      }
    `,
  ];

  /** Null while the person has no address. */
  @property() address: string | null = null;
  @property() nickname: string | undefined;
  /** A remark, and a shorter one beside the conversation. */
  @property() note: string | undefined;
  @property() shortNote: string | undefined;
  @property({ type: Boolean, reflect: true }) docked = false;
  @property({ type: Boolean }) isTerminal = false;
  @property({ type: Boolean }) mayMention = false;

  override render() {
    const { address, nickname, isTerminal } = this;
    return html`
      <button title=${this.docked ? this.#whole : nothing} ?disabled=${!this.mayMention || this.#name === null} @click=${this.#onButtonClick}>
        ${renderAvatar({ address: address ?? '', nickname, isTerminal })}
        <span class="who">
          ${nickname === undefined ? nothing : html`<b><bdi>${nickname}</bdi></b>`}
          <span class="mono ${nickname === undefined ? 'nameless' : ''}">${address === null ? lazyStrings().people.noAddress : renderAddress(address, this.docked)}</span>
        </span>
        ${this.#renderNote()}
      </button>
    `;
  }

  #renderNote() {
    const { note, shortNote, docked } = this;
    if (note === undefined) return nothing;
    return docked && shortNote !== undefined
      ? html`<span class="note" aria-hidden="true">${shortNote}</span><span class="aloud">${note}</span>`
      : html`<span class="note">${note}</span>`;
  }

  protected override willUpdate(): void {
    this.style.setProperty('--hue', `${hueOf(this.nickname, this.address ?? '')}`);
  }

  get #whole(): string {
    const { nickname, address, note } = this;
    return [nickname, address ?? lazyStrings().people.noAddress, note].filter(Boolean).join(' · ');
  }

  get #name(): string | null {
    return this.nickname ?? this.address;
  }

  #onButtonClick(): void {
    if (this.#name !== null) emit(this, 'mention', this.#name);
  }
}

/** An address may break before its port. In one line it may lose its middle, and a screen reader reads it whole. */
function renderAddress(address: string, isOneLine: boolean) {
  if (isOneLine) {
    const [start, end] = [address.slice(0, -END_LENGTH), address.slice(-END_LENGTH)];
    return html`<bdi dir="ltr" class="ends" aria-hidden="true"><span>${start}</span><span>${end}</span></bdi><span class="aloud">${address}</span>`;
  }
  const port = address.lastIndexOf(':');
  return html`<bdi dir="ltr">${port < 0 ? address : html`${address.slice(0, port)}<wbr />${address.slice(port)}`}</bdi>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'person-row': PersonRow;
  }
}
