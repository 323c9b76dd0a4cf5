/**
 * A browser's own connection into the room: its words go in here, and nowhere else.
 *
 * The room's broadcasts are the ear's business, and read away when many of them wait; but as long as no broadcast
 * has come, what comes is the server's private words: a greeting, an echo, an acknowledgement. In a room without
 * headers nothing tells the one from the other, and it is left to the ear.
 */
import type { Socket } from 'node:net';
import type { Dialer } from './dialer.ts';
import type { Naps } from './naps.ts';
import { HOLD_MS, type RoomFormat, RoomParser } from './parser.ts';
import { RoomLink } from './room-link.ts';

/** What comes so soon may be a greeting to this connection alone, ms. */
const GREETING_MS = 5_000;

export interface VoiceEvents {
  announce(socket: Socket): string;
  onOpen(address: string): void;
  onLost(): void;
  /** May be a part of a line. */
  onWords(text: string): void;
}

export class Voice {
  readonly #link: RoomLink;
  readonly #naps: Naps;
  readonly #events: VoiceEvents;
  /** null: this connection has brought a broadcast, or can't tell: the rest is not looked at. */
  #parser: RoomParser | null = null;
  #hold: NodeJS.Timeout | undefined;
  readonly #format: RoomFormat;
  #greetedUntil = 0;
  /** When a broadcast last came, ms since 1970; 0 for never. */
  broadcastAt = 0;

  constructor(dialer: Dialer, naps: Naps, events: VoiceEvents, format: RoomFormat, leaveTimeoutMs: number) {
    this.#naps = naps;
    this.#events = events;
    this.#format = format;
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

  /** Whoever speaks is awake: an answer is not kept waiting. */
  write(line: string): void {
    this.#link.readOn();
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
    const isPlain = this.#format === 'plain';
    this.#parser = isPlain ? null : new RoomParser();
    this.#greetedUntil = isPlain ? Date.now() + GREETING_MS : 0;
    this.#events.onOpen(address);
  }

  /** Is it to be read on? */
  #linkOnBytes(bytes: Uint8Array): boolean {
    if (this.#parser) this.#look(this.#parser, bytes);
    if (this.#parser || Date.now() < this.#greetedUntil) return true;
    this.broadcastAt = Date.now();
    return !this.#naps.take(this.#link);
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
