/**
 * One TCP connection into the room that is kept: dialled again when it is lost, read away always, left gently.
 *
 *     dialing ---> open --- lost ---> resting ---> dialing
 *         \          |                  /
 *          `----- leave() -------------'
 *                    |
 *                 leaving --- the server closed, or the deadline ---> left
 *
 * A reset, or a close with unread bytes (which the kernel makes a reset), deadlocks the tutorial's server for
 * ever. So leaving is: FIN, read on until the server closes its side.
 */
import type { Socket } from 'node:net';
import { Backoff } from '../lib/backoff.ts';
import type { Dialer, OnRead } from './dialer.ts';

/** A connection that lived shorter than this was refused in substance: wait longer before the next, ms. */
const STABLE_AFTER_MS = 5_000;
const REDIAL_FIRST_MS = 250;
const REDIAL_MAX_MS = 10_000;

/** Whose connection it is. One object, not a function for each: there are thousands of them. */
export interface RoomConnectionListener {
  /** Says for whom a new connection is, if the room wants to know; returns its `IP:PORT` there. */
  announce(socket: Socket): string;
  /** In the room, as this `IP:PORT`. */
  onConnectionOpen(address: string): void;
  /** Use at once: the bytes are overwritten by the next read. False: read no more until `readOn`. */
  onBytes(bytes: Uint8Array): boolean;
  /** Out of the room, and on the way back. */
  onConnectionLost(): void;
}

type State =
  | { name: 'dialing'; giveUp: AbortController }
  | { name: 'open'; socket: Socket; address: string; since: number }
  | { name: 'resting'; timer: NodeJS.Timeout | undefined }
  | { name: 'leaving' }
  | { name: 'left' };

export class RoomConnection {
  readonly #dialer: Dialer;
  readonly #listener: RoomConnectionListener;
  readonly #leaveTimeoutMs: number;
  readonly #urgent: boolean;
  readonly #backoff = new Backoff(REDIAL_FIRST_MS, REDIAL_MAX_MS);
  /** It is dialled at once. */
  #state: State = { name: 'resting', timer: undefined };
  #left: Promise<void> | undefined;
  #leftNow: (() => void) | undefined;

  /**
   * `leaveTimeoutMs`: how long the server may take to close its side when we leave. `urgent`: dialled before those
   * who wait.
   */
  constructor(owner: RoomConnectionListener, dialer: Dialer, leaveTimeoutMs: number, urgent = false) {
    this.#listener = owner;
    this.#dialer = dialer;
    this.#leaveTimeoutMs = leaveTimeoutMs;
    this.#urgent = urgent;
    void this.#dial();
  }

  /** Our `IP:PORT` in the room, null while out of it. */
  get address(): string | null {
    return this.#state.name === 'open' ? this.#state.address : null;
  }

  /** Only while open. */
  write(text: string): void {
    if (this.#state.name === 'open') this.#state.socket.write(text);
  }

  /** Reads again, after `onBytes` said no. */
  resumeReading(): void {
    if (this.#state.name === 'open') this.#state.socket.resume();
  }

  /** Safe in any state; done when the connection is over on both sides. */
  leave(): Promise<void> {
    const state = this.#state;
    this.#left ??= new Promise((resolve) => {
      this.#leftNow = resolve;
    });
    if (state.name === 'resting') clearTimeout(state.timer);
    if (state.name === 'open') this.#leaveGracefully(state.socket);
    else if (state.name === 'resting') this.#end();
    // A dial under way ends by itself: in nothing, or in a socket that is left gently.
    else if (state.name === 'dialing') state.giveUp.abort();
    return this.#left;
  }

  /** Leaves this connection, if there is one, and makes another, after `ms` if that is given. */
  reconnect(ms?: number): void {
    if (this.#state.name === 'resting' && ms !== undefined) this.#rest(ms);
    if (this.#state.name !== 'open') return;
    void closeGracefully(this.#state.socket, this.#leaveTimeoutMs);
    this.#lose(ms);
  }

  async #dial(): Promise<void> {
    const giveUp = new AbortController();
    this.#state = { name: 'dialing', giveUp };
    // Bytes that still arrive on a connection we are leaving have no reader.
    let current: Socket | undefined;
    const take: OnRead = (count, buffer) => {
      const isCurrent = this.#state.name === 'open' && this.#state.socket === current;
      return !isCurrent || this.#listener.onBytes(buffer.subarray(0, count));
    };
    current = await this.#dialer.dial(take, giveUp.signal, this.#urgent);
    if (!current) this.#end();
    else if (giveUp.signal.aborted) this.#leaveGracefully(current);
    else this.#open(current);
  }

  #open(socket: Socket): void {
    const address = this.#listener.announce(socket);
    this.#state = { name: 'open', socket, address, since: Date.now() };
    socket.on('end', endToo);
    socket.on('close', () => {
      if (this.#state.name === 'open' && this.#state.socket === socket) this.#lose();
    });
    socket.resume();
    this.#listener.onConnectionOpen(address);
  }

  #lose(restMs?: number): void {
    if (this.#state.name !== 'open') return;
    const steady = Date.now() - this.#state.since > STABLE_AFTER_MS;
    if (steady) this.#backoff.reset();
    this.#rest(restMs ?? (steady ? 0 : this.#backoff.next()));
    this.#listener.onConnectionLost();
  }

  #rest(ms: number): void {
    if (this.#state.name === 'resting') clearTimeout(this.#state.timer);
    this.#state = { name: 'resting', timer: setTimeout(() => void this.#dial(), ms) };
  }

  #leaveGracefully(socket: Socket): void {
    this.#state = { name: 'leaving' };
    void closeGracefully(socket, this.#leaveTimeoutMs).then(() => this.#end());
  }

  #end(): void {
    this.#state = { name: 'left' };
    this.#leftNow?.();
  }
}

/** The server closed its side. */
function endToo(this: Socket): void {
  this.end();
}

/** FIN, then read on until the server closes its side or the deadline passes. The socket is one of the dialer's. */
export function closeGracefully(socket: Socket, timeoutMs: number): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((done) => {
    const deadline = setTimeout(() => socket.destroy(), timeoutMs);
    socket.once('close', () => {
      clearTimeout(deadline);
      done();
    });
    socket.resume();
    socket.end();
  });
}
