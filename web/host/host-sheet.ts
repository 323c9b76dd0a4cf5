import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { pinLineOf } from '../../common/display/pin-line.ts';
import {
  type BrowserHere,
  type Moderation,
  type PeopleHere,
  PIN_MAX,
  TITLE_MAX,
} from '../../gateway/protocol.ts';
import { findPeople } from '../text/find-people.ts';
import type { LogItem, Message } from '../timeline/log-segment.ts';
import { reload, token } from '../ui/browser-effects.ts';
import { emit } from '../ui/events.ts';
import { dates, t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import './host-login.ts';
import { fieldStyles } from './field-styles.ts';

/** Newest messages in the sheet: as many as a person looks through. Others have the same actions in the log. */
const LISTED_MESSAGES = 50;

/** Text of a message in the sheet, characters: enough to recognize it. */
const EXCERPT_CHARACTERS = 140;

/** Durations of a silence, minutes. */
const MINUTES = [1, 5, 15, 60] as const;

const SECONDS_PER_MINUTE = 60;

const NO_ACTS: Moderation = { revision: 0, title: '', pinned: '', paused: false };

/** The controls of a host. For others it asks for the hosts' passphrase. */
@customElement('host-sheet')
export class HostSheet extends LitElement {
  static override styles = [
    sharedStyles,
    fieldStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-6);
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-1) var(--space-2);
        padding: var(--space-2) 0;
        border-bottom: 1px solid var(--line);
        overflow-wrap: anywhere;
      }
      /* A phone has the button beside the name. */
      li p {
        flex: 1 1 9rem;
        margin: 0;
        line-height: 1.4;
      }
      /* A phone has both in one row. */
      select {
        flex: none;
      }
      [type='search'] {
        padding: 0 var(--space-2);
        text-overflow: ellipsis;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .message p {
        flex-basis: 100%;
      }
      .hidden p {
        color: var(--ink-soft);
        text-decoration: line-through;
      }
      .wide {
        width: 100%;
      }
    `,
  ];

  @property({ type: Boolean }) isHost = false;
  @property({ attribute: false }) moderation: Moderation | undefined;
  @property({ attribute: false }) items: readonly LogItem[] = [];
  @property({ attribute: false }) here: PeopleHere | undefined;
  @state() private minutes: number = MINUTES[1];
  /** Part of a name or an address. */
  @state() private filter = '';

  override render() {
    if (!this.isHost) return html`<host-login></host-login>`;
    const moderation = this.moderation ?? NO_ACTS;
    return html`
      ${this.#renderPause(moderation)} ${this.#renderField('title', moderation.title, TITLE_MAX)}
      ${this.#renderField('pin', moderation.pinned, PIN_MAX)} ${this.#renderBrowsers()} ${this.#renderMessages()}
      <section><button class="wide" @click=${this.#onEndClick}>${lazyStrings().host.end}</button></section>
    `;
  }

  #renderPause({ paused }: Moderation) {
    const { host } = lazyStrings();
    return html`
      <section>
        <button
          class="wide ${paused ? 'primary' : ''}"
          @click=${() => emit(this, 'host-act', { type: 'pause', paused: !paused })}
        >
          ${paused ? host.resume : host.pause}
        </button>
        <p class="soft">${host.beyondReach}</p>
      </section>
    `;
  }

  #renderField(type: 'title' | 'pin', value: string, max: number) {
    const { host } = lazyStrings();
    const onSubmit = (event: SubmitEvent): void => {
      event.preventDefault();
      const [input] = (event.currentTarget as HTMLFormElement).elements;
      emit(this, 'host-act', { type, text: (input as HTMLInputElement).value.trim() });
    };
    return html`
      <form @submit=${onSubmit}>
        <label for=${type}>${host[type]}</label>
        <div class="row">
          <input id=${type} .value=${value} maxlength=${max} autocomplete="off" />
          <button>${host.set}</button>
        </div>
        <p class="soft">${host.emptyRemoves[type]}</p>
      </form>
    `;
  }

  #renderBrowsers() {
    const { host, people } = lazyStrings();
    const guests = (this.here?.browsers ?? []).filter((browser) => !browser.host);
    const found = findPeople(guests, this.filter, t.code);
    return html`
      <section aria-labelledby="silence">
        <h3 id="silence">${host.silence}</h3>
        <div class="row">
          ${guests.length === 0 ? nothing : html`<input type="search" aria-label=${people.filter} placeholder=${people.filter} autocomplete="off" spellcheck="false" .value=${this.filter} @input=${this.#onFilterInput} />`}
          <select aria-label=${host.duration} @change=${this.#onMinutesChange}>
            ${MINUTES.map((one) => html`<option value=${one} ?selected=${one === this.minutes}>${host.minutes(one)}</option>`)}
          </select>
        </div>
        ${guests.length === 0 ? html`<p class="soft">${host.noGuests}</p>` : nothing}
        <p class="soft" role="status">${this.filter === '' ? nothing : people.counted(found.length, guests.length)}</p>
        <ul>${repeat(found, ({ id }) => id, this.#renderBrowser)}</ul>
      </section>
    `;
  }

  readonly #renderBrowser = ({ id, nickname, address, silenced }: BrowserHere) => {
    const { host } = lazyStrings();
    const name = nickname ?? address ?? t.somebody;
    const seconds = silenced ? 0 : this.minutes * SECONDS_PER_MINUTE;
    return html`
      <li>
        <p><bdi>${name}</bdi> ${nickname === undefined ? nothing : html`<span class="soft mono">${address}</span>`}</p>
        <div class="actions">
          <button
            aria-label=${labelOf(silenced ? host.letTalk : host.silence, name)}
            @click=${() => emit(this, 'host-act', { type: 'silence', who: id, seconds })}
          >
            ${silenced ? host.letTalk : host.silence}
          </button>
        </div>
      </li>
    `;
  };

  #renderMessages() {
    const { host } = lazyStrings();
    const messages = this.items.filter((item) => item.kind === 'message');
    const listed = [...messages.filter(({ hidden }) => hidden), ...messages.slice(-LISTED_MESSAGES)];
    const newestFirst = [...new Set(listed)].sort((a, b) => b.seq - a.seq);
    return html`
      <section aria-labelledby="messages">
        <h3 id="messages">${host.messages}</h3>
        <p class="soft">${host.hideHint}</p>
        <ul>${repeat(newestFirst, ({ key }) => key, this.#renderMessage)}</ul>
      </section>
    `;
  }

  readonly #renderMessage = ({ seq, nickname, from, text, at, hidden }: Message) => {
    const { host } = lazyStrings();
    const excerpt = text.length > EXCERPT_CHARACTERS ? `${text.slice(0, EXCERPT_CHARACTERS)}…` : text;
    const act = hidden ? host.show : host.hide;
    return html`
      <li class="message ${hidden ? 'hidden' : ''}">
        <p><b><bdi>${nickname ?? (from || t.somebody)}</bdi></b> <span class="soft">${dates.short(at)}</span><br /><bdi>${excerpt}</bdi></p>
        <div class="actions">
          <button aria-label=${labelOf(act, excerpt)} @click=${() => emit(this, 'host-act', { type: 'hide', seq, hidden: !hidden })}>${act}</button>
          ${hidden ? nothing : this.#renderPin(text)}
        </div>
      </li>
    `;
  };

  #renderPin(text: string) {
    const { host } = lazyStrings();
    const line = pinLineOf(text, PIN_MAX);
    if (line === '') return nothing;
    return html`<button aria-label=${labelOf(host.pinIt, line)} @click=${() => emit(this, 'host-act', { type: 'pin', text: line })}>${host.pinIt}</button>`;
  }

  #onFilterInput({ target }: Event): void {
    this.filter = (target as HTMLInputElement).value;
  }

  #onMinutesChange({ target }: Event): void {
    this.minutes = Number((target as HTMLSelectElement).value);
  }

  /** Forgets the token. In a room with a passphrase, the page then asks for it. */
  #onEndClick(): void {
    if (token.value !== undefined) token.invalidate(token.value);
    reload();
  }
}

/** Names a button of a list for screen readers. */
function labelOf(act: string, what: string): string {
  return `${act}: ${what}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'host-sheet': HostSheet;
  }
}
