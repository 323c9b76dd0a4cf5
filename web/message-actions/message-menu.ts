import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { pinLineOf } from '../../common/display/pin-line.ts';
import { PIN_MAX } from '../../gateway/protocol.ts';
import type { ChatLog } from '../log-view/chat-log.ts';
import type { ChatMessage } from '../log-view/chat-message.ts';
import type { Edge, Target } from '../timeline/history.ts';
import type { Message } from '../timeline/log-segment.ts';
import type { Row } from '../timeline/rows.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { copyText } from './copy-text.ts';
import { type FilteredLog, FilterSeek } from './filter-seek.ts';
import { type FilteredPerson, PersonFilter } from './person-filter.ts';

/** Longest quoted part of a message, so that the quote is one line in a terminal. */
export const QUOTE_MAX_CHARACTERS = 120;

/** The result of a copy is shown for this long. */
const CONFIRM_FOR_MS = 3_000;

/** Input with which a person may read on. */
const READING_INPUT = ['wheel', 'touchmove', 'pointerdown', 'keydown'];

/** Distance of the menu from the edges of the window, pixels. */
const MARGIN_PX = 8;

/** Keys that move the focus in the menu. */
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

interface Action {
  name: 'copy' | 'quote' | 'mention' | 'only' | 'hide' | 'hideForAll' | 'showForAll' | 'pin';
  run(message: Message): void;
  isOffered(message: Message): boolean;
}

/** Offers the actions for the message under the pointer or with the focus, and shows which people are filtered. */
@customElement('message-menu')
export class MessageMenu extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      .more,
      [role="menu"],
      .result {
        position: fixed;
        z-index: 3;
        border: 1px solid var(--line-strong);
        background: var(--table);
      }
      .more {
        display: grid;
        place-items: center;
        padding: 0;
        border-radius: 50%;
      }
      @media (hover: hover) and (min-width: 40.01rem) {
        .more {
          min-width: 2rem;
          min-height: 2rem;
        }
      }
      [role="menu"] {
        display: grid;
        padding: var(--space-1);
        border-radius: var(--radius);
        box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
      }
      [role="menuitem"] {
        padding: 0 var(--space-3);
        border: 0;
        border-radius: calc(var(--radius) - var(--space-1));
        text-align: start;
      }
      [role="menuitem"]:hover {
        text-decoration: underline;
      }
      .result {
        margin: 0;
        padding: var(--space-1) var(--space-3);
        border-radius: var(--radius);
        font-size: var(--text-small);
      }
      .filter {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 var(--space-4);
        max-width: calc(var(--column) + 2 * var(--edge));
        margin-inline: auto;
        padding-inline: var(--edge);
        border-bottom: 1px solid var(--accent);
        background: var(--table);
        font-size: var(--text-small);
      }
      .filter p {
        flex: 1 1 12rem;
        margin: 0;
        padding-block: var(--space-1);
        overflow-wrap: anywhere;
      }
      .filter button {
        padding: 0;
      }
    `,
  ];

  /** The rows that the filter selects, and the state of the log around them. */
  @property({ attribute: false }) shown: readonly Row[] = [];
  @property() above: Edge = 'end';
  @property() below: Edge = 'end';
  /** The message that the log leads to. */
  @property({ attribute: false }) target: Target | undefined;
  @state() private row: ChatMessage | undefined;
  @state() private isOpen = false;
  @state() private result = '';
  @query('.more') private readonly button!: HTMLElement | null;
  @query('[role="menu"]') private readonly menu!: HTMLElement | null;
  readonly #filter = new PersonFilter();
  #wiring = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #seek = new FilterSeek({
    log: () => this.#filteredLog,
    load: (side, again) => emit(this, side === 'above' ? 'load-older' : 'load-newer', { again }),
    goTo: (seq) => emit(this, 'go-to-message', seq),
    changed: () => this.requestUpdate(),
  });

  readonly #actions: readonly Action[] = [
    { name: 'copy', run: ({ text }) => void this.#copy(text), isOffered: () => true },
    { name: 'quote', run: (message) => emit(this, 'quote', quoteOf(message)), isOffered: () => true },
    { name: 'mention', run: (message) => emit(this, 'mention', nameOf(message)), isOffered: isOfOthers },
    {
      name: 'only',
      run: (message) => this.#setFilter(() => this.#filter.showOnly(message)),
      isOffered: isOfOthers,
    },
    {
      name: 'hide',
      run: (message) => this.#setFilter(() => this.#filter.hide(message)),
      isOffered: isOfOthers,
    },
    {
      name: 'hideForAll',
      run: (message) => this.#hideForAll(message, true),
      isOffered: ({ hidden }) => this.#log.isHost && !hidden,
    },
    {
      name: 'showForAll',
      run: (message) => this.#hideForAll(message, false),
      isOffered: ({ hidden }) => this.#log.isHost && hidden === true,
    },
    {
      name: 'pin',
      run: ({ text }) => emit(this, 'host-act', { type: 'pin', text: pinLineOf(text, PIN_MAX) }),
      isOffered: ({ text, hidden }) => this.#log.isHost && !hidden && pinLineOf(text, PIN_MAX) !== '',
    },
  ];

  override render() {
    return html`${this.#renderFilter()}${this.row === undefined ? nothing : this.#renderMore()}${this.#renderResult()}`;
  }

  #renderFilter() {
    const { only, hidden } = this.#filter;
    if (!this.#filter.isActive) return nothing;
    const { onlyBy, hiddenHere, actions } = lazyStrings();
    const count = this.#foundSeqs.length;
    const isWhole = this.above === 'end';
    return html`
      <div class="filter">
        <p role="status">${only ? onlyBy(nameOf(only), count, isWhole) : hiddenHere(hidden.map(nameOf).join(', '), count, isWhole)}</p>
        ${isWhole ? nothing : this.#renderSeek()}
        <button class="quiet" @click=${this.#onShowAllClick}>${actions.showAll}</button>
      </div>
    `;
  }

  #renderSeek() {
    const isSeeking = this.#seek.side === 'above';
    const label = isSeeking ? t.loading : lazyStrings().actions.lookFurther;
    return html`
      ${this.above === 'failed' ? html`<p role="alert">${t.loadFailed}</p>` : nothing}
      <button class="quiet" aria-disabled=${isSeeking} @click=${() => this.#seek.seekOlder()}>${label}</button>
    `;
  }

  #renderMore() {
    return html`
      <button
        class="more"
        aria-haspopup="menu"
        aria-expanded=${this.isOpen}
        aria-label=${lazyStrings().actions.more}
        title=${lazyStrings().actions.more}
        @click=${this.#onMoreClick}
      >
        <svg viewBox="0 0 24 24" width="18" aria-hidden="true" fill="currentColor">
          <circle cx="5" cy="12" r="2" /><circle cx="12" cy="12" r="2" /><circle cx="19" cy="12" r="2" />
        </svg>
      </button>
      ${this.isOpen ? this.#renderMenu() : nothing}
    `;
  }

  #renderMenu() {
    return html`
      <div role="menu" aria-label=${lazyStrings().actions.more} @pointerdown=${keepFocus} @keydown=${this.#onMenuKeydown} @focusout=${this.#onMenuFocusout}>
        ${this.#offered.map((action) => html`<button role="menuitem" tabindex="-1" @click=${() => this.#run(action)}>${lazyStrings().actions[action.name]}</button>`)}
      </div>
    `;
  }

  #renderResult() {
    return html`<p class="result" role="status" ?hidden=${this.result === ''}>${this.result}</p>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    const scroller = this.#scroller;
    scroller?.addEventListener('pointerover', (event) => this.#onRowEnter(event), { signal });
    scroller?.addEventListener('focusin', (event) => this.#onRowEnter(event), { signal });
    scroller?.addEventListener('keydown', (event) => this.#onRowKeydown(event as KeyboardEvent), { signal });
    scroller?.addEventListener('scroll', () => this.#onScroll(), { signal, passive: true });
    for (const type of READING_INPUT)
      scroller?.addEventListener(type, () => this.#seek.onInput(), { signal, passive: true });
    addEventListener('resize', () => this.#place(), { signal });
    // The menu was loaded for this message.
    this.#enter(scroller?.querySelector('chat-message:is(:focus, :hover)') ?? null);
    this.#log.addEventListener('pointerleave', (event) => this.#onLogPointerleave(event), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
    clearTimeout(this.#timer);
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!this.isOpen || changed.has('isOpen')) this.#place();
    if (changed.has('target')) this.#showTarget();
    if (changed.has('above') || changed.has('below') || changed.has('shown')) this.#seek.onLoaded();
  }

  /** A found message of another person ends the filter. */
  #showTarget(): void {
    const { target, shown } = this;
    if (!this.#filter.isActive || !target?.isFound) return;
    if (shown.some((row) => row.kind === 'message' && row.message.seqs.includes(target.seq))) return;
    this.#setFilter(() => this.#filter.showAll());
    this.#log.target = { ...target };
  }

  get #filteredLog(): FilteredLog {
    const { above, below } = this;
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = this.#scroller ?? {};
    const isNearEnd = scrollHeight - scrollTop - clientHeight < clientHeight;
    return { above, below, found: this.#foundSeqs, isNearEnd };
  }

  /** Numbers of the messages of others that the filter selects, oldest first. */
  get #foundSeqs(): number[] {
    return this.shown.flatMap((row) => (row.kind === 'message' && !row.message.mine ? row.message.seq : []));
  }

  get #scroller(): HTMLElement | null {
    return this.#log.renderRoot.querySelector('.scroller');
  }

  get #log(): ChatLog {
    return (this.getRootNode() as ShadowRoot).host as ChatLog;
  }

  /** The message of the log; undefined for an own message that is not in the log yet. */
  get #message(): Message | undefined {
    const message = this.row?.message;
    return message !== undefined && 'seq' in message && 'from' in message ? message : undefined;
  }

  get #offered(): readonly Action[] {
    const message = this.#message;
    return message === undefined ? [] : this.#actions.filter((action) => action.isOffered(message));
  }

  #onRowEnter({ target }: Event): void {
    this.#enter((target as Element).closest('chat-message'));
  }

  /** Null while the pointer is beside the messages, perhaps on its way to the button. */
  #enter(row: ChatMessage | null): void {
    // People write from their phones, not on a projector.
    const isRead = document.documentElement.dataset.view === 'projector';
    if (this.isOpen || row === null || row === this.row || isRead) return;
    this.row = row;
    if (this.#message === undefined) this.row = undefined;
  }

  /** Enter opens the menu of the focused message. */
  #onRowKeydown(event: KeyboardEvent): void {
    const { key, target } = event;
    if (key !== 'Enter' || !(target as Element).matches('chat-message')) return;
    this.#enter(target as ChatMessage);
    if (this.row !== target) return;
    // The key would press the first item.
    event.preventDefault();
    this.#open();
  }

  #onMoreClick(): void {
    if (this.isOpen) this.#close();
    else this.#open();
  }

  async #open(): Promise<void> {
    this.isOpen = true;
    await this.updateComplete;
    this.#items[0]?.focus();
  }

  /** An open menu stays where it is, also while a busy room scrolls. */
  #onScroll(): void {
    this.#seek.readOn();
    if (this.isOpen) return;
    if (this.row?.matches(':focus')) this.#place();
    else this.#leave();
  }

  /** A finger leaves before its click. */
  #onLogPointerleave({ pointerType }: PointerEvent): void {
    if (pointerType === 'mouse' && !this.isOpen) this.#leave();
  }

  #leave(): void {
    this.isOpen = false;
    this.row = undefined;
  }

  #close(): void {
    this.isOpen = false;
    this.row?.focus({ preventScroll: true });
  }

  #onMenuKeydown(event: KeyboardEvent): void {
    const { key } = event;
    const step = STEPS[key];
    if (step === undefined && key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) this.#close();
    else this.#walk(step);
  }

  #walk(step: number): void {
    const items = this.#items;
    const here = items.findIndex((item) => item.matches(':focus'));
    items.at((here + step) % items.length)?.focus();
  }

  #onMenuFocusout({ relatedTarget }: FocusEvent): void {
    if (!this.menu?.contains(relatedTarget as Node | null) && relatedTarget !== this.button)
      this.isOpen = false;
  }

  #run({ run }: Action): void {
    const message = this.#message;
    this.#close();
    if (message !== undefined) run(message);
  }

  async #copy(text: string): Promise<void> {
    const shown = this.row?.querySelector('.words') ?? this;
    const { copied, notCopied } = lazyStrings().invite;
    this.result = (await copyText(text, shown)) ? copied : notCopied;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.result = '';
    }, CONFIRM_FOR_MS);
  }

  /** A block of code may consist of several messages, and each has entries of its own. */
  #hideForAll({ seqs }: Message, hidden: boolean): void {
    for (const seq of seqs) emit(this, 'host-act', { type: 'hide', seq, hidden });
  }

  #setFilter(change: () => void): void {
    change();
    const { isActive } = this.#filter;
    this.#leave();
    this.#seek.onFilter(isActive);
    this.#log.filter = isActive ? (rows) => this.#filter.select(rows) : undefined;
    emit(this, 'report-filter', isActive);
    this.requestUpdate();
  }

  /** The button disappears, so the focus moves to the log. */
  #onShowAllClick(): void {
    this.#setFilter(() => this.#filter.showAll());
    this.#log.focus();
  }

  get #items(): HTMLElement[] {
    return [...(this.menu?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
  }

  /** Puts the button beside the message, at the side without words, and menu and result below it. */
  #place(): void {
    const { row, button, menu } = this;
    if (!row || !button) return;
    const { left: start, right, top: rowTop, bottom } = row.getBoundingClientRect();
    const { offsetWidth: size } = button;
    const log = this.#log.getBoundingClientRect();
    const isRoomy = right + size + MARGIN_PX < log.right;
    const outside = isRoomy ? size : 0;
    const left = row.classList.contains('mine') ? start - outside : right - size + outside;
    const top = isRoomy ? Math.max(rowTop, bottom - size) : rowTop;
    moveTo(button, left, clamp(top, log.top, log.bottom - size));
    if (menu) moveTo(menu, left, top + button.offsetHeight + 2);
    const result = this.renderRoot.querySelector<HTMLElement>('.result');
    if (result) moveTo(result, left, top);
  }
}

/** WebKit moves the focus away from a menu whose button is pressed. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

/** Keeps the element within the window. */
function moveTo(element: HTMLElement, left: number, top: number): void {
  const { innerWidth, innerHeight } = window;
  // Near the right edge it would be narrower.
  element.style.left = '0';
  element.style.left = `${clamp(left, MARGIN_PX, innerWidth - element.offsetWidth - MARGIN_PX)}px`;
  element.style.top = `${clamp(top, MARGIN_PX, innerHeight - element.offsetHeight - MARGIN_PX)}px`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

/** The own messages are not filtered, and nobody mentions oneself. */
function isOfOthers({ mine }: Message): boolean {
  return !mine;
}

function nameOf({ nickname, from }: FilteredPerson): string {
  return nickname ?? (from || t.somebody);
}

/** A quote as people write it in a terminal. */
function quoteOf(message: Message): string {
  const [line = ''] = message.text.trim().split('\n');
  const characters = [...line];
  const isLong = characters.length > QUOTE_MAX_CHARACTERS || line.length < message.text.trim().length;
  return `> ${nameOf(message)}: ${characters.slice(0, QUOTE_MAX_CHARACTERS).join('')}${isLong ? '…' : ''}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'message-menu': MessageMenu;
  }
}
