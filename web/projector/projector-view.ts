import { html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { hueOf } from '../../common/display/avatar-style.ts';
import type { Invitation, Moderation } from '../../gateway/protocol.ts';
import { PreferencesController } from '../app/preferences-controller.ts';
import { addressesFor, fetchInvitation, isLoopbackUrl, terminalLines } from '../client/invitation.ts';
import { loadLinks, renderMarkup } from '../log-view/render-markup.ts';
import { openPart, PartsController, parts } from '../parts/parts.ts';
import { renderPart } from '../parts/render-part.ts';
import type { Row } from '../timeline/rows.ts';
import { fetchJson, reload } from '../ui/browser-effects.ts';
import type { ProjectorStatus } from './projector.ts';
import { ProjectorController } from './projector-controller.ts';
import { projectorStyles } from './projector-styles.ts';
import '../sheets/qr-code.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { seesTcp, setSeesTcp } from '../ui/see-tcp.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** After this long without a touch the screen returns to the newest message. */
export const RETURN_AFTER_MS = 30_000;
/** Sizes of the text, as factors. */
const ZOOMS = [0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2] as const;
/** Newest rows with a card of See TCP. More than a screen holds; a busy room replaces all rows each second. */
const CARDS_SHOWN = 24;
/** Part of a line below the screen that still counts as the newest, pixels. */
const END_TOLERANCE_PX = 8;

/**
 * Shows the conversation and how to join on a large screen. An empty room fills the wall with the way in. It has no
 * buttons, because people write from their phones: Space freezes, + and - zoom, H hides, T shows See TCP.
 */
@customElement('projector-view')
export class ProjectorView extends LitElement {
  static override styles = [sharedStyles, projectorStyles];

  readonly #projector = new ProjectorController(this).projector;
  readonly #wiring = new AbortController();
  /** The gateway was unreachable, perhaps for an upgrade. */
  #isBuildInDoubt = false;
  /** The newest message is visible, and stays so. */
  #isAtNewest = true;
  /** The last scroll position of the log, pixels. */
  #top = 0;
  /** The last heights of the log and of its content, pixels. */
  #heights = '';
  /** Cards of See TCP make the log longer after their messages are drawn. The QR code and the pinned line make it lower. */
  readonly #sizes = new ResizeObserver(() => this.#onResize());
  #returnTimer: ReturnType<typeof setTimeout> | undefined;
  @state() private invitation: Invitation | undefined;
  @state() private isHidden = false;
  @state() private zoom: number = ZOOMS.indexOf(1);
  @query('[role="log"]') private readonly log!: HTMLElement | null;

  constructor() {
    super();
    new PreferencesController(this);
    new PartsController(this);
    const { signal } = this.#wiring;
    addEventListener('keydown', (event) => this.#onWindowKeydown(event), { signal });
    for (const touch of ['keydown', 'pointerdown', 'wheel', 'touchmove'])
      addEventListener(touch, () => this.#onTouch(), { signal, passive: true });
  }

  protected override willUpdate(): void {
    document.title = this.#projector.moderation?.title || 'Tertulia';
  }

  override render() {
    const { rows, status, moderation } = this.#projector;
    const isEmpty = rows.length === 0;
    this.className = isEmpty ? 'empty' : '';
    return html`
      <header>
        <h1>${moderation?.title || 'Tertulia'}</h1>
        ${moderation ? renderBoard(moderation) : nothing}
        ${this.invitation === undefined ? nothing : this.#renderInvitation(this.invitation)}
        <p class="state"><span>${this.#renderCount()}</span><span role="status">${this.#describe()}</span></p>
      </header>
      <main>${status === 'locked' ? html`<p class="locked">${lazyStrings().projector.locked}</p>` : this.#renderLog(rows)}</main>
      ${seesTcp && status !== 'locked' ? renderPart('see-tcp', () => html`<see-tcp isProjector></see-tcp>`) : nothing}
    `;
  }

  /** The log has a tab stop, so that arrow keys scroll it. */
  #renderLog(rows: readonly Row[]) {
    return html`
      <div
        role="log"
        aria-label=${t.log}
        tabindex="0"
        .style=${`font-size: ${ZOOMS[this.zoom]}em`}
        ?inert=${this.isHidden}
        @scroll=${this.#onLogScroll}
      >
        <div>${repeat(rows, keyOf, (row, index) => (row.kind === 'message' ? this.#renderMessage(row, rows.length - index <= CARDS_SHOWN) : nothing))}</div>
      </div>
    `;
  }

  #renderMessage({ message, leads }: Row & { kind: 'message' }, hasCard: boolean) {
    const { from, nickname, text, forged, taken } = message;
    loadLinks(text)?.then((areFound) => areFound && this.requestUpdate());
    const name = nickname ?? (from || t.somebody);
    return html`
      <article class=${forged ? 'forged' : ''} .style=${`--hue: ${hueOf(nickname, from)}`}>
        <p class="who">${leads || forged ? html`<b class=${nickname === undefined ? 'mono' : ''}><bdi>${forged ? '?' : name}</bdi></b>${taken ? html`<small>${lazyStrings().people.sameName}</small>` : nothing}` : nothing}</p>
        ${renderMarkup(text)}${seesTcp && hasCard ? html`<wire-card .seqs=${message.seqs}></wire-card>` : nothing}
      </article>
    `;
  }

  #renderInvitation(invitation: Invitation) {
    const page = new URL(location.href);
    const [url] = addressesFor(invitation, page);
    const { browser, terminal, onlyHere } = lazyStrings().projector;
    // A code that leads only to this computer would lead everybody else nowhere.
    if (url === undefined || isLoopbackUrl(url)) return html`<p class="only-here">${onlyHere}</p>`;
    const { host, pathname } = new URL(url);
    const command = terminalLines(url, invitation).find(({ program }) => program === 'nc');
    return html`
      <qr-code .text=${url}></qr-code>
      <div class="ways">
        <p><span class="soft">${browser}</span> ${renderWay(pathname === '/' ? host : host + pathname, 'address')}</p>
        ${command === undefined ? nothing : html`<p><span class="soft">${terminal}</span> ${renderWay(command.line, 'mono')}</p>`}
      </div>
    `;
  }

  #renderCount() {
    const { people, status } = this.#projector;
    return !people || status !== 'live' ? nothing : lazyStrings().projector.here(people);
  }

  #describe(): string {
    const { status, isFrozen, newMessages } = this.#projector;
    if (status === 'live' && this.isHidden) return lazyStrings().projector.hidden;
    return status === 'live' && isFrozen ? lazyStrings().projector.frozen(newMessages) : describe(status);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#wiring.abort();
    this.#sizes.disconnect();
    clearTimeout(this.#returnTimer);
  }

  #onWindowKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ') this.#projector.toggleFreeze();
    else if (event.key === '+') this.zoom = Math.min(this.zoom + 1, ZOOMS.length - 1);
    else if (event.key === '-') this.zoom = Math.max(this.zoom - 1, 0);
    else if (event.key.toLowerCase() === 'h') this.isHidden = !this.isHidden;
    else if (event.key.toLowerCase() === 't') this.#toggleTcp();
    else return;
    event.preventDefault();
  }

  #toggleTcp(): void {
    setSeesTcp(!seesTcp);
    this.requestUpdate();
  }

  #onTouch(): void {
    clearTimeout(this.#returnTimer);
    this.#returnTimer = setTimeout(() => {
      this.#returnTimer = undefined;
      this.#showNewest();
    }, RETURN_AFTER_MS);
  }

  #onResize(): void {
    if (this.log) this.#heights = heightsOf(this.log);
    if (this.#isAtNewest) this.#showNewest();
  }

  /** Only a person scrolls away. A log whose heights change moves its end by itself, before it is followed. */
  #onLogScroll(): void {
    const { log } = this;
    if (!log) return;
    const isNear = log.scrollHeight - log.scrollTop - log.clientHeight < END_TOLERANCE_PX;
    const isByPerson =
      this.#returnTimer !== undefined && log.scrollTop < this.#top && heightsOf(log) === this.#heights;
    if (isNear || isByPerson) this.#isAtNewest = isNear;
    this.#top = log.scrollTop;
    // At the newest the browser would count removed cards as a scroll upwards.
    log.style.overflowAnchor = this.#isAtNewest ? 'none' : 'auto';
  }

  #showNewest(): void {
    this.#isAtNewest = true;
    this.log?.scrollTo(0, this.log.scrollHeight);
  }

  /** Loads the invitation after each outage, because the gateway's address may have changed. */
  protected override updated(): void {
    if (seesTcp && parts.stateOf('see-tcp') === 'absent') openPart('see-tcp');
    for (const box of [this.log, this.log?.firstElementChild]) if (box) this.#sizes.observe(box);
    if (this.#isAtNewest) this.#showNewest();
    const { status } = this.#projector;
    if (status === 'offline' || status === 'locked') this.invitation = undefined;
    else if (this.invitation === undefined && status !== 'opening') void this.#load();
    if (status === 'offline') this.#isBuildInDoubt = true;
    else if (this.#isBuildInDoubt) void this.#reloadForNewBuild();
  }

  /** Reloads by itself, because nobody can press a button here. */
  async #reloadForNewBuild(): Promise<void> {
    this.#isBuildInDoubt = false;
    await parts.checkBuild();
    if (parts.pageState === 'outdated') reload();
  }

  async #load(): Promise<void> {
    this.invitation = await fetchInvitation(fetchJson).catch(() => undefined);
  }
}

function keyOf({ key }: Row): string {
  return key;
}

function heightsOf({ clientHeight, scrollHeight }: HTMLElement): string {
  return `${clientHeight} of ${scrollHeight}`;
}

/** Draws an address or a command. Where it is too long for a line, it breaks between the parts of the address alone. */
function renderWay(way: string, kind: string) {
  const parts = way.split(/(?=[.:/])/);
  // A browser breaks after a hyphen too, unless a number follows.
  const words = way.split(/(?=[.:/])| |-(?!\d)/);
  const longest = words.reduce((most, { length }) => Math.max(most, length), 0);
  return html`<span class="way ${kind}" .style=${`--letters: ${way.length}; --part: ${longest + 1}`}>${parts.map((part) => html`${part}<wbr />`)}</span>`;
}

function describe(status: ProjectorStatus): string {
  switch (status) {
    case 'opening':
      return t.loading;
    case 'live':
      return '';
    case 'roomless':
      return t.roomless;
    case 'offline':
      return lazyStrings().projector.offline;
    case 'locked':
      return t.locked;
  }
}

/** Shows the line that a host has pinned, and that a host asks to listen. */
function renderBoard({ pinned, paused }: Moderation) {
  const { host, projector } = lazyStrings();
  if (pinned === '' && !paused) return nothing;
  return html`
    <p class="board">
      ${paused ? html`<strong>${projector.paused}</strong>` : nothing}
      ${pinned === '' ? nothing : html`<span><b>${host.pinned}</b> <bdi>${pinned}</bdi></span>`}
    </p>
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'projector-view': ProjectorView;
  }
}
