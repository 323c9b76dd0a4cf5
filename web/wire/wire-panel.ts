import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { SeenConnection } from '../../gateway/protocol.ts';
import { rerenderAll } from '../app/theme.ts';
import { setSeesTcp } from '../ui/see-tcp.ts';
import { sharedStyles } from '../ui/shared-styles.ts';
import { feed } from './feed.ts';
import './wire-card.ts';
import { FeedController } from './wire-feed.ts';
import type { WireRead } from './wire-log.ts';
import { formatMs, wireStrings } from './wire-strings.ts';
import { hueOfMessage, wireStyles } from './wire-styles.ts';

/** Reads drawn. More than a screen holds. */
const READS_SHOWN = 40;

/** A part of the strip that still counts as its end, pixels. */
const END_TOLERANCE_PX = 16;

/** Shows what the ear reads as it comes, and the gateway's connections to the room. */
@customElement('see-tcp')
export class SeeTcp extends LitElement {
  static override styles = [
    sharedStyles,
    wireStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: var(--space-1) var(--edge);
        border-top: 1px solid var(--line);
        background: var(--table);
        font-size: var(--text-small);
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 0 var(--space-3);
      }
      h2 {
        margin: 0;
        font-size: 1em;
      }
      p {
        margin: var(--space-1) 0;
      }
      ol {
        display: flex;
        align-items: end;
        gap: 2px;
        margin: 0;
        padding: 0 0 var(--space-1);
        overflow-x: auto;
        list-style: none;
        font-size: 0.85em;
        font-variant-numeric: tabular-nums;
        line-height: 1.3;
      }
      li {
        flex: none;
        display: grid;
        justify-items: start;
        padding-inline-start: 0.3em;
        border-inline-start: 1px solid var(--line-strong);
      }
      li.loss {
        border-inline-start: 4px double var(--warn);
      }
      .bar {
        display: flex;
        width: var(--width);
        height: 1.5em;
        border: 1px solid var(--edge-line);
      }
      .bar i {
        flex: var(--bytes) 0 2px;
        background: var(--speaker);
      }
      .table {
        max-height: 25vh;
        overflow: auto;
      }
      table {
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0 var(--space-3) 0 0;
        text-align: start;
        white-space: nowrap;
      }
      th {
        font-weight: 600;
      }
      summary {
        width: fit-content;
        min-height: 1.5rem;
        cursor: pointer;
      }
      @media (max-width: 40rem), (pointer: coarse) {
        summary {
          min-height: var(--touch);
          line-height: var(--touch);
        }
      }
      /* The keyboard of a phone is open. */
      @media (max-height: 26rem) {
        :host {
          display: none;
        }
      }
    `,
  ];

  /** This page's address in the room, or empty. */
  @property() you = '';
  /** The projector has no buttons. */
  @property({ type: Boolean }) isProjector = false;
  @query('ol') private readonly strip!: HTMLElement | null;
  #isAtEnd = true;

  constructor() {
    super();
    new FeedController(this, feed);
  }

  override render() {
    const strings = wireStrings();
    return html`
      <section aria-labelledby="title">
      <div class="head">
        <h2 id="title">${strings.title}</h2>
        ${this.isProjector ? nothing : html`<button class="quiet" @click=${stop}>${strings.stop}</button>`}
      </div>
      <div aria-live="polite">${feed.state === 'watching' ? nothing : html`<p>${strings.states[feed.state]}</p>`}</div>
      ${feed.log.reads.length > 0 ? this.#renderReads(feed.log.reads.slice(-READS_SHOWN)) : feed.state === 'watching' ? html`<p class="soft">${strings.empty}</p>` : nothing}
      ${feed.log.connections ? this.#renderConnections(feed.log.connections) : nothing}
      </section>
    `;
  }

  #renderReads(reads: readonly WireRead[]) {
    return html`
      <ol tabindex="0" aria-label=${wireStrings().reads} @scroll=${this.#onStripScroll}>
        ${repeat(reads, ({ offset }) => offset, renderRead)}
      </ol>
    `;
  }

  #renderConnections(connections: readonly SeenConnection[]) {
    const { columns } = wireStrings();
    const title = `${wireStrings().connections} (${connections.length})`;
    return html`
      <details>
        <summary>${title}</summary>
        <div class="table" tabindex="0" role="group" aria-label=${wireStrings().connections}>
          <table>
            <thead>
              <tr>${Object.values(columns).map((column) => html`<th scope="col">${column}</th>`)}</tr>
            </thead>
            <tbody>${connections.map((connection) => this.#renderConnection(connection))}</tbody>
          </table>
        </div>
      </details>
    `;
  }

  #renderConnection({ kind, address, port, roomPort, state, read, written, age }: SeenConnection) {
    const { kinds, connectionStates, you } = wireStrings();
    const isOwn = address !== null && address === this.you;
    return html`
      <tr>
        <td>${kinds[kind]}${isOwn ? ` (${you})` : nothing}</td>
        <td class="mono">${address ?? '–'}</td>
        <td class="mono">${port === undefined ? '–' : `${port} → ${roomPort}`}</td>
        <td>${connectionStates[state]}</td>
        <td>${read}</td>
        <td>${written}</td>
        <td>${state === 'open' || state === 'logging-in' ? `${Math.round(age / 1000)} s` : '–'}</td>
      </tr>
    `;
  }

  #onStripScroll(): void {
    const { strip } = this;
    if (strip) this.#isAtEnd = strip.scrollWidth - strip.scrollLeft - strip.clientWidth < END_TOLERANCE_PX;
  }

  /** The strip follows the newest read, unless a person has scrolled back. */
  protected override updated(): void {
    if (this.#isAtEnd && this.strip) this.strip.scrollLeft = this.strip.scrollWidth;
  }
}

/** The width grows slower than the size, so that a long text fits beside a short one. */
function renderRead({ bytes, gap, isAfterLoss, slices }: WireRead) {
  const strings = wireStrings();
  const ms = gap === undefined ? undefined : formatMs(gap);
  const messages = new Set(slices.map(({ root }) => root).filter((root) => root > 0)).size;
  const width = Math.min(20, 2 + Math.sqrt(bytes) / 4);
  return html`
    <li class=${isAfterLoss ? 'loss' : ''}>
      <span class="aloud">${isAfterLoss ? `${strings.loss}, ` : ''}${strings.read(bytes, messages, ms)}</span>
      <span class="soft" aria-hidden="true">${isAfterLoss ? strings.loss : ms === undefined ? '·' : `+${ms}`}</span>
      <span class="bar" aria-hidden="true" .style=${`--width: ${width.toFixed(2)}em`}>${slices.map((slice) => html`<i class="wire ${slice.root === 0 ? 'none' : ''}" .style=${`--bytes: ${slice.bytes}; --hue: ${hueOfMessage(slice.root)}`}></i>`)}</span>
      <span aria-hidden="true">${bytes} B</span>
    </li>
  `;
}

function stop(): void {
  setSeesTcp(false);
  rerenderAll(document);
}

declare global {
  interface HTMLElementTagNameMap {
    'see-tcp': SeeTcp;
  }
}
