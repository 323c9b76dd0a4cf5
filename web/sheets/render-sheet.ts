import { html } from 'lit';
import type { ChatClient } from '../client/chat-client.ts';
import type { PreferenceStore } from '../client/preferences.ts';
import type { PwaInstall } from '../client/pwa-install.ts';
import type { PageEvent, SheetName } from '../ui/events.ts';

/** The state that sheets show and change. */
export interface SheetContext {
  client: ChatClient;
  preferences: PreferenceStore;
  install: PwaInstall;
  isDocked: boolean;
}

/** Draws the content of a sheet. An element that is not loaded yet takes its properties later. */
export function renderSheet(name: SheetName, { client, preferences, install, isDocked }: SheetContext) {
  switch (name) {
    case 'people':
      return html`
        <people-sheet
          .here=${client.people.here}
          .hasFailed=${client.people.hasFailed}
          .status=${client.status}
          .me=${client.timeline.ownId}
          .nickname=${client.nickname}
          .isDocked=${isDocked}
          .now=${Date.now()}
          @reload-people=${() => client.people.refresh()}
        ></people-sheet>
      `;
    case 'invite':
      return html`<invite-sheet></invite-sheet>`;
    case 'settings':
      return html`
        <settings-sheet
          .preferences=${preferences.preferences}
          .install=${install.state}
          @install=${() => install.install()}
          @set-preferences=${({ detail }: PageEvent<'set-preferences'>) => preferences.set(detail)}
        >
          <notification-settings .preferences=${preferences.preferences}></notification-settings>
        </settings-sheet>
      `;
    case 'host':
      return html`
        <host-sheet
          .isHost=${client.isHost}
          .moderation=${client.moderation}
          .items=${client.timeline.history.items}
          .here=${client.people.here}
          @host-act=${({ detail }: PageEvent<'host-act'>) => client.act(detail)}
        ></host-sheet>
      `;
    case 'lab':
      return html`<lab-sheet></lab-sheet>`;
    case 'download':
      return html`<download-sheet></download-sheet>`;
    case 'help':
      return html`<help-sheet></help-sheet>`;
  }
}
