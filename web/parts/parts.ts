import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EmojiTable } from '../composer/emoji-search.ts';
import { ownBuild, servedBuild } from '../ui/browser-effects.ts';
import { type Load, PartLoader } from './part-loader.ts';

/** Parts that only define elements. */
type ElementPart =
  | 'people'
  | 'invite'
  | 'settings'
  | 'help'
  | 'download'
  | 'host'
  | 'lab'
  | 'missing-note'
  | 'board'
  | 'newcomer'
  | 'search'
  | 'login'
  | 'controls'
  | 'projector'
  | 'see-tcp'
  | 'paste-question'
  | 'message-actions';

type EmojiModule = { default: EmojiTable };

export type PartLoaders = Record<ElementPart, Load> & {
  completion: Load<typeof import('../composer/create-completion.ts')>;
  'emoji-es': Load<EmojiModule>;
  'emoji-en': Load<EmojiModule>;
  'tab-icon': Load<typeof import('../app/tab-icon.ts')>;
  'lazy-strings': Load<typeof import('../ui/lazy-i18n.ts')>;
  links: Load<typeof import('../log-view/links.ts')>;
  notifications: Load<
    [typeof import('../client/notifier.ts'), typeof import('../ui/desktop-notification.ts')]
  >;
  'notification-sound': Load<typeof import('../ui/notification-sound.ts')>;
};

export type PartName = keyof PartLoaders;

/** Loads every lazy part of the page. main.ts registers the loaders before it creates an element. */
export let parts: PartLoader<PartLoaders>;

const hosts = new Set<ReactiveControllerHost>();

/** Takes the loaders as an argument, because the modules that they load import this one. */
export function registerLoaders(loaders: PartLoaders): void {
  parts = new PartLoader(loaders, {
    ownBuild: ownBuild(),
    servedBuild,
    changed: () => {
      for (const host of hosts) host.requestUpdate();
    },
  });
}

/** Loads a part whose failure renderPart() shows. */
export function openPart(name: PartName): void {
  parts.load(name).catch(() => {});
}

/** Renders its host again when the state of a part changes. */
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
