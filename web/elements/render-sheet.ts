import { html } from 'lit';
import type { Installing } from '../installing.ts';
import type { Choices } from '../preferences.ts';
import type { Visit } from '../visit.ts';
import type { PageEvent } from './page-events.ts';
import type { SheetName } from './sheets.ts';

/** What stands in a sheet. Its element may not be loaded yet: it takes its properties when it is. */
export function renderSheet(name: SheetName, _visit: Visit, choices: Choices, installing: Installing) {
  switch (name) {
    case 'people':
      return html`<people-sheet></people-sheet>`;
    case 'invite':
      return html`<invite-sheet></invite-sheet>`;
    case 'settings':
      return html`
        <settings-sheet
          .preferences=${choices.preferences}
          .install=${installing.state}
          @install=${() => installing.install()}
          @prefer=${({ detail }: PageEvent<'prefer'>) => choices.choose(detail)}
        ></settings-sheet>
      `;
    case 'help':
      return html`<help-sheet></help-sheet>`;
  }
}
