import { html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { openPart } from '../parts/parts.ts';
import type { Edge, MissingState, Target } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import { type Row, rowIndexOf, rowOfItem } from '../timeline/rows.ts';
import { avatarStyles } from '../ui/avatar.ts';
import { startTimer } from '../ui/browser-effects.ts';
import { LiveAnnouncer } from './live-announcer.ts';
import { loadAround } from './load-around.ts';
import { RenderWindow, type Side } from './render-window.ts';
import './log-edge.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { logStyles } from './log-styles.ts';
import { messagesDrawn, readingPlace, rowOf, walkMessages } from './message-rows.ts';
import { messageStyles } from './message-styles.ts';
import { renderRow } from './render-row.ts';
import { ScrollAnchor } from './scroll-anchor.ts';
import { ScrollIntent } from './scroll-intent.ts';

/** A position nearer to the end than this counts as the end, because a finger is not exact, pixels. */
const NEAR_PX = 32;

/** Keys with which a person leaves the newest. */
const UP: readonly string[] = ['ArrowUp', 'PageUp', 'Home'];

/** Keys that move the focus to the previous or the next message, with Alt. */
const STEPS: Record<string, -1 | 1> = { ArrowUp: -1, ArrowDown: 1 };

/** Draws a part of the log. It follows the newest message unless the person reads further up. */
@customElement('chat-log')
export class ChatLog extends LitElement {
  static override styles = [sharedStyles, logStyles, avatarStyles, messageStyles];

  @property({ attribute: false }) rows: readonly Row[] = [];
  @property({ type: Number }) unread = 0;
  @property({ type: Boolean }) isCatchingUp = false;
  /** The lines reach the newest message. */
  @property({ type: Boolean }) isLive = true;
  @property() above: Edge = 'end';
  @property() below: Edge = 'end';
  @property({ type: Boolean }) keepsBeginning = true;
  @property({ attribute: false }) mentions: Mentions | undefined;
  @property({ attribute: false }) target: Target | undefined;
  @property({ attribute: false }) missingState: (missing: Missing) => MissingState = () => 'open';
  /** Selects the rows to show; all if undefined. The menu of a message sets it. */
  @property({ attribute: false }) filter: ((rows: readonly Row[]) => readonly Row[]) | undefined;
  /** The person is a host, who may hide and pin messages. */
  @property({ type: Boolean }) isHost = false;
  @query('.scroller', true) private readonly scroller!: HTMLElement;
  @query('.lines', true) private readonly content!: HTMLElement;
  readonly #renderWindow = new RenderWindow();
  readonly #announcer = new LiveAnnouncer({
    startTimer,
    now: () => performance.now(),
    changed: () => this.requestUpdate(),
  });
  readonly #scrollIntent = new ScrollIntent(() => performance.now());
  #scrollAnchor!: ScrollAnchor;
  #isAtNewest = true;
  #shown: readonly Row[] = [];
  /** The last position that the page scrolled to, and the heights of the scroller and its content then. */
  #top = 0;
  #height = 0;
  #contentHeight = 0;
  /** Distance from the newest that the person has scrolled up and the log still follows, pixels. Less than NEAR_PX. */
  #below = 0;
  /** The drawn rows have their sizes, and the scroll position is right. */
  #isSettled = false;
  #hadFocus = false;
  /** A target that is not shown yet. */
  #pendingTarget: Target | undefined;
  /** Reports every change of size before it is painted: by messages, a keyboard or a turned phone. */
  readonly #sizes = new ResizeObserver(() => this.#onSizesChange());

  override render() {
    const { summary } = this.#announcer;
    return html`
      <div
        class="scroller"
        role="log"
        aria-label=${t.log}
        aria-live=${this.#isAtNewest && !this.#announcer.isBurst ? 'polite' : 'off'}
        aria-busy=${this.isCatchingUp}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        tabindex="0"
        @scroll=${this.#onScrollerScroll}
        @keydown=${this.#onScrollerKeydown}
        @pointerdown=${this.#onScrollerPointerdown}
        @pointerover=${this.#onScrollerPointerover}
        @focusin=${this.#onScrollerPointerover}
        @click=${this.#onScrollerClick}
        @wheel=${this.#onScrollerWheel}
      >
        <div class="lines">
          ${this.#renderRows()}${this.#renderBelow()}
        </div>
      </div>
      <p class="aloud" aria-live="polite">${summary > 0 ? t.newMessages(summary) : nothing}</p>
      <message-menu .shown=${this.#shown} .above=${this.above} .below=${this.below} .target=${this.target}></message-menu>
      ${this.#isAtNewest ? nothing : this.#renderPill()}
    `;
  }

  #renderPill() {
    const { unread } = this;
    return html`
      <button class="pill ${unread > 0 ? 'news' : ''}" @click=${this.#onPillClick}>
        ${unread > 0 ? t.newMessages(unread) : t.toNewest}
      </button>
    `;
  }

  #renderEmpty() {
    return this.isCatchingUp
      ? html`<div class="ghosts" aria-hidden="true"><i></i><i></i><i></i></div>`
      : html`<div class="empty"><p>${t.empty}</p><p>${t.emptyHint}</p></div>`;
  }

  #renderAbove() {
    const edge = this.#renderWindow.left.above > 0 ? 'more' : this.above;
    return html`<log-edge side="above" .edge=${edge} .keepsBeginning=${this.keepsBeginning}></log-edge>`;
  }

  #renderBelow() {
    return this.isLive
      ? nothing
      : html`<log-edge side="below" .edge=${this.#renderWindow.left.below > 0 ? 'more' : this.below}></log-edge>`;
  }

  #renderRows() {
    const drawn = this.#renderWindow.slice(this.#shown, this.#isAtNewest && this.isLive);
    const rows = repeat(
      drawn,
      (row) => row.key,
      (row) => renderRow(row, this),
    );
    return html`${this.#isSilent ? this.#renderEmpty() : this.#renderAbove()}${rows}`;
  }

  /** Goes to the newest message and holds against scrolls that began before `inputAt`, a timestamp. */
  showNewest(inputAt?: number): void {
    this.#scrollIntent.goToNewest(inputAt);
    if (this.#isAtNewest && this.isLive && this.target === undefined) return;
    if (this.isLive && this.#renderWindow.left.below > 0) this.#renderWindow.showNewest();
    // Also where the newest is loaded, because an older page that is still loading must not replace it.
    emit(this, 'go-to-newest');
    this.#pendingTarget = undefined;
    this.#follow(true);
    this.#restoreScroll();
  }

  #follow(isAtNewest: boolean): void {
    if (isAtNewest === this.#isAtNewest) return;
    this.#isAtNewest = isAtNewest;
    if (!isAtNewest) this.#scrollIntent.release();
    emit(this, 'report-at-newest', isAtNewest);
    // An update that is pending draws the change too.
    if (!this.isUpdatePending) this.#drawSoon();
  }

  override focus(): void {
    this.scroller.focus();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeprint', this.#onWindowPrint);
    addEventListener('afterprint', this.#onWindowPrint);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeprint', this.#onWindowPrint);
    removeEventListener('afterprint', this.#onWindowPrint);
    this.#sizes.disconnect();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    this.#hadFocus = this.#hasFocus;
    this.#shown = this.filter?.(this.rows) ?? this.rows;
    if (changed.has('target')) this.#pendingTarget = this.target;
    if (changed.has('rows')) this.#announcer.show(this.#newSeqs, this.isLive && !this.isCatchingUp);
    const isAway = (changed.has('isLive') && !this.isLive) || this.#pendingTarget !== undefined;
    if (isAway) this.#follow(false);
    // The person leaves the older messages, which kept their place until now.
    else if (changed.get('isLive') === false && this.#isAtNewest) this.#renderWindow.showNewest();
    if (this.#pendingTarget !== undefined)
      this.#renderWindow.showFrom(rowOfItem(this.#shown, this.#pendingTarget.seq));
  }

  protected override firstUpdated(): void {
    this.#scrollAnchor = new ScrollAnchor(this.scroller, this.content.children);
    this.#sizes.observe(this.scroller);
  }

  /** Observes the content again, so that the observer reports once the rows have sizes, even if the sum is equal. */
  protected override updated(): void {
    // The removed row had the focus, so keys continue in the log.
    if (this.#hadFocus && !this.#hasFocus) this.scroller.focus({ preventScroll: true });
    this.#isSettled = false;
    this.#sizes.unobserve(this.content);
    this.#sizes.observe(this.content);
    void messagesDrawn(this.content).then(() => this.#layOut());
  }

  get #hasFocus(): boolean {
    return this.shadowRoot?.activeElement != null;
  }

  /** The room has no messages yet. A loaded part that does not reach the beginning proves nothing. */
  get #isSilent(): boolean {
    const hasMessages = this.rows.some(({ kind }) => kind === 'message' || kind === 'outgoing');
    return !hasMessages && (this.isCatchingUp || this.above === 'end');
  }

  /**
   * Computes the layout in the task that drew the rows, because the next key or frame would have to wait for it.
   * At the newest it scrolls too, because a scroll within a frame costs another frame. Further up the person may be
   * scrolling, so the next frame settles the position.
   */
  #layOut(): void {
    if (this.#isAtNewest) this.#restoreScroll();
    else this.#noteShorter();
  }

  /** Where the rows became fewer, the browser moves the log to its new end. That is no scroll of the person. */
  #noteShorter(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (scrollTop < this.#top && scrollHeight - scrollTop - clientHeight < 1) this.#top = scrollTop;
  }

  #onSizesChange(): void {
    const { scrollHeight, clientHeight } = this.scroller;
    const isSame = scrollHeight === this.#contentHeight && clientHeight === this.#height;
    if (!this.#isSettled || !isSame) this.#restoreScroll();
  }

  /** Keeps the message that is read in its place after each change of size. */
  #restoreScroll(): void {
    if (this.#pendingTarget !== undefined) this.#scrollTo(this.#pendingTarget);
    else if (this.#isAtNewest && this.isLive) this.#scrollToNewest();
    else this.#scrollAnchor.restore();
    this.#top = this.scroller.scrollTop;
    this.#height = this.scroller.clientHeight;
    this.#contentHeight = this.scroller.scrollHeight;
    this.#isSettled = true;
    // The newest is visible too, for example where a filter leaves few messages.
    if (this.#isBeginning && this.#isEnd && this.#contentHeight <= this.#height) this.#follow(true);
    this.#loadAround();
  }

  /** A slow scroll upwards goes on from where it is. Otherwise each message would take back its first steps. */
  #scrollToNewest(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    if (this.#scrollIntent.isScrolling) this.scroller.scrollTop -= this.#below;
  }

  /** The first drawn row is the first loaded one. After a jump to the newest the rows above are drawn step by step. */
  get #isBeginning(): boolean {
    return this.#renderWindow.left.above === 0;
  }

  /** The last drawn row is the newest of the log. */
  get #isEnd(): boolean {
    return this.isLive && this.#renderWindow.left.below === 0;
  }

  #scrollTo(target: Target): void {
    this.#pendingTarget = undefined;
    const row = rowOf(this.content, target.seq);
    if (row === undefined) return;
    const { clientHeight } = this.scroller;
    const offset = target.offset ?? Math.max(0, (clientHeight - row.offsetHeight) / 2);
    this.#scrollAnchor.scrollTo(row, offset);
    // The newest is visible below the row. No scroll need say so, because the log may stand there already.
    const below = this.content.getBoundingClientRect().bottom - row.getBoundingClientRect().top;
    if (this.#isEnd && below - (clientHeight - offset) < NEAR_PX) this.#follow(true);
  }

  #loadAround(): void {
    this.#scrollAnchor.remember();
    emit(this, 'report-place', this.#isAtNewest ? null : readingPlace(this.#scrollAnchor.anchors));
    if (this.isCatchingUp || this.#isSilent) return;
    const isGrowing = loadAround({
      scroller: this.scroller,
      anchor: this.#scrollAnchor,
      window: this.#renderWindow,
      above: this.above,
      below: this.below,
      isAtNewest: this.#isAtNewest,
      load: this.#load,
    });
    if (isGrowing) this.#drawSoon();
  }

  /** A filtered log could load all of the log and show nothing of it, so the menu loads it in steps. */
  readonly #load = (side: Side) => {
    if (this.filter !== undefined) return;
    emit(this, side === 'above' ? 'load-older' : 'load-newer', { again: false });
  };

  /** Draws in a task of its own, because on a slow machine drawing takes as long as the rest of a frame. */
  #drawSoon(): void {
    startTimer(0, () => this.requestUpdate());
  }

  get #newSeqs(): number[] {
    const known = rowIndexOf(this.rows, this.#announcer.newest);
    return this.rows.slice(known + 1).flatMap((row) => (row.kind === 'message' ? row.message.seq : []));
  }

  /** The messages draw themselves before the browser draws the paper, which awaits microtasks alone. */
  readonly #onWindowPrint = ({ type }: Event) => {
    for (const message of this.content.querySelectorAll('chat-message'))
      message.isPrinted = type === 'beforeprint';
  };

  #onScrollerScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // Not a person but a change of size moved the log. #restoreScroll runs before it is painted.
    if (clientHeight !== this.#height || (!this.#isSettled && scrollTop === this.#top)) return;
    const below = scrollHeight - scrollTop - clientHeight;
    const isNear = this.#isEnd && below < NEAR_PX;
    if (this.#scrollIntent.isHolding && !isNear) this.#restoreScroll();
    else this.#onPersonScroll(isNear, below);
  }

  #onPersonScroll(isNear: boolean, below: number): void {
    const { scrollTop } = this.scroller;
    // Only a person scrolls up. New messages that are not followed yet move the end further away too.
    const moved = scrollTop - this.#top;
    const isReturn = isNear && (moved > 0 || !this.#scrollIntent.isLeaving);
    if (moved < 0 ? !isNear : isReturn) this.#follow(isNear);
    this.#top = scrollTop;
    if (moved === 0) return;
    this.#below = moved < 0 && isNear ? below : 0;
    this.#scrollIntent.onScroll();
    if (this.#isSettled) this.#loadAround();
    else this.#scrollAnchor.move(moved);
  }

  #onScrollerKeydown(event: KeyboardEvent): void {
    const { key, altKey } = event;
    if (key === 'Escape') emit(this, 'focus-composer');
    this.#onScrollKey(key, altKey);
    const step = altKey ? STEPS[key] : undefined;
    if (key !== 'End' && step === undefined) return;
    event.preventDefault();
    // The browser's own End stops where the drawn rows end.
    if (step === undefined) this.showNewest(event.timeStamp);
    else walkMessages(this.scroller, step);
  }

  /** Stops following before the first step of the scroll, because a message of a busy room may arrive before it. */
  #onScrollKey(key: string, altKey: boolean): void {
    this.#scrollIntent.release();
    // Where rows above are missing, the log can't scroll yet.
    const isTop = this.#isBeginning && this.scroller.scrollTop === 0;
    if (!UP.includes(key) || altKey || isTop) return;
    this.#follow(false);
    this.#scrollIntent.leave();
  }

  #onScrollerPointerdown(): void {
    this.#scrollIntent.release();
  }

  /** Loads the menu before it is needed. */
  readonly #onScrollerPointerover = {
    once: true,
    handleEvent: () => openPart('message-actions'),
  };

  #onScrollerClick({ target }: Event): void {
    const name = (target as Element).closest('chat-message:not(.mine) .speaker b')?.textContent;
    if (name) emit(this, 'mention', name);
  }

  /** Passive, because the compositor then scrolls without waiting for the page. */
  readonly #onScrollerWheel = {
    passive: true,
    handleEvent: (event: WheelEvent) => this.#scrollIntent.onWheel(event),
  };

  /** The pill disappears. The focus moves to the log, where the pill led. */
  readonly #onPillClick = ({ timeStamp }: Event) => {
    this.showNewest(timeStamp);
    this.scroller.focus();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-log': ChatLog;
  }
}
