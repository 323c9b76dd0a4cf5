/// <reference path="../virtual.d.ts" />
import type { PartLoaders } from './parts.ts';

/** The lazy parts of the page. Only main.ts imports this file: the parts themselves import parts.ts. */
export const LOADERS: PartLoaders = {
  people: () => import('../sheets/people-sheet.ts'),
  invite: () => import('../sheets/invite-sheet.ts'),
  settings: () =>
    Promise.all([import('../sheets/settings-sheet.ts'), import('../sheets/notification-settings.ts')]),
  help: () => import('../sheets/help-sheet.ts'),
  download: () => import('../sheets/download-sheet.ts'),
  host: () => import('../host/host-sheet.ts'),
  lab: () => import('../lab/lab-sheet.ts'),
  newcomer: () => import('../log-view/newcomer-card.ts'),
  board: () => import('../host/room-board.ts'),
  search: () => import('../search-view/search-panel.ts'),
  login: () => import('../app/login-panel.ts'),
  projector: () => import('../projector/projector-view.ts'),
  'see-tcp': () => import('../wire/wire-panel.ts'),
  'paste-question': () => import('../composer/paste-question.ts'),
  completion: () => import('../composer/create-completion.ts'),
  'emoji-es': () => import('virtual:emoji/es'),
  'emoji-en': () => import('virtual:emoji/en'),
  'tab-icon': () => import('../app/tab-icon.ts'),
  controls: () =>
    Promise.all([
      import('../app/farewell-panel.ts'),
      import('../app/menu-items.ts'),
      import('../sheets/side-sheet.ts'),
    ]),
  'message-actions': () =>
    Promise.all([import('../message-actions/copy-code.ts'), import('../message-actions/message-menu.ts')]),
  'lazy-strings': () => import('../ui/lazy-i18n.ts'),
  'missing-note': () => import('../log-view/missing-note.ts'),
  links: () => import('../log-view/links.ts'),
  notifications: () =>
    Promise.all([import('../client/notifier.ts'), import('../ui/desktop-notification.ts')]),
  'notification-sound': () => import('../ui/notification-sound.ts'),
};
