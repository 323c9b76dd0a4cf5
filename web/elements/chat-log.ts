import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import { Announcer } from '../announcer.ts';
import { wait } from '../browser.ts';
import { DrawnLines } from '../drawn-lines.ts';
import type { Edge, HoleState, Target } from '../history.ts';
import type { Line } from '../lines.ts';
import type { Missing } from '../log.ts';
import type { Mentions } from '../mentions.ts';
import type { ReadingPlace } from '../tab-memory.ts';
import { avatarStyles } from './avatar.ts';
import { ChatMessage } from './chat-message.ts';
import './log-edge.ts';
import './log-note.ts';
import './missing-note.ts';
import { logStyles } from './log-styles.ts';
import { messageStyles } from './message-styles.ts';
import { tell } from './page-events.ts';
import { ScrollPlace } from './scroll-place.ts';
import { sharedStyles } from './shared-styles.ts';
import { times, words } from './words.ts';

/** Nearer to the end than this is at the end: a finger is not exact, pixels. */
const NEAR = 32;
/** With less than this left to read, more is asked for, screens; who reads the newest needs no more than fits. */
const AHEAD = 1;
const AHEAD_AT_NEWEST = 0.5;

/** A part of what was heard. It stays at the newest, unless somebody reads further up. */
@customElement('chat-log')
export class ChatLog extends LitElement {
  static override styles = [sharedStyles, logStyles, avatarStyles, messageStyles];

  @property({ attribute: false }) lines: readonly Line[] = [];
  @property({ type: Number }) unread = 0;
  @property({ type: Boolean }) isCatchingUp = false;
  /** The lines go on to the newest. */
  @property({ type: Boolean }) isLive = true;
  @property() above: Edge = 'end';
  @property() below: Edge = 'end';
  @property({ type: Boolean }) keepsBeginning = true;
  @property({ attribute: false }) mentions: Mentions | undefined;
  @property({ attribute: false }) target: Target | undefined;
  @property({ attribute: false }) holeState: (missing: Missing) => HoleState = () => 'open';
  @state() private isAtNewest = true;
  @query('.scroller') private readonly scroller!: HTMLElement;
  @query('.lines') private readonly content!: HTMLElement;
  readonly #drawn = new DrawnLines();
  readonly #announcer = new Announcer({
    wait,
    now: () => performance.now(),
    changed: () => this.requestUpdate(),
  });
  /** Newest number that was drawn. */
  #newest = 0;
  #place!: ScrollPlace;
  /** Where the page scrolled to last, and how high it was then. */
  #top = 0;
  #height = 0;
  /** Not yet shown. */
  #wanted: Target | undefined;
  /** Told of every growth before it is painted, whoever causes it: words, a keyboard, a turned phone. */
  readonly #sizes = new ResizeObserver(() => this.#settle());

  override render() {
    const { summary } = this.#announcer;
    return html`
      <div
        class="scroller"
        role="log"
        aria-label=${words.log}
        aria-live=${this.isAtNewest && !this.#announcer.isBurst ? 'polite' : 'off'}
        aria-busy=${this.isCatchingUp}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        tabindex="0"
        @scroll=${this.#scrollerOnScroll}
        @keydown=${this.#scrollerOnKeydown}
      >
        <div class="lines">
          ${this.#renderLines()}${this.#renderBelow()}
        </div>
      </div>
      <p class="aloud" aria-live="polite">${summary > 0 ? words.newMessages(summary) : nothing}</p>
      ${this.isAtNewest ? nothing : this.#renderPill()}
    `;
  }

  #renderAbove() {
    const edge = this.#drawn.isCut ? 'more' : this.above;
    return html`<log-edge side="above" .edge=${edge} .keepsBeginning=${this.keepsBeginning}></log-edge>`;
  }

  #renderBelow() {
    return this.isLive ? nothing : html`<log-edge side="below" .edge=${this.below}></log-edge>`;
  }

  #renderLines() {
    const drawn = this.#drawn.cut(this.lines, this.isAtNewest && this.isLive);
    const rows = repeat(
      drawn,
      (line) => line.key,
      (line) => this.#renderLine(line),
    );
    return html`${this.#isSilent ? this.#renderEmpty() : this.#renderAbove()}${rows}`;
  }

  #renderLine(line: Line) {
    switch (line.kind) {
      case 'day':
        return html`<p class="day">${guard([line.at, times], () => times.day(line.at))}</p>`;
      case 'unread':
        return html`<p class="unread">${words.unreadFromHere}</p>`;
      case 'message':
        return html`
          <chat-message data-holds .mentions=${this.mentions} .speech=${line.message} .leads=${line.leads} .isFound=${this.#isFound(line)}></chat-message>
        `;
      case 'say':
        return html`<chat-message data-holds .speech=${line.say} .leads=${line.leads}></chat-message>`;
      case 'missing':
        return html`
          <missing-note .missing=${line.missing} .state=${this.holeState(line.missing)}></missing-note>
        `;
      case 'note':
        return html`<log-note data-holds .note=${line.note}></log-note>`;
    }
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
    if (!this.isLive || this.target !== undefined) tell(this, 'to-newest');
    this.#wanted = undefined;
    this.isAtNewest = true;
    this.#settle();
  }

  override focus(): void {
    this.scroller.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('target')) this.#wanted = this.target;
    if (changed.has('lines')) this.#countNews();
    const isElsewhere = (changed.has('isLive') && !this.isLive) || this.#wanted !== undefined;
    if (isElsewhere) this.isAtNewest = false;
    if (this.#wanted !== undefined) this.#drawn.showFrom(this.#lineOf(this.#wanted));
  }

  protected override firstUpdated(): void {
    this.#place = new ScrollPlace(this.scroller, this.content.children);
    this.#sizes.observe(this.scroller);
  }

  /** Observed anew, so that it is told once the lines have their sizes, even if those add up to the same. */
  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('isAtNewest') && changed.get('isAtNewest') !== undefined) {
      tell(this, 'at-newest', this.isAtNewest);
    }
    this.#sizes.unobserve(this.content);
    this.#sizes.observe(this.content);
  }

  /** Nobody has said anything yet; of what is loaded alone that could not be told. */
  get #isSilent(): boolean {
    const hasWords = this.lines.some(({ kind }) => kind === 'message' || kind === 'say');
    return !hasWords && (this.isCatchingUp || this.above === 'end');
  }

  #isFound(line: Line & { kind: 'message' }): boolean {
    return this.target?.isFound === true && line.message.seqs.includes(this.target.seq);
  }

  /** After every change of sizes: what is read stays where it was, and there is more to read beyond it. */
  #settle(): void {
    if (this.#wanted !== undefined) this.#bring(this.#wanted);
    else if (this.isAtNewest) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.#place.restore();
    this.#top = this.scroller.scrollTop;
    this.#height = this.scroller.clientHeight;
    this.#look();
  }

  #bring(target: Target): void {
    this.#wanted = undefined;
    const rows = [...this.content.querySelectorAll('chat-message')];
    const row = rows.findLast(({ seqs: [first = Number.POSITIVE_INFINITY] }) => first <= target.seq);
    const exact = rows.find(({ seqs }) => seqs.includes(target.seq)) ?? row;
    const middle = Math.max(0, (this.scroller.clientHeight - (exact?.offsetHeight ?? 0)) / 2);
    if (exact !== undefined) this.#place.bring(exact, target.offset ?? middle);
  }

  #look(): void {
    this.#place.remember();
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const ahead = (this.isAtNewest ? AHEAD_AT_NEWEST : AHEAD) * clientHeight;
    tell(this, 'reading', this.isAtNewest ? null : this.#reading);
    if (this.isCatchingUp || this.#isSilent) return;
    if (scrollTop < ahead) this.#showAbove();
    const left = scrollHeight - scrollTop - clientHeight;
    if (this.below === 'more' && left < ahead) tell(this, 'look-ahead', { again: false });
  }

  /** What somebody has just said, for who listens to the page. */
  #countNews(): void {
    const seqs = this.lines.map((line) => (line.kind === 'message' ? line.message.seq : 0));
    const news =
      this.#newest === 0 || this.isCatchingUp ? 0 : seqs.filter((seq) => seq > this.#newest).length;
    if (news > 0 && this.isLive) this.#announcer.hear(news);
    this.#newest = Math.max(this.#newest, ...seqs);
  }

  /** What is here is drawn before more is asked for; in a frame of its own, as it may take one. */
  #showAbove(): void {
    if (this.above === 'more' && !this.#drawn.isCut) tell(this, 'look-back', { again: false });
    if (!this.#drawn.isCut || this.#drawn.isGrowing) return;
    this.#drawn.grow();
    requestAnimationFrame(() => this.requestUpdate());
  }

  /** The last that begins before it: what continues a message stands in it. */
  #lineOf({ seq }: Target): Line | undefined {
    return this.lines.findLast((line) => line.kind === 'message' && line.message.seq <= seq);
  }

  get #reading(): ReadingPlace | null {
    for (const { row, offset } of this.#place.holds) {
      const [seq] = row instanceof ChatMessage ? row.seqs : [];
      if (seq !== undefined) return { seq, offset };
    }
    return null;
  }

  #scrollerOnScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // A composer that gives back its lines moves us, not a person; we settle before anything is painted.
    if (clientHeight !== this.#height) return;
    const isNear = this.isLive && scrollHeight - scrollTop - clientHeight < NEAR;
    // Only a person scrolls up. That the end is further away may be words not followed yet.
    if (isNear || scrollTop < this.#top) this.isAtNewest = isNear;
    this.#top = scrollTop;
    this.#look();
  }

  #scrollerOnKeydown(event: KeyboardEvent): void {
    const { key, altKey } = event;
    if (key === 'Escape') tell(this, 'to-composer');
    if (!altKey || (key !== 'ArrowUp' && key !== 'ArrowDown')) return;
    event.preventDefault();
    this.#walk(key === 'ArrowUp' ? -1 : 1);
  }

  /** From message to message, beginning with the last that is seen. */
  #walk(step: -1 | 1): void {
    const rows = [...this.content.querySelectorAll('chat-message')];
    const here = rows.findIndex((row) => row.matches(':focus-within'));
    const end = this.scroller.getBoundingClientRect().bottom;
    const next = here < 0 ? rows.findLast((row) => row.getBoundingClientRect().top < end) : rows[here + step];
    next?.focus();
  }

  /** The pill goes away: the focus stays with what it led to. */
  #pillOnClick(): void {
    this.showNewest();
    this.scroller.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'chat-log': ChatLog;
  }
}
