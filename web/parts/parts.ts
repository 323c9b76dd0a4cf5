/// <reference path="../virtual.d.ts" />
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { ownBuild, servedBuild } from '../ui/browser-effects.ts';
import { PartLoader } from './part-loader.ts';

const PARTS = {
  people: () => import('../sheets/people-sheet.ts'),
  invite: () => import('../sheets/invite-sheet.ts'),
  settings: () =>
    Promise.all([import('../sheets/settings-sheet.ts'), import('../sheets/notification-settings.ts')]),
  help: () => import('../sheets/help-sheet.ts'),
  search: () => import('../search-view/search-panel.ts'),
  access: () => import('../app/login-panel.ts'),
  projector: () => import('../projector/projector-view.ts'),
  'paste-question': () => import('../composer/paste-question.ts'),
  completion: () => import('../composer/create-completion.ts'),
  'emoji-es': () => import('virtual:emoji/es'),
  'emoji-en': () => import('virtual:emoji/en'),
  links: () => import('../log-view/links.ts'),
  notices: () => Promise.all([import('../client/notifier.ts'), import('../ui/desktop-notification.ts')]),
  chime: () => import('../ui/notification-sound.ts'),
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
