import { html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { toPageText } from '../../common/control-characters.ts';
import type { Entry } from '../../gateway/protocol.ts';
import { type HighlightPart, snippetOf } from '../text/highlight.ts';
import { parseNickname } from '../text/nickname.ts';
import { QUERY_MAX_CHARACTERS, type SearchState } from '../timeline/search.ts';
import { emit } from '../ui/events.ts';
import { dates, t } from '../ui/i18n.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { keyOf } from '../ui/pressed-key.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { searchStyles } from './search-styles.ts';

/** More results are requested when less than this is left to scroll. */
const AHEAD_PX = 400;

/** Searches the messages of the room. It replaces the log while it is open. */
@customElement('search-panel')
export class SearchPanel extends LitElement {
  static override styles = [sharedStyles, searchStyles];

  @property() query = '';
  @property() answered = '';
  @property() state: SearchState = 'idle';
  @property({ attribute: false }) results: readonly Entry[] = [];
  @property({ type: Boolean }) hasMore = false;
  /** Some messages are not searched yet. */
  @property({ type: Boolean }) isPartial = false;
  /** The place of the chosen result could not be loaded. */
  @property({ type: Boolean }) isPlaceLost = false;
  @query('input') private readonly input!: HTMLInputElement;

  override render() {
    return html`
      <section role="search" aria-label=${lazyStrings().searchHint} @keydown=${this.#onSectionKeydown}>
        <form @submit=${this.#onFormSubmit}>
          <input
            type="search"
            aria-label=${lazyStrings().searchHint}
            placeholder=${lazyStrings().searchHint}
            .value=${this.query}
            maxlength=${QUERY_MAX_CHARACTERS}
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            enterkeyhint="search"
            dir="auto"
            @input=${this.#onInputInput}
          />
          <button type="button" @click=${this.#close}>${t.close}</button>
        </form>
        <div class="results" @scroll=${this.#onResultsScroll}>
          <p aria-live="polite">${this.#describeState()}</p>
          ${this.isPartial && this.state !== 'idle' ? html`<p>${lazyStrings().searchPartial}</p>` : nothing}
          ${this.isPlaceLost ? html`<p class="failed" role="alert">${lazyStrings().placeFailed}</p>` : nothing}
          ${this.#renderResults()} ${this.#renderEnd()}
        </div>
      </section>
    `;
  }

  #describeState() {
    switch (this.state) {
      case 'idle':
        return lazyStrings().searchStart;
      case 'searching':
        return lazyStrings().searching;
      case 'failed':
        return nothing;
      default:
        return this.results.length === 0
          ? lazyStrings().notFound(this.answered.trim())
          : lazyStrings().found(this.results.length, this.hasMore);
    }
  }

  #renderResults() {
    if (this.results.length === 0 || this.state === 'failed') return nothing;
    return html`
      <ol class=${this.state === 'searching' ? 'old' : ''}>
        ${repeat(
          this.results,
          ({ seq }) => seq,
          (entry) => html`<li>${this.#renderResult(entry)}</li>`,
        )}
      </ol>
    `;
  }

  #renderResult({ seq, at, from, text }: Entry) {
    const said = parseNickname(toPageText(text));
    const name = said.nickname ?? (from === '' ? t.somebody : undefined);
    return html`
      <button @click=${() => emit(this, 'go-to-message', seq)}>
        <span class="who">
          ${name === undefined ? nothing : html`<b><bdi>${name}</bdi></b>`}
          <span class="mono">${from}</span>
          <time datetime=${new Date(at).toISOString()} title=${dates.full(at)}>${dates.dated(at)}</time>
        </span>
        <span class="said" dir="auto">${snippetOf(said.text, this.answered).map(renderPart)}</span>
      </button>
    `;
  }

  #renderEnd() {
    switch (this.state) {
      case 'failed':
      case 'addFailed':
        return html`
          <p class="failed" role="alert">${lazyStrings().searchFailed}</p>
          <button class="quiet" @click=${this.#onAgainClick}>${t.tryAgain}</button>
        `;
      case 'adding':
        return html`<p>${t.loading}</p>`;
      case 'found':
        return this.hasMore
          ? html`<button class="quiet" @click=${() => emit(this, 'load-results')}>${lazyStrings().moreResults}</button>`
          : nothing;
      default:
        return nothing;
    }
  }

  protected override firstUpdated(): void {
    this.input.focus();
    this.input.select();
  }

  #onInputInput(): void {
    emit(this, 'search-messages', this.input.value);
  }

  #onFormSubmit(event: SubmitEvent): void {
    event.preventDefault();
  }

  #onSectionKeydown(event: KeyboardEvent): void {
    if (keyOf(event) !== 'Escape') return;
    event.preventDefault();
    this.#close();
  }

  /** The button disappears, so the focus moves to the input. */
  #onAgainClick(): void {
    this.input.focus();
    emit(this, 'retry-search');
  }

  #close(): void {
    emit(this, 'close-search');
  }

  #onResultsScroll({ currentTarget }: Event): void {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget as HTMLElement;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < AHEAD_PX;
    if (isNearEnd && this.hasMore && this.state === 'found') emit(this, 'load-results');
  }
}

function renderPart({ text, isHit }: HighlightPart) {
  return isHit ? html`<mark>${text}</mark>` : text;
}

declare global {
  interface HTMLElementTagNameMap {
    'search-panel': SearchPanel;
  }
}
