/**
 * A connection to a room that asks for a login: it is open for its owner once the login is done.
 *
 *     waiting for a name ---> connecting ---> logging in ---> in the room
 *                                 ^               |                |
 *                                 `---- lost -----+----------------'
 *
 * A connection that leaves finishes its login first, because servers that read a name in their accept loop fail without.
 */
import type { Dialer } from './dialer.ts';
import { NAME_TRIES } from './formats/login-name.ts';
import type { Login, Manner } from './formats/manner.ts';
import { LoginDialog } from './login-dialog.ts';
import {
  type ConnectionReport,
  RoomConnection,
  type RoomConnectionListener,
  type RoomConnectionOptions,
} from './room-connection.ts';

/** A connection to the room as its owner uses it, with or without a login. */
export type Connection = Pick<
  RoomConnection,
  'address' | 'report' | 'write' | 'resumeReading' | 'leave' | 'reconnect' | 'name'
>;

export interface LoginConnectionOptions extends RoomConnectionOptions {
  manner: Manner;
  /** Returns the name for a try, from 0 on. Undefined: no name is chosen yet. */
  nameOf(attempt: number): string | undefined;
}

/** Opens a connection that logs in where the room has logins. */
export function openConnection(
  listener: RoomConnectionListener,
  dialer: Dialer,
  options: LoginConnectionOptions,
): Connection {
  const { manner, ...rest } = options;
  const { bye, framing } = manner;
  const all = { ...rest, bye, framing };
  return manner.login === undefined
    ? new RoomConnection(listener, dialer, all)
    : new LoginConnection(listener, dialer, { ...options, ...all }, manner.login);
}

class LoginConnection implements Connection, RoomConnectionListener {
  readonly #listener: RoomConnectionListener;
  readonly #options: LoginConnectionOptions;
  readonly #login: Login;
  readonly #connection: RoomConnection;
  #dialog: LoginDialog | undefined;
  #attempt = 0;
  #isIn = false;
  #isLeaving = false;
  name = '';

  constructor(
    listener: RoomConnectionListener,
    dialer: Dialer,
    options: LoginConnectionOptions,
    login: Login,
  ) {
    this.#listener = listener;
    this.#options = options;
    this.#login = login;
    const isWaiting = options.nameOf(0) === undefined;
    this.#connection = new RoomConnection(this, dialer, { ...options, isWaiting, finishesOpening: true });
  }

  get address(): string | null {
    return this.#isIn ? this.#connection.address : null;
  }

  get report(): ConnectionReport {
    const { report } = this.#connection;
    return this.#isIn || report.state !== 'open' ? report : { ...report, address: null, state: 'logging-in' };
  }

  write(text: string | Uint8Array): void {
    if (this.#isIn) this.#connection.write(text);
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  leave(): Promise<void> {
    this.#isLeaving = true;
    return this.#dialog ? this.#connection.left : this.#connection.leave();
  }

  /** Logs in again, under another name if the owner has one. */
  reconnect(ms?: number): void {
    this.#attempt = 0;
    // A dialog that runs takes the new name with its next connection, because it can't be cut short.
    if (this.#dialog === undefined) this.#connection.reconnect(ms);
    else this.#isStale = true;
  }

  /** The dialog that runs is for another name. */
  #isStale = false;

  onConnectionOpen(address: string): void {
    this.#dialog = new LoginDialog(this.#login, this.#attempt, {
      write: (text) => this.#connection.write(this.#options.manner.encode(text)),
      nameOf: (attempt) => {
        this.name = this.#options.nameOf(attempt % NAME_TRIES) ?? this.name;
        return this.name;
      },
      onDone: () => this.#onDone(address),
    });
  }

  onBytes(bytes: Uint8Array): boolean {
    if (this.#isIn) return this.#listener.onBytes(bytes);
    this.#dialog?.onBytes(bytes);
    return true;
  }

  onBadFrame(problem: string): void {
    this.#listener.onBadFrame?.(problem);
  }

  onConnectionLost(): void {
    const wasIn = this.#isIn;
    this.#isIn = false;
    this.#dialog?.onLost();
    if (this.#dialog && !this.#isStale) this.#attempt = this.#dialog.attempt % NAME_TRIES;
    this.#dialog = undefined;
    this.#isStale = false;
    if (this.#isLeaving) void this.#connection.leave();
    if (wasIn) this.#listener.onConnectionLost();
  }

  #onDone(address: string): void {
    this.#attempt = 0;
    this.#dialog = undefined;
    if (this.#isLeaving) {
      void this.#connection.leave();
    } else if (this.#isStale) {
      this.#isStale = false;
      this.#connection.reconnect(0);
    } else {
      this.#isIn = true;
      this.#listener.onConnectionOpen(address);
    }
  }
}
