/**
 * A session's own connection into the room: its messages go in here, and nowhere else.
 *
 * The ear reads the room's broadcasts. A voice discards its copies, many at once. Text before the first broadcast is
 * private text of the server: a greeting, an echo, an acknowledgement. In a room without headers a voice can't
 * distinguish the two, and leaves both to the ear.
 */
import type { DeferredReads } from './deferred-reads.ts';
import type { Dialer } from './dialer.ts';
import type { Manner, RoomParser } from './formats/manner.ts';
import type { RoomText } from './formats/room-text.ts';
import { type Connection, openConnection } from './login-connection.ts';
import type { RoomClient } from './proxy-header.ts';
import type { ConnectionReport, RoomConnectionListener } from './room-connection.ts';

/** Text that comes this soon may be a greeting to this connection alone, so its reads are not deferred, ms. */
const GREETING_MS = 5_000;

/** How often a voice looks for a message in a room of templates, ms. */
const BROADCAST_CHECK_MS = 1_000;

/** The client of the voice, and listener of its events. */
export interface VoiceListener extends RoomClient {
  /** Returns the name for a login, from try 0 on. Undefined: the person has chosen none. */
  loginNameFor(attempt: number): string | undefined;
  /** `name`: that of the login, empty in a room without logins. */
  onVoiceOpen(address: string, name: string): void;
  onVoiceLost(): void;
  /** The text may be a part of a line. */
  onPrivateText(text: string): void;
}

export interface VoiceOptions {
  manner: Manner;
  /** How long the server may take to close its side when the voice leaves, ms. */
  leaveTimeoutMs: number;
}

export class Voice implements RoomConnectionListener {
  readonly #connection: Connection;
  readonly #deferredReads: DeferredReads;
  readonly #listener: VoiceListener;
  /** False after the first broadcast of this connection, and in a room without headers: the bytes are discarded. */
  #isPrivate = false;
  /** Made with the first bytes, because most voices receive no private text. */
  #parser: RoomParser | undefined;
  #hold: NodeJS.Timeout | undefined;
  readonly #manner: Manner;
  #greetingUntil = 0;
  /** Until when text without a header is private, ms since 1970. */
  #privateUntil = 0;
  /** When the last broadcast came, ms since 1970; 0 for never. */
  lastBroadcastAt = 0;

  constructor(
    listener: VoiceListener,
    dialer: Dialer,
    deferredReads: DeferredReads,
    { manner, leaveTimeoutMs }: VoiceOptions,
  ) {
    this.#listener = listener;
    this.#deferredReads = deferredReads;
    this.#manner = manner;
    this.#connection = openConnection(this, dialer, {
      manner,
      leaveTimeoutMs,
      client: listener,
      nameOf: (attempt) => listener.loginNameFor(attempt),
    });
  }

  get address(): string | null {
    return this.#connection.address;
  }

  get report(): ConnectionReport {
    return this.#connection.report;
  }

  /** Sends one chunk, and returns what is written. Resumes reading first, so that an answer does not wait. */
  say(text: string): string | Uint8Array {
    this.#connection.resumeReading();
    const written = this.#manner.say(text, this.#connection.name);
    this.#connection.write(written);
    return written;
  }

  reconnect(): void {
    clearTimeout(this.#hold);
    this.#connection.reconnect();
  }

  /** The person has chosen a name, or another one. */
  logIn(): void {
    clearTimeout(this.#hold);
    this.#connection.reconnect(0);
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    return this.#connection.leave();
  }

  onConnectionOpen(address: string): void {
    this.#isPrivate = this.#manner.newVoiceParser !== undefined;
    this.#parser = undefined;
    this.#greetingUntil = this.#isPrivate ? 0 : Date.now() + GREETING_MS;
    this.#privateUntil = Date.now() + this.#manner.privateMs;
    this.#listener.onVoiceOpen(address, this.#connection.name);
  }

  onBytes(bytes: Uint8Array): boolean {
    if (this.#isPrivate && Date.now() > this.#privateUntil) this.#isPrivate = false;
    if (this.#isPrivate) this.#parse(bytes);
    if (this.#isPrivate || Date.now() < this.#greetingUntil) return true;
    this.#noteBroadcast(bytes);
    return !this.#deferredReads.defer(this.#connection);
  }

  onConnectionLost(): void {
    this.#listener.onVoiceLost();
  }

  /** One message a second is enough, because looking for it costs as much as in the ear. */
  #noteBroadcast(bytes: Uint8Array): void {
    const { isBroadcast } = this.#manner;
    const now = Date.now();
    if (!isBroadcast || (now - this.lastBroadcastAt >= BROADCAST_CHECK_MS && isBroadcast(bytes)))
      this.lastBroadcastAt = now;
  }

  #parse(bytes: Uint8Array): void {
    this.#parser ??= this.#manner.newVoiceParser?.();
    const parser = this.#parser;
    if (!parser) return;
    clearTimeout(this.#hold);
    this.#emit(parser.push(bytes));
    if (!this.#isPrivate) this.#parser = undefined;
    else if (parser.isHolding) this.#hold = setTimeout(() => this.#emit(parser.flush()), this.#manner.holdMs);
  }

  #emit(texts: RoomText[]): void {
    for (const { kind, text } of texts) {
      if (kind === 'private' || kind === 'note') this.#listener.onPrivateText(text);
      else this.#isPrivate = false;
    }
  }
}
