import { css, html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { InstallController } from '../install-controller.ts';
import type { Missing } from '../log.ts';
import { NotifyingController } from '../notifying-controller.ts';
import { PreferencesController } from '../preferences-controller.ts';
import { recentSpeakers } from '../recent-speakers.ts';
import { VisitController } from '../visit-controller.ts';
import './chat-composer.ts';
import type { ChatComposer } from './chat-composer.ts';
import './chat-log.ts';
import type { ChatLog } from './chat-log.ts';
import './farewell-panel.ts';
import type { PageEvent } from './page-events.ts';
import { renderSheet } from './render-sheet.ts';
import './room-header.ts';
import './search-panel.ts';
import { sharedStyles } from './shared-styles.ts';
import type { SheetName } from './sheets.ts';
import { showUnread } from './tab-badge.ts';
import './side-sheet.ts';

@customElement('tertulia-app')
export class TertuliaApp extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        height: 100vh;
        height: 100dvh;
      }
      main {
        display: grid;
        min-height: 0;
      }
      chat-log,
      search-panel {
        grid-area: 1 / 1;
      }
      chat-log[inert] {
        visibility: hidden;
      }
    `,
  ];

  readonly #installing = new InstallController(this).installing;
  readonly #choices = new PreferencesController(this).choices;
  readonly #notifying = new NotifyingController(this, this.#choices);
  readonly #visit = new VisitController(this, (...heard) => this.#notifying.hear(...heard)).visit;
  @state() private isSearching = false;
  @state() private isPlaceLost = false;
  @state() private sheet: SheetName | undefined;
  @query('chat-log') private readonly chatLog!: ChatLog;
  @query('chat-composer') private readonly composer!: ChatComposer | null;

  override render() {
    const { presence } = this.#visit;
    return html`
      <room-header
        .presence=${presence}
        .isSearching=${this.isSearching}
        .people=${presence.name === 'here' ? this.#visit.people.count : undefined}
        @leave=${this.#onLeave}
        @open-search=${this.#openSearch}
        @close-search=${this.#closeSearch}
        @open-sheet=${this.#onOpenSheet}
      ></room-header>
      <main>${this.#renderLog()}${this.isSearching ? this.#renderSearch() : nothing}</main>
      ${presence.name === 'left' ? this.#renderFarewell() : this.#renderComposer()}
      ${this.sheet === undefined ? nothing : this.#renderSheet(this.sheet)}
    `;
  }

  #renderLog() {
    const { lines, unread, isCatchingUp, history, mentions } = this.#visit.reading;
    return html`
      <chat-log
        ?inert=${this.isSearching}
        .lines=${lines}
        .unread=${unread}
        .isCatchingUp=${isCatchingUp}
        .isLive=${history.isLive}
        .above=${history.above}
        .below=${history.below}
        .keepsBeginning=${history.keepsBeginning}
        .target=${history.target}
        .mentions=${mentions}
        .holeState=${this.#holeState}
        @at-newest=${this.#onAtNewest}
        @reading=${this.#onReading}
        @look-back=${this.#onLookBack}
        @look-ahead=${this.#onLookAhead}
        @fill-hole=${this.#onFillHole}
        @to-newest=${this.#onToNewest}
        @say-again=${this.#onSayAgain}
        @discard=${this.#onDiscard}
        @to-composer=${this.#onToComposer}
      ></chat-log>
    `;
  }

  #renderSearch() {
    const { query, answered, state, results, hasMore } = this.#visit.reading.search;
    return html`
      <search-panel
        .query=${query}
        .answered=${answered}
        .state=${state}
        .results=${results}
        .hasMore=${hasMore}
        .isPlaceLost=${this.isPlaceLost}
        @look-for=${this.#onLookFor}
        @more-results=${this.#onMoreResults}
        @search-again=${this.#onSearchAgain}
        @go-to=${this.#onGoTo}
        @close-search=${this.#closeSearch}
      ></search-panel>
    `;
  }

  #renderFarewell() {
    return html`<farewell-panel @come-back=${this.#onComeBack}></farewell-panel>`;
  }

  #renderComposer() {
    return html`
      <chat-composer
        .draft=${this.#visit.draft}
        .nickname=${this.#visit.nickname}
        .maxBytes=${this.#visit.limits?.textBytes}
        .speakers=${this.#speakers}
        @say=${this.#onSay}
        @draft=${this.#onDraft}
        @nickname=${this.#onNickname}
        @leave=${this.#onLeave}
        @open-sheet=${this.#onOpenSheet}
      ></chat-composer>
    `;
  }

  #renderSheet(name: SheetName) {
    return html`
      <side-sheet .name=${name} @close-sheet=${this.#onCloseSheet} @mention=${this.#onMention}>
        ${renderSheet(name, { visit: this.#visit, choices: this.#choices, installing: this.#installing })}
      </side-sheet>
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#windowOnKeydown);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#windowOnKeydown);
  }

  protected override updated(): void {
    showUnread(this.#visit.reading.unread);
  }

  readonly #speakers = () => recentSpeakers(this.#visit.reading.history.items);

  readonly #holeState = (missing: Missing) => this.#visit.reading.history.holeState(missing);

  readonly #windowOnKeydown = (event: KeyboardEvent) => {
    if (!asksForSearch(event)) return;
    event.preventDefault();
    this.#openSearch();
  };

  #onOpenSheet({ detail }: PageEvent<'open-sheet'>): void {
    this.sheet = detail;
    this.#visit.people.watch(detail === 'people');
  }

  #onCloseSheet(): void {
    this.sheet = undefined;
    this.#visit.people.watch(false);
  }

  async #onMention({ detail }: PageEvent<'mention'>): Promise<void> {
    this.#visit.mention(detail);
    this.#onCloseSheet();
    await this.updateComplete;
    this.#onToComposer();
  }

  #openSearch(): void {
    this.isPlaceLost = false;
    this.isSearching = true;
  }

  async #closeSearch(): Promise<void> {
    this.isSearching = false;
    await this.updateComplete;
    this.chatLog.focus();
  }

  #onLookFor({ detail }: PageEvent<'look-for'>): void {
    this.isPlaceLost = false;
    this.#visit.reading.search.lookFor(detail);
  }

  #onMoreResults(): void {
    this.#visit.reading.search.addMore();
  }

  #onSearchAgain(): void {
    this.#visit.reading.search.tryAgain();
  }

  async #onGoTo({ detail }: PageEvent<'go-to'>): Promise<void> {
    this.isPlaceLost = !(await this.#visit.reading.history.goTo({ seq: detail, isFound: true }));
    if (this.isPlaceLost) return;
    this.isSearching = false;
    await this.updateComplete;
    this.chatLog.focus();
  }

  #onReading({ detail }: PageEvent<'reading'>): void {
    this.#visit.reading.readAt(detail ?? undefined);
  }

  #onLookBack({ detail }: PageEvent<'look-back'>): void {
    this.#visit.reading.history.lookBack(detail.again);
  }

  #onLookAhead({ detail }: PageEvent<'look-ahead'>): void {
    this.#visit.reading.history.lookAhead(detail.again);
  }

  #onFillHole({ detail }: PageEvent<'fill-hole'>): void {
    this.#visit.reading.history.fillHole(detail);
  }

  #onToNewest(): void {
    this.#visit.reading.history.showNewest();
  }

  #onSay({ detail }: PageEvent<'say'>): void {
    this.#visit.setDraft(this.#visit.say(detail));
    this.chatLog.showNewest();
    this.requestUpdate();
  }

  #onDraft({ detail }: PageEvent<'draft'>): void {
    this.#visit.setDraft(detail);
  }

  #onNickname({ detail }: PageEvent<'nickname'>): void {
    this.#visit.setNickname(detail);
  }

  #onSayAgain({ detail }: PageEvent<'say-again'>): void {
    this.#visit.sayAgain(detail);
    this.#onToComposer();
  }

  #onDiscard({ detail }: PageEvent<'discard'>): void {
    this.#visit.discard(detail);
    this.#onToComposer();
  }

  #onAtNewest({ detail }: PageEvent<'at-newest'>): void {
    this.#visit.reading.look({ atNewest: detail });
  }

  #onToComposer(): void {
    this.composer?.focusMessage();
  }

  #onLeave(): void {
    this.#visit.leave();
  }

  #onComeBack(): void {
    this.#visit.enter();
  }
}

/** `/` as long as nothing is being written, and Ctrl+K: what the browser finds by itself stays its own. */
function asksForSearch(event: KeyboardEvent): boolean {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (altKey || event.defaultPrevented) return false;
  if (ctrlKey || metaKey) return key.toLowerCase() === 'k';
  const [target] = event.composedPath();
  return key === '/' && !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement);
}

declare global {
  interface HTMLElementTagNameMap {
    'tertulia-app': TertuliaApp;
  }
}
