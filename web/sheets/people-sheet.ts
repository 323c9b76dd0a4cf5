import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { BrowserHere, PeopleHere, TerminalHeard } from '../../gateway/protocol.ts';
import type { ConnectionStatus } from '../client/connection-status.ts';
import './copy-line.ts';
import { emit } from '../ui/events.ts';
import './person-row.ts';
import { MINUTE_MS } from '../ui/date-format.ts';
import { dates, t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Lists the people of the room: oneself, browsers and recent terminals. A click on a row mentions the person. */
@customElement('people-sheet')
export class PeopleSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
      }
      p {
        margin: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      .old {
        color: var(--warn);
      }
      h3 {
        margin: var(--space-4) 0 0;
        font: 600 1rem / 1.4 var(--font);
      }
      section {
        display: grid;
        gap: var(--space-1);
        padding-bottom: var(--space-4);
        border-bottom: 1px solid var(--line);
      }
      section p {
        color: var(--ink);
        font-size: 1rem;
        overflow-wrap: anywhere;
      }
      b {
        color: var(--accent);
      }
      ul {
        margin: 0 calc(-1 * var(--space-2));
        padding: 0;
        list-style: none;
      }
    `,
  ];

  /** Answer of the gateway; undefined before the first one. */
  @property({ attribute: false }) here: PeopleHere | undefined;
  @property({ type: Boolean }) hasFailed = false;
  @property({ attribute: false }) status!: ConnectionStatus;
  /** Own id, which is not listed among the others. */
  @property() me = '';
  @property() nickname = '';
  /** Current time, ms since 1970. */
  @property({ type: Number }) now = 0;

  override render() {
    return html`${this.#renderSelf()} ${this.#renderState()} ${this.here ? this.#renderHere(this.here) : nothing}`;
  }

  #renderSelf() {
    const { status, nickname } = this;
    return html`
      <section>
        <p><b>${t.you}</b> ${nickname === '' ? nothing : html`<bdi>${nickname}</bdi>`}</p>
        ${
          status.name === 'here'
            ? html`<copy-line .name=${lazyStrings().people.yourAddress} .line=${status.you}></copy-line>`
            : nothing
        }
      </section>
    `;
  }

  #renderState() {
    if (this.#isOffline && this.here)
      return html`<p class="old" role="status">${lazyStrings().people.old}</p>`;
    if (this.hasFailed) return this.#renderFailure();
    return this.here ? nothing : html`<p role="status">${t.loading}</p>`;
  }

  #renderFailure() {
    return html`
      <p class="old" role="alert">${lazyStrings().people.failed}</p>
      <button @click=${() => emit(this, 'reload-people')}>${t.tryAgain}</button>
    `;
  }

  #renderHere({ browsers, terminals, count }: PeopleHere) {
    const others = browsers.filter(({ id }) => id !== this.me);
    const more = count - browsers.length - terminals.length;
    return html`
      ${this.#mayMention && others.length + terminals.length > 0 ? html`<p>${lazyStrings().people.mention}</p>` : nothing}
      <h3>${lazyStrings().people.browsers}</h3>
      ${others.length === 0 ? html`<p>${lazyStrings().people.alone}</p>` : nothing}
      <ul>${repeat(others, idOf, this.#renderBrowser)}</ul>
      ${more > 0 ? html`<p>${lazyStrings().people.more(more)}</p>` : nothing}
      <h3>${lazyStrings().people.terminals}</h3>
      ${terminals.length === 0 ? html`<p>${lazyStrings().people.noTerminals}</p>` : nothing}
      <ul>${repeat(terminals, addressOf, this.#renderTerminal)}</ul>
    `;
  }

  readonly #renderBrowser = ({ address, nickname, away }: BrowserHere) =>
    this.#renderPerson(address, nickname, away ? lazyStrings().people.away : undefined);

  readonly #renderTerminal = ({ address, nickname, at }: TerminalHeard) => {
    const { heard, justNow } = lazyStrings().people;
    const age = this.now - at;
    return this.#renderPerson(address, nickname, heard(age < MINUTE_MS ? justNow : dates.ago(age)));
  };

  #renderPerson(address: string | null, nickname: string | undefined, note: string | undefined) {
    return html`
      <li>
        <person-row
          .address=${address}
          .nickname=${nickname}
          .note=${note}
          .mayMention=${this.#mayMention}
        ></person-row>
      </li>
    `;
  }

  get #isOffline(): boolean {
    return this.status.name === 'offline' || this.status.name === 'left';
  }

  /** False after leaving, because a mention needs the composer. */
  get #mayMention(): boolean {
    return this.status.name !== 'left';
  }
}

function idOf({ id }: BrowserHere): string {
  return id;
}

function addressOf({ address }: TerminalHeard): string {
  return address;
}

declare global {
  interface HTMLElementTagNameMap {
    'people-sheet': PeopleSheet;
  }
}
