import type { Preferences } from '../client/preferences.ts';
import type { ReadingPlace } from '../connection/tab-storage.ts';
import type { Missing } from '../timeline/log-segment.ts';

/** What is beside the conversation. */
export type SheetName = 'people' | 'invite' | 'settings' | 'help';

/** What elements tell upwards, and the detail it comes with. */
export interface PageEvents {
  say: string;
  draft: string;
  nickname: string;
  /** Which of the choices for a word. */
  choose: number;
  /** What to do with many lines that were pasted. */
  pasted: 'say' | 'write' | 'join' | 'cancel';
  leave: undefined;
  'come-back': undefined;
  'access-code': string;
  'say-again': string;
  discard: string;
  /** The log shows its end, or no longer does. */
  'at-newest': boolean;
  'to-composer': undefined;

  /** What was loaded of the log is nearly read: more, please. `again`: also after a failure. */
  'look-back': { again: boolean };
  'look-ahead': { again: boolean };
  'fill-hole': Missing;
  'to-newest': undefined;
  /** What is being read, when it is not the newest. */
  reading: ReadingPlace | null;

  'open-sheet': SheetName;
  'close-sheet': undefined;
  prefer: Partial<Preferences>;
  install: undefined;
  'people-again': undefined;
  /** A nickname or an address. */
  mention: string;

  'open-search': undefined;
  'close-search': undefined;
  'look-for': string;
  'more-results': undefined;
  'search-again': undefined;
  /** The number of the result that was chosen. */
  'go-to': number;
}

export type PageEvent<Name extends keyof PageEvents> = CustomEvent<PageEvents[Name]>;

export function emit<Name extends keyof PageEvents>(
  element: HTMLElement,
  name: Name,
  ...[detail]: [PageEvents[Name]] extends [undefined] ? [] : [PageEvents[Name]]
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}
