/**
 * The gateway's silent connection: all that the room says to everybody is heard here, once.
 */
import type { Dialer } from './dialer.ts';
import { type Heard, HOLD_MS, RoomParser } from './parser.ts';
import { RoomLink } from './room-link.ts';

/**
 * Connected is not accepted yet, and words said before the room has taken the ear in are heard by all but us.
 * Nothing tells when it has, so say nothing for so long, ms: a loaded room accepts in a few.
 */
const SETTLE_MS = 100;

export interface EarEvents {
  onOpen(): void;
  onLost(): void;
  onHeard(heard: Heard[]): void;
}

export class Ear {
  readonly #link: RoomLink;
  readonly #events: EarEvents;
  #parser = new RoomParser();
  #hold: NodeJS.Timeout | undefined;
  #settle: NodeJS.Timeout | undefined;
  #open = false;
  /** When it began to hear, and when it last heard something: ms since 1970, 0 for never. */
  openedAt = 0;
  heardAt = 0;
  /** Since when the room was not heard before that. */
  lostAt = 0;
  bytes = 0;

  constructor(dialer: Dialer, events: EarEvents, leaveTimeoutMs: number) {
    this.#events = events;
    this.#link = new RoomLink(
      dialer,
      {
        onOpen: () => this.#linkOnOpen(),
        onBytes: (bytes) => this.#linkOnBytes(bytes),
        onLost: () => this.#linkOnLost(),
      },
      { urgent: true, leaveTimeoutMs },
    );
  }

  get open(): boolean {
    return this.#open;
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    return this.#link.leave();
  }

  /** Others hear the room and this connection does not: makes a new one. */
  renew(): void {
    this.#link.renew();
  }

  #linkOnOpen(): void {
    this.#parser = new RoomParser();
    this.#settle = setTimeout(() => this.#settled(), SETTLE_MS);
  }

  #settled(): void {
    this.#open = true;
    this.openedAt = Date.now();
    this.#events.onOpen();
  }

  #linkOnBytes(bytes: Uint8Array): void {
    this.heardAt = Date.now();
    this.bytes += bytes.length;
    this.#tell(this.#parser.push(bytes));
    clearTimeout(this.#hold);
    if (this.#parser.holding) this.#hold = setTimeout(() => this.#tell(this.#parser.flush()), HOLD_MS);
  }

  #linkOnLost(): void {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    if (this.#open) this.lostAt = Date.now();
    this.#open = false;
    this.#tell(this.#parser.end());
    this.#events.onLost();
  }

  #tell(heard: Heard[]): void {
    if (heard.length > 0) this.#events.onHeard(heard);
  }
}
