import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Invitation } from '../../gateway/protocol.ts';
import { PreferencesController } from '../app/preferences-controller.ts';
import { addressesFor, addressOf, fetchInvitation } from '../client/invitation.ts';
import { parts } from '../parts/parts.ts';
import type { Row } from '../timeline/rows.ts';
import { fetchJson, reload } from '../ui/browser-effects.ts';
import type { ProjectorStatus } from './projector.ts';
import { ProjectorController } from './projector-controller.ts';
import '../log-view/chat-log.ts';
import '../sheets/qr-code.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Shows the log and the invitation on a large screen. It has no controls, because people write from their phones. */
@customElement('projector-view')
export class ProjectorView extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        height: 100vh;
        height: 100dvh;
      }
      main {
        display: grid;
        min-height: 0;
      }
      aside {
        display: flex;
        flex-direction: column;
        gap: var(--space-3);
        width: 11.5rem;
        padding: var(--space-4);
        border-inline-start: 1px solid var(--line);
        background: var(--table);
        overflow: hidden auto;
      }
      h1 {
        margin: 0;
        font: 600 var(--text-title) / 1.2 var(--font-display);
        letter-spacing: -0.01em;
      }
      p {
        margin: 0;
        line-height: 1.3;
        overflow-wrap: anywhere;
      }
      .locked {
        margin: auto;
        padding: var(--edge);
        max-width: 30ch;
        text-align: center;
        text-wrap: balance;
      }
      .soft {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      .address {
        color: var(--accent);
        font-weight: 600;
      }
      [role="status"] {
        margin-top: auto;
        color: var(--warn);
        font-weight: 600;
      }
      @media (max-aspect-ratio: 1) {
        :host {
          grid-template-rows: minmax(0, 1fr) auto;
          grid-template-columns: minmax(0, 1fr);
        }
        aside {
          flex-flow: row wrap;
          align-items: center;
          width: auto;
          border-inline-start: 0;
          border-block-start: 1px solid var(--line);
        }
        qr-code {
          width: 6rem;
        }
      }
    `,
  ];

  readonly #projector = new ProjectorController(this).projector;
  /** The gateway was unreachable, perhaps for an upgrade. */
  #isBuildInDoubt = false;
  @state() private invitation: Invitation | undefined;

  constructor() {
    super();
    new PreferencesController(this);
  }

  override render() {
    const { rows, status } = this.#projector;
    return html`
      <main>${status === 'locked' ? html`<p class="locked">${lazyStrings().projector.locked}</p>` : this.#renderLog(rows)}</main>
      <aside>
        <h1>Tertulia</h1>
        ${this.invitation === undefined ? nothing : this.#renderInvitation(this.invitation)}
        <p role="status">${describe(status)}</p>
      </aside>
    `;
  }

  #renderLog(rows: readonly Row[]) {
    const isOpening = this.#projector.status === 'opening';
    return html`<chat-log .rows=${rows} .isCatchingUp=${isOpening} above=${rows.length > 0 ? 'more' : 'end'}></chat-log>`;
  }

  #renderInvitation(invitation: Invitation) {
    const page = new URL(location.href);
    const [url = addressOf(page)] = addressesFor(invitation, page);
    const { host, hostname, pathname } = new URL(url);
    return html`
      <qr-code .text=${url}></qr-code>
      <p><span class="soft">${lazyStrings().projector.browser}</span><br /><span class="address">${breakable(host)}${pathname === '/' ? nothing : pathname}</span></p>
      <p>
        <span class="soft">${lazyStrings().projector.terminal}</span><br />
        <span class="mono">nc ${invitation.room.host ?? hostname} ${invitation.room.port}</span>
      </p>
    `;
  }

  /** Loads the invitation after each outage, because the gateway's address may have changed. */
  protected override updated(): void {
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

/** Lets a long address break before its port, and not within a number. */
function breakable(host: string) {
  return host.split(/(?=:\d+$)/).map((part) => html`${part}<wbr />`);
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

declare global {
  interface HTMLElementTagNameMap {
    'projector-view': ProjectorView;
  }
}
