/**
 * A browser's own connection into the room: its words go in here, and nowhere else.
 *
 * What comes back is read away at once. The room's broadcasts are the ear's business; but as long as no
 * broadcast has come, what comes is the server's private words: a greeting, an echo, an acknowledgement.
 */
import type { Socket } from 'node:net';
import type { Dialer } from './dialer.ts';
import { HOLD_MS, RoomParser } from './parser.ts';
import { RoomLink } from './room-link.ts';

export interface VoiceEvents {
  announce(socket: Socket): string;
  onOpen(address: string): void;
  onLost(): void;
  /** May be a part of a line. */
  onWords(text: string): void;
}

export class Voice {
  readonly #link: RoomLink;
  readonly #events: VoiceEvents;
  /** null: this connection has brought a broadcast, the rest is not looked at. */
  #parser: RoomParser | null = null;
  #hold: NodeJS.Timeout | undefined;
  /** When a broadcast last came, ms since 1970; 0 for never. */
  broadcastAt = 0;

  constructor(dialer: Dialer, events: VoiceEvents, leaveTimeoutMs: number) {
    this.#events = events;
    this.#link = new RoomLink(
      dialer,
      {
        onOpen: (address) => this.#linkOnOpen(address),
        onBytes: (bytes) => this.#linkOnBytes(bytes),
        onLost: () => this.#events.onLost(),
      },
      { announce: (socket) => events.announce(socket), urgent: false, leaveTimeoutMs },
    );
  }

  get address(): string | null {
    return this.#link.address;
  }

  write(line: string): void {
    this.#link.write(line);
  }

  /** Leaves this connection and makes another. */
  renew(): void {
    clearTimeout(this.#hold);
    this.#link.renew();
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    return this.#link.leave();
  }

  #linkOnOpen(address: string): void {
    this.#parser = new RoomParser();
    this.#events.onOpen(address);
  }

  #linkOnBytes(bytes: Uint8Array): void {
    if (this.#parser) this.#look(this.#parser, bytes);
    else this.broadcastAt = Date.now();
  }

  #look(parser: RoomParser, bytes: Uint8Array): void {
    clearTimeout(this.#hold);
    for (const heard of parser.push(bytes)) {
      if (heard.kind === 'words') this.#events.onWords(heard.text);
      else this.#parser = null;
    }
    if (parser.holding) this.#hold = setTimeout(() => this.#flush(parser), HOLD_MS);
  }

  #flush(parser: RoomParser): void {
    for (const heard of parser.flush()) if (heard.kind === 'words') this.#events.onWords(heard.text);
  }
}
