/**
 * A browser's own connection into the room: its words go in here, and nowhere else.
 *
 * The room's broadcasts are the ear's business, and read away when many of them wait; but as long as no broadcast
 * has come, what comes is the server's private words: a greeting, an echo, an acknowledgement. In a room without
 * headers nothing tells the one from the other, and it is left to the ear.
 */
import type { Socket } from 'node:net';
import type { Naps } from './deferred-reads.ts';
import type { Dialer } from './dialer.ts';
import { HOLD_MS, type RoomFormat, RoomParser } from './formats/dice-parser.ts';
import { RoomLink, type RoomLinkOwner } from './room-connection.ts';

/** What comes so soon may be a greeting to this connection alone, ms. */
const GREETING_MS = 5_000;

/** Whose voice it is. */
export interface VoiceOwner {
  /** Tells the room whose a new connection is; returns its `IP:PORT` there. */
  announce(socket: Socket): string;
  voiceOnOpen(address: string): void;
  voiceOnLost(): void;
  /** May be a part of a line. */
  voiceOnWords(text: string): void;
}

export interface VoiceOptions {
  format: RoomFormat;
  /** How long the server may take to close its side when we leave, ms. */
  leaveTimeoutMs: number;
}

export class Voice implements RoomLinkOwner {
  readonly #link: RoomLink;
  readonly #naps: Naps;
  readonly #owner: VoiceOwner;
  /** null: this connection has brought a broadcast, or can't tell: the rest is not looked at. */
  #parser: RoomParser | null = null;
  #hold: NodeJS.Timeout | undefined;
  readonly #format: RoomFormat;
  #greetedUntil = 0;
  /** When a broadcast last came, ms since 1970; 0 for never. */
  broadcastAt = 0;

  constructor(owner: VoiceOwner, dialer: Dialer, naps: Naps, { format, leaveTimeoutMs }: VoiceOptions) {
    this.#owner = owner;
    this.#naps = naps;
    this.#format = format;
    this.#link = new RoomLink(this, dialer, leaveTimeoutMs);
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

  announce(socket: Socket): string {
    return this.#owner.announce(socket);
  }

  linkOnOpen(address: string): void {
    const isPlain = this.#format === 'plain';
    this.#parser = isPlain ? null : new RoomParser();
    this.#greetedUntil = isPlain ? Date.now() + GREETING_MS : 0;
    this.#owner.voiceOnOpen(address);
  }

  /** Is it to be read on? */
  linkOnBytes(bytes: Uint8Array): boolean {
    if (this.#parser) this.#look(this.#parser, bytes);
    if (this.#parser || Date.now() < this.#greetedUntil) return true;
    this.broadcastAt = Date.now();
    return !this.#naps.take(this.#link);
  }

  linkOnLost(): void {
    this.#owner.voiceOnLost();
  }

  #look(parser: RoomParser, bytes: Uint8Array): void {
    clearTimeout(this.#hold);
    for (const heard of parser.push(bytes)) {
      if (heard.kind === 'words') this.#owner.voiceOnWords(heard.text);
      else this.#parser = null;
    }
    if (parser.holding) this.#hold = setTimeout(() => this.#flush(parser), HOLD_MS);
  }

  #flush(parser: RoomParser): void {
    for (const heard of parser.flush()) if (heard.kind === 'words') this.#owner.voiceOnWords(heard.text);
  }
}
