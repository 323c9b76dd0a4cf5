/** What elements tell upwards, and the detail it comes with. */
export interface PageEvents {
  say: string;
  draft: string;
  nickname: string;
  leave: undefined;
  'come-back': undefined;
  'say-again': string;
  discard: string;
  /** The log shows its end, or no longer does. */
  'at-newest': boolean;
  'to-composer': undefined;
}

export type PageEvent<Name extends keyof PageEvents> = CustomEvent<PageEvents[Name]>;

export function tell<Name extends keyof PageEvents>(
  element: HTMLElement,
  name: Name,
  ...[detail]: PageEvents[Name] extends undefined ? [] : [PageEvents[Name]]
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}
