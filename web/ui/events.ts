import type { Preferences } from '../client/preferences.ts';
import type { ReadingPlace } from '../connection/tab-storage.ts';
import type { Missing } from '../timeline/log-segment.ts';

/** What is beside the conversation. */
export type SheetName = 'people' | 'invite' | 'settings' | 'help';

/** What elements tell upwards, and the detail it comes with. */
export interface PageEvents {
  send: string;
  'set-draft': string;
  'set-nickname': string;
  /** Which of the choices for a word. */
  'choose-suggestion': number;
  /** What to do with many lines that were pasted. */
  'answer-paste': 'say' | 'write' | 'join' | 'cancel';
  leave: undefined;
  rejoin: undefined;
  'enter-code': string;
  'send-again': string;
  discard: string;
  /** The log shows its end, or no longer does. */
  'report-at-newest': boolean;
  'focus-composer': undefined;

  /** What was loaded of the log is nearly read: more, please. `again`: also after a failure. */
  'load-older': { again: boolean };
  'load-newer': { again: boolean };
  'load-missing': Missing;
  'go-to-newest': undefined;
  /** What is being read, when it is not the newest. */
  'report-place': ReadingPlace | null;

  'open-sheet': SheetName;
  'close-sheet': undefined;
  'set-preferences': Partial<Preferences>;
  install: undefined;
  'reload-people': undefined;
  /** A nickname or an address. */
  mention: string;

  'open-search': undefined;
  'close-search': undefined;
  'search-messages': string;
  'load-results': undefined;
  'retry-search': undefined;
  /** The number of the result that was chosen. */
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
