/**
 * The gateway's silent connection: all that the room says to everybody is heard here, once.
 */
import type { Dialer } from './dialer.ts';
import { type Heard, HOLD_MS, RoomParser } from './parser.ts';
import { RoomLink } from './room-link.ts';

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
  /** ms since 1970, 0 for never. */
  openedAt = 0;
  heardAt = 0;
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
    return this.#link.address !== null;
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    return this.#link.leave();
  }

  /** Others hear the room and this connection does not: makes a new one. */
  renew(): void {
    this.#link.renew();
  }

  #linkOnOpen(): void {
    this.openedAt = Date.now();
    this.#parser = new RoomParser();
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
    this.#tell(this.#parser.end());
    this.#events.onLost();
  }

  #tell(heard: Heard[]): void {
    if (heard.length > 0) this.#events.onHeard(heard);
  }
}
