/**
 * A browser's own connection into the room: its words go in here, and nowhere else.
 *
 * The room's broadcasts are the ear's business, and read away when many of them wait; but as long as no broadcast
 * has come, what comes is the server's private words: a greeting, an echo, an acknowledgement. In a room without
 * headers nothing tells the one from the other, and it is left to the ear.
 */
import type { Socket } from 'node:net';
import type { DeferredReads } from './deferred-reads.ts';
import type { Dialer } from './dialer.ts';
import { DiceParser, HOLD_MS, type RoomFormat } from './formats/dice-parser.ts';
import { RoomConnection, type RoomConnectionListener } from './room-connection.ts';

/** What comes so soon may be a greeting to this connection alone, ms. */
const GREETING_MS = 5_000;

/** Whose voice it is. */
export interface VoiceListener {
  /** Tells the room whose a new connection is; returns its `IP:PORT` there. */
  announce(socket: Socket): string;
  onVoiceOpen(address: string): void;
  onVoiceLost(): void;
  /** May be a part of a line. */
  onPrivateText(text: string): void;
}

export interface VoiceOptions {
  format: RoomFormat;
  /** How long the server may take to close its side when we leave, ms. */
  leaveTimeoutMs: number;
}

export class Voice implements RoomConnectionListener {
  readonly #connection: RoomConnection;
  readonly #deferredReads: DeferredReads;
  readonly #listener: VoiceListener;
  /** null: this connection has brought a broadcast, or can't tell: the rest is not looked at. */
  #parser: DiceParser | null = null;
  #hold: NodeJS.Timeout | undefined;
  readonly #format: RoomFormat;
  #greetedUntil = 0;
  /** When a broadcast last came, ms since 1970; 0 for never. */
  lastBroadcastAt = 0;

  constructor(
    owner: VoiceListener,
    dialer: Dialer,
    deferredReads: DeferredReads,
    { format, leaveTimeoutMs }: VoiceOptions,
  ) {
    this.#listener = owner;
    this.#deferredReads = deferredReads;
    this.#format = format;
    this.#connection = new RoomConnection(this, dialer, leaveTimeoutMs);
  }

  get address(): string | null {
    return this.#connection.address;
  }

  /** Whoever speaks is awake: an answer is not kept waiting. */
  write(line: string): void {
    this.#connection.resumeReading();
    this.#connection.write(line);
  }

  /** Leaves this connection and makes another. */
  reconnect(): void {
    clearTimeout(this.#hold);
    this.#connection.reconnect();
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    return this.#connection.leave();
  }

  announce(socket: Socket): string {
    return this.#listener.announce(socket);
  }

  onConnectionOpen(address: string): void {
    const isPlain = this.#format === 'plain';
    this.#parser = isPlain ? null : new DiceParser();
    this.#greetedUntil = isPlain ? Date.now() + GREETING_MS : 0;
    this.#listener.onVoiceOpen(address);
  }

  /** Is it to be read on? */
  onBytes(bytes: Uint8Array): boolean {
    if (this.#parser) this.#parse(this.#parser, bytes);
    if (this.#parser || Date.now() < this.#greetedUntil) return true;
    this.lastBroadcastAt = Date.now();
    return !this.#deferredReads.defer(this.#connection);
  }

  onConnectionLost(): void {
    this.#listener.onVoiceLost();
  }

  #parse(parser: DiceParser, bytes: Uint8Array): void {
    clearTimeout(this.#hold);
    for (const heard of parser.push(bytes)) {
      if (heard.kind === 'words') this.#listener.onPrivateText(heard.text);
      else this.#parser = null;
    }
    if (parser.holding) this.#hold = setTimeout(() => this.#flush(parser), HOLD_MS);
  }

  #flush(parser: DiceParser): void {
    for (const heard of parser.flush()) if (heard.kind === 'words') this.#listener.onPrivateText(heard.text);
  }
}
