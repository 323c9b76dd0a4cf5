/**
 * The gateway's silent connection: it receives each broadcast of the room once, for all sessions.
 */
import type { DeferredReads } from './deferred-reads.ts';
import type { Dialer } from './dialer.ts';
import { loginNameOf } from './formats/login-name.ts';
import type { Manner, RoomParser } from './formats/manner.ts';
import type { OwnVoices, RoomText } from './formats/room-text.ts';
import { type Connection, openConnection } from './login-connection.ts';
import type { ConnectionReport, RoomConnectionListener } from './room-connection.ts';
import type { WireTap } from './tap/wire-observer.ts';

/**
 * A connected ear may not be accepted by the room yet, and misses what is sent meanwhile. In a silent room nothing
 * shows when it is accepted, so sessions do not send during this time, ms. A loaded room accepts in a few ms.
 */
const SETTLE_MS = 100;

export interface EarListener extends OwnVoices {
  /** The ear is connected, but the room may not have accepted it yet. */
  onConnected(): void;
  onOpen(): void;
  onLost(): void;
  /** The room sends no frames of ROOM_FRAMING. */
  onBadFrame(problem: string): void;
  onHeard(texts: RoomText[]): void;
  /** Returns true if the room seems not to have accepted the ear. `since`: when the wait began, ms since 1970. */
  isAwaited(since: number): boolean;
}

export interface EarOptions {
  manner: Manner;
  /** The ear's name in a room with logins. */
  earName: string;
  /** How long the server may take to close its side when the ear leaves, ms. */
  leaveTimeoutMs: number;
}

export class Ear implements RoomConnectionListener {
  readonly #connection: Connection;
  readonly #listener: EarListener;
  readonly #deferredReads: DeferredReads;
  readonly #manner: Manner;
  readonly #tap: WireTap;
  #parser: RoomParser;
  #hold: NodeJS.Timeout | undefined;
  #settle: NodeJS.Timeout | undefined;
  #isOpen = false;
  /** When the ear opened, and when bytes last came: ms since 1970, 0 for never. */
  openedAt = 0;
  heardAt = 0;
  /** Since when the ear has not heard the room, or the beginning of the last such time. */
  lostAt = 0;
  bytes = 0;
  /** This connection has brought a header, so the room has the expected format. */
  isProven = false;

  constructor(
    listener: EarListener,
    dialer: Dialer,
    deferredReads: DeferredReads,
    { manner, earName, leaveTimeoutMs }: EarOptions,
    tap: WireTap,
  ) {
    this.#tap = tap;
    this.#listener = listener;
    this.#deferredReads = deferredReads;
    this.#manner = manner;
    this.#parser = this.#newParser();
    this.#connection = openConnection(this, dialer, {
      manner,
      leaveTimeoutMs,
      nameOf: (attempt) => loginNameOf(earName, attempt),
    });
  }

  /** True while the ear hears the room, as far as that is known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get report(): ConnectionReport {
    return this.#connection.report;
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    return this.#connection.leave();
  }

  /** Leaves the room, if the ear is there, and connects again, after `ms` if that is given. */
  reconnect(ms?: number): void {
    this.#markLost(Math.max(this.heardAt, this.openedAt));
    this.#connection.reconnect(ms);
  }

  onConnectionOpen(): void {
    this.#tap.observer?.onEarOpen();
    this.#parser = this.#newParser();
    this.isProven = false;
    this.#listener.onConnected();
    this.#awaitSettled();
  }

  #newParser(): RoomParser {
    return this.#manner.newEarParser(this.#listener);
  }

  #awaitSettled(): void {
    const since = Date.now();
    this.#settle = setTimeout(() => {
      if (this.#listener.isAwaited(since)) this.#awaitSettled();
      else this.#open();
    }, SETTLE_MS);
  }

  #open(): void {
    clearTimeout(this.#settle);
    this.#isOpen = true;
    this.openedAt = Date.now();
    this.#listener.onOpen();
  }

  onBytes(bytes: Uint8Array): boolean {
    this.heardAt = Date.now();
    this.bytes += bytes.length;
    this.#tap.observer?.onRead(bytes);
    this.#emit(this.#parser.push(bytes));
    clearTimeout(this.#hold);
    if (this.#parser.isHolding)
      this.#hold = setTimeout(() => this.#emit(this.#parser.flush()), this.#manner.holdMs);
    this.#deferredReads.onBytesHeard(bytes.length);
    return true;
  }

  onBadFrame(problem: string): void {
    this.#listener.onBadFrame(problem);
  }

  onConnectionLost(): void {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    this.#emit(this.#parser.end());
    this.#markLost(Date.now());
    this.#listener.onLost();
  }

  #markLost(time: number): void {
    if (this.#isOpen) this.lostAt = time;
    this.#isOpen = false;
  }

  #emit(texts: RoomText[]): void {
    if (texts.length === 0) return;
    this.isProven ||= texts.some(hasHeader);
    // An ear that hears a message is accepted. It opens before the message is recorded, so that the gap precedes it.
    if (!this.#isOpen && texts.some(({ kind }) => kind === 'message')) this.#open();
    this.#listener.onHeard(texts);
  }
}

function hasHeader(text: RoomText): boolean {
  return text.kind === 'message' && (text.from !== '' || text.name !== undefined);
}
