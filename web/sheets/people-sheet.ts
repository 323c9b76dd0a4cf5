import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  type BrowserHere,
  type PeopleHere,
  TERMINAL_HERE_MS,
  type TerminalHeard,
} from '../../gateway/protocol.ts';
import type { ConnectionStatus } from '../client/connection-status.ts';
import './copy-line.ts';
import { emit } from '../ui/events.ts';
import './person-row.ts';
import { findPeople } from '../text/find-people.ts';
import { MINUTE_MS } from '../ui/date-format.ts';
import { dates, t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import type { PersonRow } from './person-row.ts';

/** Height of the content of a sheet that fills its part of a phone (side-sheet.ts), less its heading and padding. */
const SHEET_HEIGHT = '88dvh - 6.25rem';

type ListedPerson = Pick<PersonRow, 'address' | 'nickname' | 'isTerminal' | 'note' | 'shortNote'> & {
  isFaded: boolean | undefined;
};

/** Lists the people of the room: oneself, browsers and recent terminals. A click on a row mentions the person. */
@customElement('people-sheet')
export class PeopleSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-content: start;
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
      input {
        width: 100%;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 1rem) / 1.5 var(--font);
      }
      input::placeholder {
        color: var(--ink-soft);
        opacity: 1;
      }
      .faded {
        filter: grayscale(1);
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
  /** The header beside a docked list shows the own address. */
  @property({ type: Boolean }) isDocked = false;
  /** Current time, ms since 1970. */
  @property({ type: Number }) now = 0;
  /** Part of a name or an address. */
  @state() private filter = '';

  override render() {
    return html`${this.isDocked ? nothing : this.#renderSelf()} ${this.#renderState()} ${this.here ? this.#renderHere(this.here) : nothing}`;
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

  #renderHere({ browsers, terminals, unlisted }: PeopleHere) {
    const others = browsers.filter(({ id }) => id !== this.me);
    const [foundBrowsers, foundTerminals] = [
      findPeople(others, this.filter, t.code),
      findPeople(terminals, this.filter, t.code),
    ];
    const hereOf = (heard: readonly TerminalHeard[]) =>
      heard.filter(({ at }) => this.now - at < TERMINAL_HERE_MS).length;
    const strings = lazyStrings().people;
    return html`
      ${others.length + terminals.length === 0 ? nothing : this.#renderFilter()}
      <h3>${strings.browsers} · ${this.#count(foundBrowsers.length, others.length + unlisted)}</h3>
      ${others.length === 0 ? html`<p>${strings.alone}</p>` : nothing}
      <ul>${repeat(foundBrowsers, idOf, this.#renderBrowser)}</ul>
      ${unlisted > 0 ? html`<p>${strings.more(unlisted)}</p>` : nothing}
      <h3>${strings.terminals} · ${this.#count(hereOf(foundTerminals), hereOf(terminals))}</h3>
      ${terminals.length === 0 ? html`<p>${strings.noTerminals}</p>` : nothing}
      <ul>${repeat(foundTerminals, addressOf, this.#renderTerminal)}</ul>
    `;
  }

  #count(found: number, all: number): string {
    return this.filter === '' ? `${all}` : lazyStrings().people.counted(found, all);
  }

  #renderFilter() {
    const { filter, mention } = lazyStrings().people;
    return html`
      <input type="search" aria-label=${filter} placeholder=${filter} autocomplete="off" spellcheck="false" .value=${this.filter} @input=${this.#onFilterInput} />
      ${this.#mayMention ? html`<p>${mention}</p>` : nothing}
    `;
  }

  /** The sheet of a phone keeps its height while its list gets shorter, because the filter would move away. */
  #onFilterInput({ target }: Event): void {
    if (this.filter === '') this.style.minHeight = `min(${this.offsetHeight}px, ${SHEET_HEIGHT})`;
    this.filter = (target as HTMLInputElement).value;
    if (this.filter === '') this.style.minHeight = '';
  }

  readonly #renderBrowser = ({ address, nickname, away, taken }: BrowserHere) =>
    this.#renderPerson({
      address,
      nickname,
      isTerminal: false,
      note: taken ? lazyStrings().people.sameName : away ? lazyStrings().people.away : undefined,
      shortNote: taken ? lazyStrings().people.repeated : undefined,
      isFaded: away,
    });

  readonly #renderTerminal = ({ address, nickname, at }: TerminalHeard) => {
    const { heard, justNow } = lazyStrings().people;
    const age = this.now - at;
    const shortNote = age < MINUTE_MS ? justNow : dates.ago(age);
    return this.#renderPerson({
      address,
      nickname,
      isTerminal: true,
      note: heard(shortNote),
      shortNote,
      isFaded: age >= TERMINAL_HERE_MS,
    });
  };

  #renderPerson({ address, nickname, isTerminal, note, shortNote, isFaded }: ListedPerson) {
    return html`
      <li class=${isFaded ? 'faded' : ''}>
        <person-row
          .address=${address}
          .nickname=${nickname}
          .isTerminal=${isTerminal}
          .note=${note}
          .shortNote=${shortNote}
          .mayMention=${this.#mayMention}
          .docked=${this.isDocked}
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
