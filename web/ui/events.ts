import type { ClientMessage } from '../../gateway/protocol.ts';
import type { Preferences } from '../client/preferences.ts';
import type { ReadingPlace } from '../connection/tab-storage.ts';
import type { Missing } from '../timeline/log-segment.ts';

/** Names of the sheets beside the conversation. */
export type SheetName = 'people' | 'invite' | 'settings' | 'help' | 'host' | 'lab' | 'download';

/** An act of a host. */
export type HostAct = Extract<ClientMessage, { type: 'hide' | 'silence' | 'pause' | 'pin' | 'title' }>;

/** Events that elements emit upwards, with the type of their detail. */
export interface PageEvents {
  send: string;
  'set-draft': string;
  'set-nickname': string;
  /** Index of the suggestion. */
  'choose-suggestion': number;
  /** The answer to the question about pasted lines. */
  'answer-paste': 'send' | 'insert' | 'join' | 'cancel';
  leave: undefined;
  rejoin: undefined;
  'enter-code': string;
  'send-again': string;
  discard: string;
  /** Whether the end of the log is visible. */
  'report-at-newest': boolean;
  'focus-composer': undefined;

  /** `again`: loads also after a failure. */
  'load-older': { again: boolean };
  'load-newer': { again: boolean };
  'load-missing': Missing;
  /** Whether the log shows some people alone. */
  'report-filter': boolean;
  'go-to-newest': undefined;
  /** Reading position; null at the newest. */
  'report-place': ReadingPlace | null;

  'close-menu': undefined;
  'open-sheet': SheetName;
  'close-sheet': undefined;
  'set-preferences': Partial<Preferences>;
  install: undefined;
  'reload-people': undefined;
  /** A nickname or an address. */
  mention: string;
  /** A line that quotes a message. */
  quote: string;
  'host-act': HostAct;

  'open-search': undefined;
  'close-search': undefined;
  'search-messages': string;
  'load-results': undefined;
  'retry-search': undefined;
  /** Number of the message. */
  'go-to-message': number;
}

export type PageEvent<Name extends keyof PageEvents> = CustomEvent<PageEvents[Name]>;

export function emit<Name extends keyof PageEvents>(
  element: HTMLElement,
  name: Name,
  ...[detail]: [PageEvents[Name]] extends [undefined] ? [] : [PageEvents[Name]]
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}
