import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { download, fetchPage } from './download.ts';
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
      input[type="date"] {
        width: auto;
        height: auto;
        min-height: var(--touch);
        padding: 0 var(--space-2);
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        background: var(--paper);
        color: var(--ink);
        font: inherit;
      }
      .day {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-1) var(--space-3);
      }
      input[type="date"]:focus-visible {
        outline: 3px solid var(--accent);
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

  /** The chosen day, for example `2026-11-27`; undefined for the whole conversation. */
  @state() private day: string | undefined;
  @state() private printing: 'idle' | 'loading' | 'failed' = 'idle';
  #closing = new AbortController();

  override render() {
    const { which, whole, oneDay, day } = lazyStrings().download;
    return html`
      <fieldset>
        <legend>${which}</legend>
        <label><input type="radio" name="which" .checked=${this.day === undefined} @change=${this.#onWholeChange} />${whole}</label>
        <label><input type="radio" name="which" .checked=${this.day !== undefined} @change=${this.#onDayChange} />${oneDay}</label>
        ${
          this.day === undefined
            ? nothing
            : html`
                <div class="day">
                  <input type="date" required aria-label=${day} aria-describedby="day" .value=${this.day} max=${today()} @change=${this.#onDateChange} />
                  <output id="day">${nameOf(this.day)}</output>
                </div>
              `
        }
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
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closing.abort();
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
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const query = new URLSearchParams({ format });
    if (format === 'html') query.set('lang', t.code);
    if (format === 'html' || this.day !== undefined) query.set('zone', timeZone);
    if (this.day !== undefined) query.set('day', this.day);
    return `/api/transcript?${query}`;
  }

  #onWholeChange(): void {
    this.day = undefined;
  }

  #onDayChange(): void {
    this.day = today();
  }

  /** An incomplete date is empty. The last complete one stays. */
  #onDateChange({ target }: Event): void {
    const { value } = target as HTMLInputElement;
    if (value !== '') this.day = value;
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

/** Returns the local day. The Swedish form of a date is that of an input. */
function today(): string {
  return new Date().toLocaleDateString('sv');
}

/** The input shows the date in the browser's language, which may not be that of the page. */
function nameOf(day: string): string {
  return new Intl.DateTimeFormat(t.code, { dateStyle: 'full' }).format(new Date(`${day}T12:00`));
}

declare global {
  interface HTMLElementTagNameMap {
    'download-sheet': DownloadSheet;
  }
}
