import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { toPageText } from '../../common/control-characters.ts';
import { rareStrings } from '../parts/rare-strings.ts';
import type { Note, StatusEvent } from '../timeline/local-items.ts';
import type { Gap, RoomNote } from '../timeline/log-segment.ts';
import { dates, t } from '../ui/i18n.ts';
import { renderTime } from '../ui/render-time.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Draws a private notice of the server, or an event of the page or the log. */
@customElement('log-note')
export class LogNote extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        margin-top: var(--space-3);
        contain: content;
      }
      :host(:not([leads])) {
        margin-top: 0;
      }
      p {
        margin: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
        text-align: center;
        text-wrap: balance;
        overflow-wrap: anywhere;
      }
      /* The keyboard of a phone is open. */
      @media (max-height: 26rem) {
        :host {
          margin-top: 0;
        }
        p {
          line-height: 1.25;
        }
      }
      .gap {
        padding: var(--space-2) 0;
        border-block: 1px dashed var(--line-strong);
        color: var(--warn);
      }
      figure {
        margin: 0;
        padding-inline-start: var(--space-4);
        border-inline-start: 3px solid var(--line-strong);
      }
      figcaption {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
      pre {
        margin: 0;
        white-space: pre-wrap;
      }
    `,
  ];

  @property({ attribute: false }) note!: Note | Gap | RoomNote;
  /** The first line of a notice names the server. */
  @property({ type: Boolean, reflect: true }) leads = true;

  override render() {
    const { note } = this;
    switch (note.kind) {
      case 'notice':
        return this.#renderNotice(note.text, note.at);
      case 'dropped':
        return html`<p>${rareStrings(this)?.noticesDropped(note.bytes)} · ${renderTime(note.at)}</p>`;
      case 'gap':
        return html`<p class="gap">${rareStrings(this)?.gap(...dates.span(note.since, Math.max(note.since, note.until)))}</p>`;
      case 'room':
        return html`<p><bdi>${toPageText(note.text)}</bdi> · ${renderTime(note.at)}</p>`;
      case 'event':
        return html`<p>${describe(this, note.event)} · ${renderTime(note.at)}</p>`;
    }
  }

  #renderNotice(text: string, at: number) {
    const said = html`<pre class="mono" dir="auto">${toPageText(text)}</pre>`;
    return this.leads
      ? html`
          <figure role="figure" aria-labelledby="whose">
            <figcaption id="whose">${t.serverSays} · ${renderTime(at)}</figcaption>
            ${said}
          </figure>
        `
      : html`<figure role="figure" aria-label=${t.serverSays}>${said}</figure>`;
  }
}

function describe(host: LogNote, event: StatusEvent): string {
  switch (event.name) {
    case 'joined':
      return t.joined(event.you);
    case 'back':
      return t.back(event.you);
    case 'renamed':
      return rareStrings(host)?.renamed(event.you) ?? '';
    case 'lost':
      return t.lost;
    case 'roomless':
      return rareStrings(host)?.roomLost ?? '';
    case 'left':
      return t.youLeft;
    case 'replaced':
      return rareStrings(host)?.replaced ?? '';
    case 'restarted':
      return rareStrings(host)?.restarted ?? '';
    case 'flood':
      return rareStrings(host)?.flood(event.from) ?? '';
    case 'unsaved':
      return rareStrings(host)?.unsaved ?? '';
    case 'saved':
      return rareStrings(host)?.saved ?? '';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'log-note': LogNote;
  }
}
