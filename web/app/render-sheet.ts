import { html } from 'lit';
import type { Visit } from '../client/chat-client.ts';
import type { Choices } from '../client/preferences.ts';
import type { Installing } from '../client/pwa-install.ts';
import type { PageEvent, SheetName } from '../ui/events.ts';

/** All that sheets show and change. */
interface Page {
  visit: Visit;
  choices: Choices;
  installing: Installing;
}

/** What stands in a sheet. Its element may not be loaded yet: it takes its properties when it is. */
export function renderSheet(name: SheetName, { visit, choices, installing }: Page) {
  switch (name) {
    case 'people':
      return html`
        <people-sheet
          .here=${visit.people.here}
          .hasFailed=${visit.people.hasFailed}
          .presence=${visit.presence}
          .me=${visit.reading.me}
          .nickname=${visit.nickname}
          .now=${Date.now()}
          @people-again=${() => visit.people.tryAgain()}
        ></people-sheet>
      `;
    case 'invite':
      return html`<invite-sheet></invite-sheet>`;
    case 'settings':
      return html`
        <settings-sheet
          .preferences=${choices.preferences}
          .install=${installing.state}
          @install=${() => installing.install()}
          @prefer=${({ detail }: PageEvent<'prefer'>) => choices.choose(detail)}
        >
          <notice-settings .preferences=${choices.preferences}></notice-settings>
        </settings-sheet>
      `;
    case 'help':
      return html`<help-sheet></help-sheet>`;
  }
}
