import { html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ReadingPlace } from '../connection/tab-storage.ts';
import type { Edge, MissingState, Target } from '../timeline/history.ts';
import type { Missing } from '../timeline/log-segment.ts';
import type { Mentions } from '../timeline/mentions.ts';
import { type Row, rowIndexOf, rowOfItem } from '../timeline/rows.ts';
import { avatarStyles } from '../ui/avatar.ts';
import { startTimer } from '../ui/browser-effects.ts';
import { ChatMessage } from './chat-message.ts';
import { LiveAnnouncer } from './live-announcer.ts';
import { DRAWN_STEP, RenderWindow, type Side } from './render-window.ts';
import './log-edge.ts';
import { emit } from '../ui/events.ts';
import { t } from '../ui/i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { logStyles } from './log-styles.ts';
import { messagesDrawn, rowOf, walkMessages } from './message-rows.ts';
import { messageStyles } from './message-styles.ts';
import { renderRow } from './render-row.ts';
import { ScrollAnchor } from './scroll-anchor.ts';
import { ScrollIntent } from './scroll-intent.ts';

/** Nearer to the end than this is at the end: a finger is not exact, pixels. */
const NEAR = 32;
/** With less than this left to read, more is asked for, screens; who reads the newest needs no more than fits. */
const AHEAD = 1;
const AHEAD_AT_NEWEST = 0.5;
/** What is further away is not drawn, screens. */
const FAR = 2;
/** With fewer lines than this left to draw, more are loaded. */
const LOADED_AHEAD = 50;

/** Keys with which a person leaves the newest. */
const UP: readonly string[] = ['ArrowUp', 'PageUp', 'Home'];

/** From message to message, with Alt. */
const STEPS: Record<string, -1 | 1> = { ArrowUp: -1, ArrowDown: 1 };

/** A part of what was heard. It stays at the newest, unless somebody reads further up. */
@customElement('chat-log')
export class ChatLog extends LitElement {
  static override styles = [sharedStyles, logStyles, avatarStyles, messageStyles];

  @property({ attribute: false }) lines: readonly Row[] = [];
  @property({ type: Number }) unread = 0;
  @property({ type: Boolean }) isCatchingUp = false;
  /** The lines go on to the newest. */
  @property({ type: Boolean }) isLive = true;
  @property() above: Edge = 'end';
  @property() below: Edge = 'end';
  @property({ type: Boolean }) keepsBeginning = true;
  @property({ attribute: false }) mentions: Mentions | undefined;
  @property({ attribute: false }) target: Target | undefined;
  @property({ attribute: false }) holeState: (missing: Missing) => MissingState = () => 'open';
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
  /** Where the page scrolled to last, and how high it and its content were then. */
  #top = 0;
  #height = 0;
  #contentHeight = 0;
  /** What was drawn has its sizes, and stands where it should. */
  #isSettled = false;
  #hadFocus = false;
  /** Not yet shown. */
  #wanted: Target | undefined;
  /** Told of every growth before it is painted, whoever causes it: words, a keyboard, a turned phone. */
  readonly #sizes = new ResizeObserver(() => this.#sizesOnChange());

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
        @wheel=${this.#onScrollerWheel}
      >
        <div class="lines">
          ${this.#renderLines()}${this.#renderBelow()}
        </div>
      </div>
      <p class="aloud" aria-live="polite">${summary > 0 ? t.newMessages(summary) : nothing}</p>
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

  #renderLines() {
    const drawn = this.#renderWindow.slice(this.lines, this.#isAtNewest && this.isLive);
    const rows = repeat(
      drawn,
      (line) => line.key,
      (line) => renderRow(line, this),
    );
    return html`${this.#isSilent ? this.#renderEmpty() : this.#renderAbove()}${rows}`;
  }

  /** Goes to the newest message and holds against scrolls that began before `inputAt`, a timestamp. */
  showNewest(inputAt?: number): void {
    this.#scrollIntent.goToNewest(inputAt);
    if (this.#isAtNewest && this.isLive && this.target === undefined) return;
    if (this.isLive && this.#renderWindow.left.below > 0) this.#renderWindow.showNewest();
    // Also where the newest is loaded: what is still being loaded of the past must not take its place.
    emit(this, 'go-to-newest');
    this.#wanted = undefined;
    this.#follow(true);
    this.#restoreScroll();
  }

  #follow(isAtNewest: boolean): void {
    if (isAtNewest === this.#isAtNewest) return;
    this.#isAtNewest = isAtNewest;
    if (!isAtNewest) this.#scrollIntent.release();
    emit(this, 'report-at-newest', isAtNewest);
    // What is being drawn just now has it in it.
    if (!this.isUpdatePending) this.#drawSoon();
  }

  override focus(): void {
    this.scroller.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    this.#hadFocus = this.#hasFocus;
    if (changed.has('target')) this.#wanted = this.target;
    if (changed.has('lines')) this.#announcer.show(this.#newSeqs, this.isLive && !this.isCatchingUp);
    const isElsewhere = (changed.has('isLive') && !this.isLive) || this.#wanted !== undefined;
    if (isElsewhere) this.#follow(false);
    // What was read further up is left: until now it stayed where it was.
    else if (changed.get('isLive') === false && this.#isAtNewest) this.#renderWindow.showNewest();
    if (this.#wanted !== undefined) this.#renderWindow.showFrom(rowOfItem(this.lines, this.#wanted.seq));
  }

  protected override firstUpdated(): void {
    this.#scrollAnchor = new ScrollAnchor(this.scroller, this.content.children);
    this.#sizes.observe(this.scroller);
  }

  /** Observed anew, so that it is told once the lines have their sizes, even if those add up to the same. */
  protected override updated(): void {
    // Keys go on where the line was that had it.
    if (this.#hadFocus && !this.#hasFocus) this.scroller.focus({ preventScroll: true });
    this.#isSettled = false;
    this.#sizes.unobserve(this.content);
    this.#sizes.observe(this.content);
    void messagesDrawn(this.content).then(() => this.#layOut());
  }

  get #hasFocus(): boolean {
    return this.shadowRoot?.activeElement != null;
  }

  /** Nobody has said anything yet; of what is loaded alone that could not be told. */
  get #isSilent(): boolean {
    const hasWords = this.lines.some(({ kind }) => kind === 'message' || kind === 'say');
    return !hasWords && (this.isCatchingUp || this.above === 'end');
  }

  /**
   * In the task that drew it: the next key or frame would have to do it first. At the newest it is scrolled there too,
   * since to scroll in a frame takes another one; who scrolls up is not stopped between two frames.
   */
  #layOut(): void {
    if (this.#isAtNewest) this.#restoreScroll();
    else void this.content.offsetHeight;
  }

  #sizesOnChange(): void {
    const { scrollHeight, clientHeight } = this.scroller;
    const isSame = scrollHeight === this.#contentHeight && clientHeight === this.#height;
    if (!this.#isSettled || !isSame) this.#restoreScroll();
  }

  /** After every change of sizes: what is read stays where it was, and there is more to read beyond it. */
  #restoreScroll(): void {
    if (this.#wanted !== undefined) this.#scrollTo(this.#wanted);
    else if (this.#isAtNewest && this.isLive) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.#scrollAnchor.restore();
    this.#top = this.scroller.scrollTop;
    this.#height = this.scroller.clientHeight;
    this.#contentHeight = this.scroller.scrollHeight;
    this.#isSettled = true;
    this.#loadAround();
  }

  #scrollTo(target: Target): void {
    this.#wanted = undefined;
    const row = rowOf(this.content, target.seq);
    const middle = Math.max(0, (this.scroller.clientHeight - (row?.offsetHeight ?? 0)) / 2);
    if (row !== undefined) this.#scrollAnchor.scrollTo(row, target.offset ?? middle);
  }

  #loadAround(): void {
    this.#scrollAnchor.remember();
    emit(this, 'report-place', this.#isAtNewest ? null : this.#reading);
    if (this.isCatchingUp || this.#isSilent) return;
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const ahead = (this.#isAtNewest ? AHEAD_AT_NEWEST : AHEAD) * clientHeight;
    this.#letGo(FAR * clientHeight);
    if (scrollTop < ahead) this.#showMore('above');
    if (scrollHeight - scrollTop - clientHeight < ahead) this.#showMore('below');
  }

  /** With the next drawing: it costs no one of its own. Who selects a text that long keeps it. */
  #letGo(distance: number): void {
    if (getSelection()?.type === 'Range') return;
    const { above, below } = this.#scrollAnchor.beyond(distance, DRAWN_STEP);
    this.#renderWindow.shrink('above', above);
    this.#renderWindow.shrink('below', below);
  }

  #showMore(side: Side): void {
    const left = this.#renderWindow.left[side];
    if (this[side] === 'more' && left < LOADED_AHEAD)
      emit(this, side === 'above' ? 'load-older' : 'load-newer', { again: false });
    if (left === 0 || this.#renderWindow.isGrowing(side)) return;
    this.#renderWindow.grow(side);
    this.#drawSoon();
  }

  /** A task of its own: drawing takes a slow machine as long as all that a frame does after it. */
  #drawSoon(): void {
    startTimer(0, () => this.requestUpdate());
  }

  get #newSeqs(): number[] {
    const known = rowIndexOf(this.lines, this.#announcer.newest);
    return this.lines.slice(known + 1).flatMap((line) => (line.kind === 'message' ? line.message.seq : []));
  }

  get #reading(): ReadingPlace | null {
    for (const { row, offset } of this.#scrollAnchor.anchors) {
      const [seq] = row instanceof ChatMessage ? row.seqs : [];
      if (seq !== undefined) return { seq, offset };
    }
    return null;
  }

  #onScrollerScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // Lines that come or go, or a composer that gives back its own, move us, not a person; we settle before it is painted.
    if (!this.#isSettled || clientHeight !== this.#height) return;
    const isEnd = this.isLive && this.#renderWindow.left.below === 0;
    const isNear = isEnd && scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#scrollIntent.isHolding && !isNear) this.#restoreScroll();
    else this.#onPersonScroll(isNear);
  }

  #onPersonScroll(isNear: boolean): void {
    const { scrollTop } = this.scroller;
    // Only a person scrolls up. New messages that are not followed yet move the end further away too.
    if (scrollTop < this.#top ? !isNear : isNear && !this.#scrollIntent.isLeaving) this.#follow(isNear);
    const hasMoved = scrollTop !== this.#top;
    this.#top = scrollTop;
    if (hasMoved) this.#loadAround();
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
    if (!UP.includes(key) || altKey || this.scroller.scrollTop === 0) return;
    this.#follow(false);
    this.#scrollIntent.leave();
  }

  #onScrollerPointerdown(): void {
    this.#scrollIntent.release();
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
