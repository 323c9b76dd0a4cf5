import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { encode } from 'uqr';
import { lazyStrings } from '../ui/lazy-i18n.ts';

/** Quiet zone that QR readers need, modules. */
const BORDER = 4;

/** Draws a text as a QR code. It is dark on light in each theme, because many readers need that. */
@customElement('qr-code')
export class QrCode extends LitElement {
  static override styles = css`
    svg {
      display: block;
      width: 100%;
      border-radius: var(--radius-small);
    }
  `;

  @property() text = '';

  override render() {
    const { data, size } = encode(this.text, { ecc: 'M', border: BORDER });
    return html`
      <svg role="img" aria-label=${lazyStrings().invite.code(this.text)} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
        <rect width=${size} height=${size} fill="#fff"/>
        <path d=${darkModules(data)} fill="#000"/>
      </svg>
    `;
  }
}

function darkModules(data: readonly (readonly boolean[])[]): string {
  return data
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
}

declare global {
  interface HTMLElementTagNameMap {
    'qr-code': QrCode;
  }
}
