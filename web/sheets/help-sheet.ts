import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { COMMANDS } from '../composer/commands.ts';
import { lazyStrings } from '../ui/lazy-i18n.ts';
import { sharedStyles } from '../ui/shared-styles.ts';

/** Lists the commands and the keys. */
@customElement('help-sheet')
export class HelpSheet extends LitElement {
  static override styles = [
    sharedStyles,
    css`
      h3 {
        margin: 0 0 var(--space-2);
        font: 600 1rem / 1.4 var(--font);
      }
      dl {
        margin: 0 0 var(--space-6);
      }
      div {
        display: grid;
        grid-template-columns: 9.5rem minmax(0, 1fr);
        gap: 0 var(--space-3);
        padding: var(--space-2) 0;
        border-bottom: 1px solid var(--line);
      }
      dd {
        margin: 0;
        color: var(--ink-soft);
      }
      kbd {
        font: 600 var(--text-small) / 1.5 var(--font-mono);
      }
    `,
  ];

  override render() {
    const { help } = lazyStrings();
    return html`
      <h3>${help.commands}</h3>
      <dl>${commandRows().map(renderRow)} ${help.literally.map(renderRow)}</dl>
      <h3>${help.keys}</h3>
      <dl>${help.does.map(renderRow)}</dl>
      <h3>${help.marks}</h3>
      <dl>${help.means.map(renderRow)}</dl>
    `;
  }
}

/** Lists each command with all its names, beginning with the person's language. */
function commandRows(): [string, string][] {
  return Object.entries(lazyStrings().commands).map(([command, { name, takes, does }]) => {
    const others = Object.keys(COMMANDS).filter((other) => COMMANDS[other] === command && other !== name);
    const names = [name, ...others].map((one) => `/${one}${takes === undefined ? '' : ` ${takes}`}`);
    return [names.join(', '), does];
  });
}

function renderRow([keys, does]: readonly [string, string]) {
  return html`<div><dt><kbd>${keys}</kbd></dt><dd>${does}</dd></div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'help-sheet': HelpSheet;
  }
}
