/**
 * The gateway's silent connection: all that the room says to everybody is heard here, once.
 */
import type { Socket } from 'node:net';
import type { Dialer } from './dialer.ts';
import {
  DiceParser,
  HOLD_MS,
  type RoomFormat,
  type RoomParser,
  type RoomText,
} from './formats/dice-parser.ts';
import { PlainParser } from './formats/plain-parser.ts';
import { RoomConnection, type RoomConnectionListener } from './room-connection.ts';

/**
 * Connected is not accepted yet, and words said before the room has taken the ear in are heard by all but us.
 * While nobody else speaks nothing tells when it has, so say nothing for so long, ms: a loaded room accepts in a few.
 */
const SETTLE_MS = 100;

export interface EarListener {
  announce(socket: Socket): string;
  onOpen(): void;
  onLost(): void;
  onHeard(heard: RoomText[]): void;
  /** How many have come, after what they say was told. */
  onBytes(count: number): void;
  /** Is this the address of one of our voices? */
  isOwn(address: string): boolean;
  /** Has another of our connections heard the room speak since `time` (ms since 1970)? */
  othersHeardSince(time: number): boolean;
}

export class Ear implements RoomConnectionListener {
  readonly #connection: RoomConnection;
  readonly #listener: EarListener;
  readonly #format: RoomFormat;
  #parser: RoomParser;
  #hold: NodeJS.Timeout | undefined;
  #settle: NodeJS.Timeout | undefined;
  #open = false;
  /** When it began to hear, and when it last heard something: ms since 1970, 0 for never. */
  openedAt = 0;
  heardAt = 0;
  /** Since when it does not hear, or did not before that. */
  lostAt = 0;
  bytes = 0;
  /** This connection has brought a header, so the room talks as it is expected to. */
  isProven = false;

  constructor(dialer: Dialer, events: EarListener, format: RoomFormat, leaveTimeoutMs: number) {
    this.#listener = events;
    this.#format = format;
    this.#parser = this.#newParser();
    this.#connection = new RoomConnection(this, dialer, leaveTimeoutMs, true);
  }

  get open(): boolean {
    return this.#open;
  }

  leave(): Promise<void> {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    return this.#connection.leave();
  }

  /** Leaves the room if it is there, and connects again, after `ms` if that is given. */
  reconnect(ms?: number): void {
    this.#lose(Math.max(this.heardAt, this.openedAt));
    this.#connection.reconnect(ms);
  }

  announce(socket: Socket): string {
    return this.#listener.announce(socket);
  }

  onConnectionOpen(): void {
    this.#parser = this.#newParser();
    this.isProven = false;
    this.#waitToSettle();
  }

  #newParser(): RoomParser {
    return this.#format === 'plain' ? new PlainParser() : new DiceParser(this.#listener.isOwn);
  }

  /** Where others still hear what we do not, the room has not taken us in yet. */
  #waitToSettle(): void {
    const since = Date.now();
    this.#settle = setTimeout(() => {
      if (this.#listener.othersHeardSince(since)) this.#waitToSettle();
      else this.#settled();
    }, SETTLE_MS);
  }

  #settled(): void {
    clearTimeout(this.#settle);
    this.#open = true;
    this.openedAt = Date.now();
    this.#listener.onOpen();
  }

  onBytes(bytes: Uint8Array): boolean {
    this.heardAt = Date.now();
    this.bytes += bytes.length;
    this.#emit(this.#parser.push(bytes));
    clearTimeout(this.#hold);
    if (this.#parser.holding) this.#hold = setTimeout(() => this.#emit(this.#parser.flush()), HOLD_MS);
    this.#listener.onBytes(bytes.length);
    return true;
  }

  onConnectionLost(): void {
    clearTimeout(this.#hold);
    clearTimeout(this.#settle);
    this.#emit(this.#parser.end());
    this.#lose(Date.now());
    this.#listener.onLost();
  }

  #lose(time: number): void {
    if (this.#open) this.lostAt = time;
    this.#open = false;
  }

  #emit(heard: RoomText[]): void {
    if (heard.length === 0) return;
    this.isProven ||= heard.some(isHeader);
    // Who hears others is in. It is told first: what was not heard before is missing there, not further on.
    if (!this.#open && heard.some(({ kind }) => kind === 'message')) this.#settled();
    this.#listener.onHeard(heard);
  }
}

function isHeader(heard: RoomText): boolean {
  return heard.kind === 'message' && heard.from !== '';
}
