import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { DATE_LOCALES } from '../../common/display/date-locales.ts';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { download, fetchDays, fetchPage, timeZone } from './download.ts';
import { printPage } from './print-page.ts';
import { radioGroupStyles } from './radio-group.ts';

/** Formats of /api/transcript, and the extensions of their files. */
const FILES = { html: 'html', text: 'txt', jsonl: 'jsonl' } as const;

type Format = keyof typeof FILES;

/** Saves or prints the conversation, or one day of it. */
@customElement('download-sheet')
export class DownloadSheet extends LitElement {
  static override styles = [
    sharedStyles,
    radioGroupStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-6);
      }
      select {
        width: 100%;
        min-height: var(--touch);
        padding: 0 var(--space-3);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--paper);
        color: var(--ink);
        font: max(16px, 1rem) / 1.5 var(--font);
        text-overflow: ellipsis;
      }
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      a {
        display: grid;
        align-content: center;
        min-height: var(--touch);
        padding: var(--space-2) var(--space-4);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius);
        color: var(--ink);
        text-decoration: none;
      }
      a:hover {
        border-color: var(--accent);
        color: var(--accent);
      }
      small {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
    `,
  ];

  /** Days that have messages, newest first, for example `2026-11-27`. */
  @state() private days: readonly string[] | 'loading' | 'failed' = 'loading';
  /** The chosen day; undefined for the whole conversation. */
  @state() private day: string | undefined;
  @state() private printing: 'idle' | 'loading' | 'failed' = 'idle';
  #closing = new AbortController();

  override render() {
    const { which, whole, oneDay } = lazyStrings().download;
    return html`
      <fieldset>
        <legend>${which}</legend>
        <label><input type="radio" name="which" .checked=${this.day === undefined} @change=${this.#onWholeChange} />${whole}</label>
        <label><input type="radio" name="which" ?disabled=${this.#newestDay === undefined} .checked=${this.day !== undefined} @change=${this.#onDayChange} />${oneDay}</label>
        ${this.#renderDays()}
      </fieldset>
      <ul>
        ${this.#renderFile('html')}${this.#renderFile('text')}${this.#renderFile('jsonl')}
      </ul>
      ${this.#renderPrint()}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#closing = new AbortController();
    void this.#loadDays();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closing.abort();
  }

  #renderDays() {
    const { days, day: chosen } = this;
    if (days === 'failed')
      return html`<p role="alert">${t.loadFailed}</p><button class="quiet" @click=${this.#loadDays}>${t.tryAgain}</button>`;
    if (days === 'loading' || chosen === undefined) return nothing;
    return html`
      <select aria-label=${lazyStrings().download.day} @change=${this.#onDaySelect}>
        ${days.map((day) => html`<option value=${day} ?selected=${day === chosen}>${nameOf(day)}</option>`)}
      </select>
    `;
  }

  #renderFile(format: Format) {
    const [name, use] = lazyStrings().download.files[format];
    const day = this.day === undefined ? '' : `-${this.day}`;
    return html`
      <li>
        <a href=${`.${this.#pathOf(format)}`} download="tertulia${day}.${FILES[format]}" @click=${download}>
          <span>${name}</span><small>${use}</small>
        </a>
      </li>
    `;
  }

  #renderPrint() {
    const { print, preparing } = lazyStrings().download;
    const isLoading = this.printing === 'loading';
    return html`
      <div>
        <button aria-disabled=${isLoading} @click=${this.#onPrintClick}>${isLoading ? preparing : print}</button>
        ${this.printing === 'failed' ? html`<p role="alert">${t.loadFailed}</p>` : nothing}
      </div>
    `;
  }

  /** Days begin at midnight where the person is, and the file is in the person's language. */
  #pathOf(format: Format): string {
    const query = new URLSearchParams({ format });
    if (format === 'html') query.set('lang', t.code);
    if (format === 'html' || this.day !== undefined) query.set('zone', timeZone());
    if (this.day !== undefined) query.set('day', this.day);
    return `/api/transcript?${query}`;
  }

  #onWholeChange(): void {
    this.day = undefined;
  }

  #onDayChange(): void {
    this.day = this.#newestDay;
  }

  #onDaySelect({ target }: Event): void {
    this.day = (target as HTMLSelectElement).value;
  }

  get #newestDay(): string | undefined {
    return typeof this.days === 'string' ? undefined : this.days[0];
  }

  async #loadDays(): Promise<void> {
    this.days = 'loading';
    try {
      this.days = await fetchDays();
    } catch {
      this.days = 'failed';
    }
  }

  async #onPrintClick(): Promise<void> {
    if (this.printing === 'loading') return;
    this.printing = 'loading';
    try {
      printPage(await fetchPage(this.#pathOf('html'), this.#closing.signal));
      this.printing = 'idle';
    } catch {
      this.printing = 'failed';
    }
  }
}

function nameOf(day: string): string {
  return new Intl.DateTimeFormat(DATE_LOCALES[t.code], { dateStyle: 'full' }).format(
    new Date(`${day}T12:00`),
  );
}

declare global {
  interface HTMLElementTagNameMap {
    'download-sheet': DownloadSheet;
  }
}
