import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { sharedStyles } from '../ui/shared-styles.ts';
import { hexOf, isInCharacter, type Piece, piecesOf } from './bytes.ts';
import { takeDrawTurn } from './draw-turn.ts';
import { feed } from './feed.ts';
import { FeedController } from './wire-feed.ts';
import type { PartCut, WirePart } from './wire-log.ts';
import { formatMs, wireStrings } from './wire-strings.ts';
import { hueOfMessage, wireStyles } from './wire-styles.ts';

/** Bytes of the line that is always shown, and bytes in a line of hexadecimal. */
const SHORT_BYTES = 96;
const HEX_LINE_BYTES = 16;

const CUTS = ['header', 'character', 'text', 'ends'] as const;

/** Shows what went over the wire for one message: its bytes, reads, writes, cuts and neighbours. */
@customElement('wire-card')
export class WireCard extends LitElement {
  static override styles = [
    sharedStyles,
    wireStyles,
    css`
      :host {
        display: block;
        font-size: 0.75rem;
        line-height: 1.5;
        -webkit-user-select: text;
        user-select: text;
      }
      .wire {
        margin-top: var(--space-1);
        padding: 0 var(--space-2);
        border-inline-start: 4px solid var(--speaker);
        border-radius: var(--radius-small);
        background: color-mix(in srgb, var(--ink) 6%, transparent);
        text-align: start;
      }
      p,
      ul,
      pre {
        margin: 0;
        padding: 0;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0 var(--space-3);
        list-style: none;
      }
      li.news {
        color: var(--warn);
        font-weight: 600;
      }
      .bytes,
      pre {
        font: 1.05em / 1.6 var(--font-mono);
        direction: ltr;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      pre {
        overflow-x: auto;
        white-space: pre;
      }
      summary {
        width: fit-content;
        min-height: 1.5rem;
        padding-inline: var(--space-1);
        color: var(--accent);
        cursor: pointer;
        touch-action: manipulation;
      }
      @media (max-width: 40rem), (pointer: coarse) {
        summary {
          min-height: var(--touch);
          line-height: var(--touch);
        }
      }
      .header {
        color: var(--ink-soft);
      }
      .wide {
        border-bottom: 2px solid var(--speaker);
      }
      .control,
      .broken {
        padding: 0 0.2em;
        border: 1px solid var(--line-strong);
        border-radius: var(--radius-small);
        color: var(--accent);
      }
      .broken {
        border-color: var(--warn);
        color: var(--warn);
      }
      .cut {
        margin: 0 0.15em;
        border-inline-start: 3px dashed var(--warn);
        padding-inline-start: 0.15em;
        color: var(--warn);
        font-size: 0.9em;
      }
    `,
  ];

  /** Numbers of the entries in the message. */
  @property({ attribute: false }) seqs: readonly number[] = [];
  #drawn: readonly (readonly WirePart[])[] = [];
  /** An update had its turn while the card was removed. */
  #isDue = false;

  constructor() {
    super();
    new FeedController(this, feed, () => this.#isSame);
  }

  /** A card that was removed meanwhile is drawn if it comes back. */
  protected override async scheduleUpdate(): Promise<void> {
    await takeDrawTurn();
    if (this.isConnected) super.scheduleUpdate();
    else this.#isDue = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.#isDue) super.scheduleUpdate();
    this.#isDue = false;
  }

  override render() {
    this.#drawn = this.#known;
    const parts = this.#drawn.flat();
    const [first] = parts;
    if (first === undefined) return nothing;
    return html`
      <div class="wire" .style=${`--hue: ${hueOfMessage(first.root)}`}>
        <ul aria-label=${wireStrings().title}>${factsOf(parts)}</ul>
        ${parts.every(({ bytes }) => bytes.length === 0) ? html`<p class="soft">${wireStrings().hidden}</p>` : renderBytes(parts)}
      </div>
    `;
  }

  get #known(): readonly (readonly WirePart[])[] {
    return this.seqs.map((seq) => feed.log.partsOf(seq));
  }

  get #isSame(): boolean {
    const known = this.#known;
    return known.length === this.#drawn.length && known.every((parts, index) => parts === this.#drawn[index]);
  }
}

function factsOf(parts: readonly WirePart[]) {
  const strings = wireStrings();
  const writes = parts.flatMap(({ written }) => written ?? []);
  const slowest = largest(writes, ({ ms }) => ms);
  const glued = largest(parts, (part) => part.glued);
  const cuts = parts.flatMap((part) => part.cuts);
  const lines = linesIn(parts);
  const last = parts.at(-1);
  return html`
    <li>${strings.bytes(sum(parts, ({ header, text, ends }) => header + text + ends))}</li>
    <li>${strings.inReads(sum(parts, ({ reads }) => reads) - sharedReads(parts))}</li>
    ${
      writes.length > 0
        ? html`<li>${strings.writes(
            writes.length,
            sum(writes, ({ bytes }) => bytes),
            formatMs(slowest),
          )}</li>`
        : nothing
    }
    ${glued > 0 ? html`<li class="news">${strings.glued(glued)}</li>` : nothing}
    ${CUTS.map((inside) => renderCuts(cuts.filter((cut) => cut.inside === inside)))}
    ${lines > 1 ? html`<li class="news">${strings.lines(lines)}</li>` : nothing}
    ${last?.ends === 0 ? html`<li class="news">${last.runsOn ? strings.runsOn : strings.noEnd}</li>` : nothing}
  `;
}

function renderCuts(cuts: readonly PartCut[]) {
  const [first] = cuts;
  return first ? html`<li class="news">${wireStrings().cut[first.inside](cuts.length)}</li>` : nothing;
}

/** The short line, and behind a click all bytes, also in hexadecimal. */
function renderBytes(parts: readonly WirePart[]) {
  const isLong = parts.length > 1 || parts.some(({ bytes }) => bytes.length > SHORT_BYTES);
  return html`
    <p class="bytes">${renderPieces(parts[0], SHORT_BYTES)}${isLong ? '…' : nothing}</p>
    <details part="details">
      <summary>${wireStrings().details}</summary>
      ${isLong ? parts.map((part) => html`<p class="bytes">${renderPieces(part)}${renderRest(part)}</p>`) : nothing}
      ${parts.map((part) => html`<pre tabindex="0" aria-label=${wireStrings().hex}>${hexLines(part)}</pre>`)}
    </details>
  `;
}

function renderPieces(part: WirePart | undefined, max = Number.POSITIVE_INFINITY) {
  if (part === undefined) return nothing;
  let end = Math.min(max, part.bytes.length);
  while (isInCharacter(part.bytes, end)) end--;
  return piecesOf(part.bytes.subarray(0, end), part.header, part.cuts).map(renderPiece);
}

function renderPiece(piece: Piece) {
  switch (piece.kind) {
    case 'header':
      return html`<span class="header">${piece.text}</span>`;
    case 'text':
      return piece.text;
    case 'control':
      return html`<span class="control">${piece.text}</span>`;
    case 'wide':
      return html`<span class="wide" title=${piece.hex}>${piece.text}</span>`;
    case 'bytes':
      return html`<span class="broken">${piece.text}</span>`;
    case 'cut':
      return html`<span class="cut">${wireStrings().cutHere(formatMs(piece.ms))}</span>`;
    default:
      return piece satisfies never;
  }
}

function renderRest({ header, text, ends, bytes }: WirePart) {
  const rest = header + text + ends - bytes.length;
  return rest > 0 ? html` <span class="soft">${wireStrings().rest(rest)}</span>` : nothing;
}

function hexLines({ offset, bytes }: WirePart): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_LINE_BYTES)
    lines.push(`${String(offset + at).padStart(6)}  ${hexOf(bytes.subarray(at, at + HEX_LINE_BYTES))}`);
  return lines.join('\n');
}

function linesIn(parts: readonly WirePart[]): number {
  const LF = 0x0a;
  const textOf = ({ bytes, header, text }: WirePart) => bytes.subarray(header, header + text);
  return largest(parts, (part) => 1 + textOf(part).filter((byte) => byte === LF).length);
}

/** Parts that follow each other may come in one read, which counts once. */
function sharedReads(parts: readonly WirePart[]): number {
  return parts.slice(1).filter(({ isSameRead }) => isSameRead).length;
}

function largest<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((most, item) => Math.max(most, of(item)), 0);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

declare global {
  interface HTMLElementTagNameMap {
    'wire-card': WireCard;
  }
}
