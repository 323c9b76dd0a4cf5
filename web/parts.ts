/// <reference path="./virtual.d.ts" />
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ownBuild, servedBuild } from './browser.ts';
import { PartLoader } from './part-loader.ts';

const PARTS = {
  people: () => import('./elements/people-sheet.ts'),
  invite: () => import('./elements/invite-sheet.ts'),
  settings: () =>
    Promise.all([import('./elements/settings-sheet.ts'), import('./elements/notice-settings.ts')]),
  help: () => import('./elements/help-sheet.ts'),
  search: () => import('./elements/search-panel.ts'),
  access: () => import('./elements/access-panel.ts'),
  projector: () => import('./elements/projector-view.ts'),
  'paste-question': () => import('./elements/paste-question.ts'),
  completion: () => import('./elements/composer-completion.ts'),
  'emoji-es': () => import('virtual:emoji/es'),
  'emoji-en': () => import('virtual:emoji/en'),
  links: () => import('./links.ts'),
  notices: () => Promise.all([import('./notifying.ts'), import('./elements/desktop.ts')]),
  chime: () => import('./chime.ts'),
};

export type PartName = keyof typeof PARTS;

const hosts = new Set<ReactiveControllerHost>();

/** All parts of the page that are loaded later. There is no other way to load one. */
export const parts = new PartLoader(PARTS, {
  ownBuild: ownBuild(),
  servedBuild,
  changed: () => {
    for (const host of hosts) host.requestUpdate();
  },
});

/** Loads a part that is drawn as failed when it fails. */
export function openPart(name: PartName): void {
  parts.load(name).catch(() => {});
}

/** Draws its host anew when a part has come or failed. */
export class PartsController implements ReactiveController {
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    hosts.add(this.#host);
  }

  hostDisconnected(): void {
    hosts.delete(this.#host);
  }
}
