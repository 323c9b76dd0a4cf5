import { html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { ConnectionStatus } from '../client/connection-status.ts';
import { openPart, PartsController, parts } from '../parts/parts.ts';
import type { Missing } from '../timeline/log-segment.ts';
import { recentSpeakers } from '../timeline/recent-speakers.ts';
import { takePartToOpen, token } from '../ui/browser-effects.ts';
import { appStyles } from './app-styles.ts';
import { ClientController } from './client-controller.ts';
import { InstallController } from './install-controller.ts';
import { NotifierController } from './notifier-controller.ts';
import { PreferencesController } from './preferences-controller.ts';
import { isSearchShortcut, isTypedOutside } from './search-shortcut.ts';
import '../composer/chat-composer.ts';
import type { ChatComposer } from '../composer/chat-composer.ts';
import { hasFiles } from '../composer/text-area.ts';
import '../log-view/chat-log.ts';
import type { ChatLog } from '../log-view/chat-log.ts';
import { renderPart, renderReload } from '../parts/render-part.ts';
import type { PageEvent, SheetName } from '../ui/events.ts';
import './room-header.ts';
import { t } from '../ui/i18n.ts';
import { seesTcp } from '../ui/see-tcp.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { showUnread } from './tab-badge.ts';

@customElement('tertulia-app')
export class TertuliaApp extends LitElement {
  static override styles = [sharedStyles, appStyles];

  readonly #install = new InstallController(this).install;
  readonly #preferences = new PreferencesController(this).store;
  readonly #notifier = new NotifierController(this, this.#preferences);
  readonly #client = new ClientController(this, (...arrival) => this.#notifier.onMessage(...arrival)).client;
  @state() private isSearching = false;
  @state() private isPlaceLost = false;
  @state() private sheet: SheetName | undefined;
  /** Counts openings. Each has its own sheet, because a closed dialog reports its end late. */
  @state() private openings = 0;
  @query('chat-log') private readonly chatLog!: ChatLog;
  @query('chat-composer') private readonly composer!: ChatComposer | null;
  /** The element that gets the focus when the search is closed. */
  #searchedFrom: HTMLElement | undefined;
  /** The gateway may have been upgraded. A session that resumes proves that it was not. */
  #isBuildInDoubt = false;
  #session: string | undefined;
  #wiring = new AbortController();
  /** The people fit beside the conversation. */
  readonly #wideScreen = matchMedia('(min-width: 75rem)');

  constructor() {
    super();
    new PartsController(this);
  }

  override render() {
    const { status } = this.#client;
    return html`
      <room-header
        .status=${status}
        .isRateLimited=${this.#client.timeline.isRateLimited}
        .isMuted=${this.#client.muted !== undefined}
        .isSearching=${this.isSearching}
        .name=${this.#client.moderation?.title}
        .sheets=${this.#sheets}
        .isDocked=${this.#mayDock ? this.#isDocked : undefined}
        .people=${status.name === 'here' ? this.#client.people.count : undefined}
        @leave=${this.#onLeave}
        @open-search=${this.#openSearch}
        @close-search=${this.#closeSearch}
        @open-sheet=${this.#onOpenSheet}
      ></room-header>
      <div class="reload" aria-live="polite">${renderReload()}${this.#renderBoard()}${this.#renderOpening()}${this.#renderCard()}</div>
      <p class="printed">${t.printed}</p>
      <main>${this.#renderLog()}${this.#renderOverLog()}</main>
      ${seesTcp && !this.#isLocked ? renderPart('see-tcp', () => html`<see-tcp .you=${status.name === 'here' ? status.you : ''}></see-tcp>`) : nothing}
      ${this.#renderFoot(status)}
      ${this.#isDocked ? this.#renderDock() : nothing}
      ${this.sheet === undefined ? nothing : keyed(this.openings, this.#renderSheet(this.sheet))}
    `;
  }

  /** Sheets of the menu. */
  get #sheets(): SheetName[] {
    const { isHost, hasLab } = this.#client;
    const ofHosts: SheetName[] = hasLab ? ['host', 'lab'] : ['host'];
    if (this.#isLocked) return ['settings', 'help'];
    return ['settings', 'help', ...(isHost === undefined ? [] : ofHosts), 'download'];
  }

  /** Shows a pinned line, and why the page may not send. Most rooms have neither. */
  #renderBoard() {
    const { moderation, muted } = this.#client;
    if (!moderation || !this.#hasBoard) return nothing;
    return html`<room-board .pinned=${moderation.pinned} .muted=${muted} .hasPaused=${this.#hasPaused}></room-board>`;
  }

  #renderCard() {
    return this.#isNewcomer && parts.stateOf('newcomer') === 'loaded'
      ? html`<newcomer-card @set-preferences=${this.#onDismissCard}></newcomer-card>`
      : nothing;
  }

  #renderLog() {
    const { rows, unread, isCatchingUp, history, mentions } = this.#client.timeline;
    return html`
      <chat-log
        ?inert=${this.#isSearchShown || this.#isLocked}
        .rows=${rows}
        .unread=${unread}
        .isCatchingUp=${isCatchingUp}
        .isLive=${history.isLive}
        .above=${history.above}
        .below=${history.below}
        .keepsBeginning=${history.keepsBeginning}
        .target=${history.target}
        .mentions=${mentions}
        .missingState=${this.#missingState}
        .isHost=${this.#client.isHost === true}
        @report-at-newest=${this.#onReportAtNewest}
        @report-place=${this.#onReportPlace}
        @load-older=${this.#onLoadOlder}
        @load-newer=${this.#onLoadNewer}
        @load-missing=${this.#onLoadMissing}
        @report-filter=${this.#onReportFilter}
        @go-to-newest=${this.#onGoToNewest}
        @send-again=${this.#onSendAgain}
        @discard=${this.#onDiscard}
        @focus-composer=${this.#onFocusComposer}
        @mention=${this.#onMention}
        @quote=${this.#onQuote}
        @go-to-message=${this.#onGoToMessage}
        @host-act=${this.#onHostAct}
      ></chat-log>
    `;
  }

  #renderOverLog() {
    if (this.#isLocked) {
      return renderPart('login', () => this.#renderLogin());
    }
    return this.#isSearchShown ? renderPart('search', () => this.#renderSearch()) : nothing;
  }

  #renderLogin() {
    return html`<login-panel .state=${this.#client.login.state} .remembers=${token.isPersistent} @enter-code=${this.#onEnterCode}></login-panel>`;
  }

  #renderSearch() {
    const { query, answeredQuery, state, results, hasMore, isComplete } = this.#client.timeline.search;
    return html`
      <search-panel
        .query=${query}
        .answered=${answeredQuery}
        .state=${state}
        .results=${results}
        .hasMore=${hasMore}
        .isPartial=${!isComplete}
        .isPlaceLost=${this.isPlaceLost}
        @search-messages=${this.#onSearchMessages}
        @load-results=${this.#onLoadResults}
        @retry-search=${this.#onRetrySearch}
        @go-to-message=${this.#onGoToMessage}
        @close-search=${this.#closeSearch}
      ></search-panel>
    `;
  }

  #renderFoot({ name }: ConnectionStatus) {
    if (name === 'locked') return nothing;
    if (name !== 'left') return this.#renderComposer();
    return parts.stateOf('controls') === 'failed'
      ? html`<button class="primary" @click=${this.#onRejoin}>${t.rejoin}</button>`
      : html`<farewell-panel @rejoin=${this.#onRejoin}></farewell-panel>`;
  }

  #renderComposer() {
    return html`
      <chat-composer
        .draft=${this.#client.draft}
        .nickname=${this.#client.nickname}
        .maxBytes=${this.#client.limits?.textBytes}
        .speakers=${this.#speakers}
        .muted=${this.#client.muted}
        @send=${this.#onSend}
        @set-draft=${this.#onSetDraft}
        @set-nickname=${this.#onSetNickname}
        @leave=${this.#onLeave}
        @open-sheet=${this.#onOpenSheet}
      ></chat-composer>
    `;
  }

  /** Shows that the sheet still loads, or can't be loaded. */
  #renderOpening() {
    return this.sheet === undefined ? nothing : renderPart('controls', () => nothing);
  }

  #renderDock() {
    return html`
      <side-sheet
        class="dock"
        .name=${'people' as const}
        .isDocked=${true}
        .context=${this.#sheetContext(true)}
        @close-sheet=${this.#onCloseDock}
        @mention=${this.#onMention}
      ></side-sheet>
    `;
  }

  /** A new object each time, so that the sheet is drawn again. */
  #sheetContext(isDocked: boolean) {
    return { client: this.#client, preferences: this.#preferences, install: this.#install, isDocked };
  }

  #renderSheet(name: SheetName) {
    return html`
      <side-sheet
        .name=${name}
        .context=${this.#sheetContext(false)}
        @close-sheet=${this.#onCloseSheet}
        @mention=${this.#onMention}
      ></side-sheet>
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#wiring = new AbortController();
    const { signal } = this.#wiring;
    addEventListener('keydown', this.#onWindowKeydown, { signal });
    this.#wideScreen.addEventListener('change', () => this.requestUpdate(), { signal });
    addEventListener('dragover', this.#onWindowDrag, { signal });
    addEventListener('drop', this.#onWindowDrag, { signal });
    this.#reopen(takePartToOpen());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
  }

  protected override updated(): void {
    // Most rooms ask for no passphrase.
    if (this.#isLocked && parts.stateOf('login') === 'absent') openPart('login');
    // The gateway counts the people a moment after a page has joined, so the first load is over.
    const isLoaded = this.#client.people.count !== undefined || this.#client.status.name === 'left';
    if (isLoaded && parts.stateOf('controls') === 'absent') openPart('controls');
    if (seesTcp && parts.stateOf('see-tcp') === 'absent') openPart('see-tcp');
    this.#checkBuild();
    this.#listPeople();
    if (this.#hasBoard && parts.stateOf('board') === 'absent') openPart('board');
    if (isLoaded && this.#isNewcomer && parts.stateOf('newcomer') === 'absent') openPart('newcomer');
    showUnread(this.#client.timeline.unread, this.#client.moderation?.title);
  }

  /** The list of people is fetched while it is visible. */
  #listPeople(): void {
    this.#client.people.setOpen(this.#isDocked || this.sheet === 'people' || this.sheet === 'host');
    if (this.#isDocked && parts.stateOf('people') === 'absent') openPart('people');
  }

  get #mayDock(): boolean {
    return this.#wideScreen.matches && !this.#isLocked;
  }

  get #isDocked(): boolean {
    return this.#mayDock && this.#preferences.preferences.dock === 'open';
  }

  get #hasBoard(): boolean {
    const { moderation, muted } = this.#client;
    return !this.#isLocked && (muted !== undefined || this.#hasPaused || !!moderation?.pinned);
  }

  get #hasPaused(): boolean {
    const { isHost, moderation } = this.#client;
    return isHost === true && moderation?.paused === true;
  }

  /** In a silent room the log itself says what to do. */
  get #isNewcomer(): boolean {
    if (this.#preferences.preferences.card !== 'open') return false;
    const { status, timeline } = this.#client;
    return status.name === 'here' && timeline.rows.some(({ kind }) => kind === 'message');
  }

  get #isLocked(): boolean {
    return this.#client.status.name === 'locked';
  }

  /** The log stays visible until the search is loaded or has failed. */
  get #isSearchShown(): boolean {
    return this.isSearching && parts.stateOf('search') !== 'loading';
  }

  /** Checks for another build when a new session follows an outage, because an upgrade ends all sessions. */
  #checkBuild(): void {
    const { status, session } = this.#client;
    if (status.name === 'offline') this.#isBuildInDoubt = true;
    if (session === this.#session) return;
    if (this.#isBuildInDoubt) void parts.checkBuild();
    this.#isBuildInDoubt = false;
    this.#session = session;
  }

  readonly #speakers = () => recentSpeakers(this.#client.timeline.history.items);

  readonly #missingState = (missing: Missing) => this.#client.timeline.history.missingState(missing);

  readonly #onWindowKeydown = (event: KeyboardEvent) => {
    if (this.#isLocked) return;
    if (isSearchShortcut(event)) {
      event.preventDefault();
      this.#openSearch();
    } else if (!this.isSearching && this.sheet === undefined && isTypedOutside(event))
      this.#onFocusComposer();
  };

  /** Without this the browser would open a dropped file in place of the page. */
  readonly #onWindowDrag = (event: DragEvent) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (event.type === 'drop') this.composer?.refuseFiles();
  };

  #onOpenSheet({ detail }: PageEvent<'open-sheet'>): void {
    if (detail === 'people' && this.#isDocked) this.#preferences.set({ dock: 'closed' });
    else this.#openSheet(detail);
  }

  #openSheet(sheet: SheetName): void {
    openPart('controls');
    openPart(sheet);
    if (sheet === 'people' && this.#mayDock) {
      this.#preferences.set({ dock: 'open' });
      return;
    }
    this.openings++;
    this.sheet = sheet;
  }

  #onCloseSheet(): void {
    this.sheet = undefined;
  }

  /** The button that had the focus is gone. */
  #onCloseDock(): void {
    this.#preferences.set({ dock: 'closed' });
    this.#onFocusComposer();
  }

  /** The button that had the focus is gone. */
  #onDismissCard(): void {
    this.#preferences.set({ card: 'dismissed' });
    this.#onFocusComposer();
  }

  async #onMention({ detail }: PageEvent<'mention'>): Promise<void> {
    this.#client.mention(detail);
    this.#onCloseSheet();
    await this.#focusDraft();
  }

  async #onQuote({ detail }: PageEvent<'quote'>): Promise<void> {
    this.#client.quote(detail);
    await this.#focusDraft();
  }

  /** Draws the changed draft at once, because the rate limit of drawings would hold it back and move the caret later. */
  async #focusDraft(): Promise<void> {
    this.requestUpdate();
    await this.updateComplete;
    this.#onFocusComposer();
  }

  #onHostAct({ detail }: PageEvent<'host-act'>): void {
    this.#client.act(detail);
  }

  #openSearch(): void {
    this.isPlaceLost = false;
    if (!this.isSearching) this.#searchedFrom = deepActiveElement();
    openPart('search');
    this.isSearching = true;
  }

  #reopen(opened: string | null): void {
    if (opened === 'search') this.#openSearch();
    else if (isSheet(opened)) this.#openSheet(opened);
  }

  async #closeSearch(): Promise<void> {
    this.isSearching = false;
    await this.updateComplete;
    // The message or the composer that had the focus may be removed by now.
    const back = this.#searchedFrom?.isConnected ? this.#searchedFrom : this.chatLog;
    back.focus();
  }

  #onSearchMessages({ detail }: PageEvent<'search-messages'>): void {
    this.isPlaceLost = false;
    this.#client.timeline.search.setQuery(detail);
  }

  #onLoadResults(): void {
    this.#client.timeline.search.loadMore();
  }

  #onRetrySearch(): void {
    this.#client.timeline.search.retry();
  }

  async #onGoToMessage({ detail }: PageEvent<'go-to-message'>): Promise<void> {
    this.isPlaceLost = !(await this.#client.timeline.history.goTo({ seq: detail, isFound: true }));
    if (this.isPlaceLost) return;
    this.isSearching = false;
    await this.updateComplete;
    this.chatLog.focus();
  }

  #onReportPlace({ detail }: PageEvent<'report-place'>): void {
    this.#client.timeline.setPlace(detail ?? undefined);
  }

  #onLoadOlder({ detail }: PageEvent<'load-older'>): void {
    this.#client.timeline.history.loadOlder(detail.again);
  }

  #onLoadNewer({ detail }: PageEvent<'load-newer'>): void {
    this.#client.timeline.history.loadNewer(detail.again);
  }

  #onLoadMissing({ detail }: PageEvent<'load-missing'>): void {
    this.#client.timeline.history.loadMissing(detail);
  }

  #onReportFilter({ detail }: PageEvent<'report-filter'>): void {
    this.#client.timeline.history.setFiltered(detail);
  }

  #onGoToNewest(): void {
    this.#client.timeline.history.showNewest();
  }

  #onSend({ detail }: PageEvent<'send'>): void {
    if (this.#preferences.preferences.card === 'open') this.#preferences.set({ card: 'dismissed' });
    this.#client.setDraft(this.#client.send(detail));
    this.chatLog.showNewest();
  }

  #onSetDraft({ detail }: PageEvent<'set-draft'>): void {
    this.#client.setDraft(detail);
  }

  #onSetNickname({ detail }: PageEvent<'set-nickname'>): void {
    this.#client.setNickname(detail);
  }

  #onSendAgain({ detail }: PageEvent<'send-again'>): void {
    this.#client.sendAgain(detail);
    this.#onFocusComposer();
  }

  #onDiscard({ detail }: PageEvent<'discard'>): void {
    this.#client.discard(detail);
    this.#onFocusComposer();
  }

  #onReportAtNewest({ detail }: PageEvent<'report-at-newest'>): void {
    this.#client.timeline.setVisibility({ atNewest: detail });
  }

  #onFocusComposer(): void {
    this.composer?.focusMessage();
  }

  #onLeave(): void {
    this.#client.leave();
  }

  #onEnterCode({ detail }: PageEvent<'enter-code'>): void {
    this.#client.login.submit(detail);
  }

  #onRejoin(): void {
    this.#client.join();
  }
}

/** Returns the element that has the focus, also inside shadow roots. */
function deepActiveElement(): HTMLElement | undefined {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && element !== document.body ? element : undefined;
}

function isSheet(name: string | null): name is SheetName {
  return name !== null && name in t.sheets;
}

declare global {
  interface HTMLElementTagNameMap {
    'tertulia-app': TertuliaApp;
  }
}
