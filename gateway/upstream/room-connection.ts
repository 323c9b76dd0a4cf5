/**
 * Keeps one TCP connection into the room: dials again when it is lost, always reads, closes gracefully.
 *
 *     dialing ---> open --- lost ---> resting ---> dialing
 *         \          |                  /
 *          `----- leave() -------------'
 *                    |
 *                 leaving --- the server closed, or the deadline ---> left
 *
 * A reset, or a close with unread bytes (which the kernel turns into a reset), deadlocks the tutorial's server for
 * ever. So a graceful close sends a FIN and reads until the server closes its side.
 */
import type { Socket } from 'node:net';
import { Backoff } from '../lib/backoff.ts';
import type { SeenConnection } from '../protocol.ts';
import type { DialedConnection, Dialer, OnRead } from './dialer.ts';
import { Deframer, type Framing } from './formats/framing.ts';
import { RESET } from './formats/manner.ts';
import type { RoomClient } from './proxy-header.ts';

/** A connection with a shorter life was refused in substance, so the wait before the next one grows, ms. */
const STABLE_AFTER_MS = 5_000;
const REDIAL_FIRST_MS = 250;
const REDIAL_MAX_MS = 10_000;

/** One object instead of a function for each event, because there are thousands of connections. */
export interface RoomConnectionListener {
  /** The connection is in the room, as this `IP:PORT`. */
  onConnectionOpen(address: string): void;
  /** Consumes the bytes before it returns. Returns false to pause reading until `resumeReading`. */
  onBytes(bytes: Uint8Array): boolean;
  /** The connection is lost, and another one is made. */
  onConnectionLost(): void;
  /** The server sends no frames of ROOM_FRAMING. Nothing more is read from this connection. */
  onBadFrame?(problem: string): void;
}

/** A connection at one moment. */
export type ConnectionReport = Omit<SeenConnection, 'kind'>;

export interface RoomConnectionOptions {
  /** How long the server may take to close its side of a connection that the gateway closes, ms. */
  leaveTimeoutMs: number;
  /** Undefined: the gateway's own connection. */
  client?: RoomClient | undefined;
  /** Undefined: the server sends lines. */
  framing?: Framing | undefined;
  /** Text that is written before the connection closes, or RESET. */
  bye?: string | undefined;
  /** The connection is dialed by the first `reconnect`. */
  isWaiting?: boolean;
  /** A connection that opens after `leave` opens for the listener too, which closes it with another `leave`. */
  finishesOpening?: boolean;
}

type State =
  | { name: 'dialing'; giveUp: AbortController }
  | ({ name: 'open'; since: number } & DialedConnection)
  | { name: 'resting'; timer: NodeJS.Timeout | undefined }
  | { name: 'leaving' }
  | { name: 'left' };

export class RoomConnection {
  readonly #dialer: Dialer;
  readonly #listener: RoomConnectionListener;
  readonly #options: RoomConnectionOptions;
  readonly #backoff = new Backoff(REDIAL_FIRST_MS, REDIAL_MAX_MS);
  #state: State = { name: 'resting', timer: undefined };
  #left: Promise<void> | undefined;
  #resolveLeft: (() => void) | undefined;

  /** The name in a room with logins. */
  readonly name: string = '';

  /** Dials at once, unless it waits. */
  constructor(listener: RoomConnectionListener, dialer: Dialer, options: RoomConnectionOptions) {
    this.#listener = listener;
    this.#dialer = dialer;
    this.#options = options;
    if (!options.isWaiting) void this.#dial();
  }

  /** The `IP:PORT` of this connection in the room, null while it is out of the room. */
  get address(): string | null {
    return this.#state.name === 'open' ? this.#state.address : null;
  }

  get report(): ConnectionReport {
    const state = this.#state;
    if (state.name !== 'open') return { address: null, state: state.name, read: 0, written: 0, age: 0 };
    const { socket, address, since } = state;
    const { localPort, remotePort, bytesRead: read, bytesWritten: written } = socket;
    const ports =
      localPort === undefined || remotePort === undefined ? {} : { port: localPort, roomPort: remotePort };
    return { address, ...ports, state: 'open', read, written, age: Date.now() - since };
  }

  /** Does nothing unless the connection is open. */
  write(text: string | Uint8Array): void {
    if (this.#state.name === 'open') this.#state.socket.write(this.#framed(text));
  }

  resumeReading(): void {
    if (this.#state.name === 'open') this.#state.socket.resume();
  }

  /** Safe in any state. Resolves when both sides are closed. */
  leave(): Promise<void> {
    const state = this.#state;
    const { left } = this;
    if (state.name === 'resting') clearTimeout(state.timer);
    if (state.name === 'open') this.#leaveGracefully(state.socket);
    else if (state.name === 'resting') this.#end();
    // A dial under way ends by itself: in nothing, or in a socket that is closed gracefully.
    else if (state.name === 'dialing') state.giveUp.abort();
    return left;
  }

  /** Resolves when both sides are closed after `leave`. */
  get left(): Promise<void> {
    this.#left ??= new Promise((resolve) => {
      this.#resolveLeft = resolve;
    });
    return this.#left;
  }

  /** Closes the connection, if it is open, and dials again, after `ms` if that is given. */
  reconnect(ms?: number): void {
    if (this.#state.name === 'resting' && ms !== undefined) this.#rest(ms);
    if (this.#state.name !== 'open') return;
    void this.#close(this.#state.socket);
    this.#lose(ms);
  }

  async #dial(): Promise<void> {
    const giveUp = new AbortController();
    this.#state = { name: 'dialing', giveUp };
    // Discards bytes that still arrive on a connection that is being closed.
    let current: Socket | undefined;
    const receive = this.#newReceiver();
    const onRead: OnRead = (count, buffer) => {
      const isCurrent = this.#state.name === 'open' && this.#state.socket === current;
      return !isCurrent || receive(buffer.subarray(0, count));
    };
    const dialed = await this.#dialer.dial({ onRead, signal: giveUp.signal, client: this.#options.client });
    current = dialed?.socket;
    if (!dialed) this.#end();
    else if (giveUp.signal.aborted && !this.#options.finishesOpening) this.#leaveGracefully(dialed.socket);
    else this.#open(dialed);
  }

  /** Reads frames as lines where the room has frames. */
  #newReceiver(): (bytes: Uint8Array) => boolean {
    const { framing } = this.#options;
    if (framing === undefined) return (bytes) => this.#listener.onBytes(bytes);
    const deframer = new Deframer(framing);
    return (bytes) => {
      const hadProblem = deframer.problem !== undefined;
      const lines = deframer.push(bytes);
      const isReading = lines.length === 0 || this.#listener.onBytes(lines);
      if (!hadProblem && deframer.problem !== undefined) this.#listener.onBadFrame?.(deframer.problem);
      return isReading;
    };
  }

  #framed(text: string | Uint8Array): string | Uint8Array {
    return this.#options.framing?.frame(text) ?? text;
  }

  #open({ socket, address }: DialedConnection): void {
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
    const isStable = Date.now() - this.#state.since > STABLE_AFTER_MS;
    if (isStable) this.#backoff.reset();
    this.#rest(restMs ?? (isStable ? 0 : this.#backoff.next()));
    this.#listener.onConnectionLost();
  }

  #rest(ms: number): void {
    if (this.#state.name === 'resting') clearTimeout(this.#state.timer);
    this.#state = { name: 'resting', timer: setTimeout(() => void this.#dial(), ms) };
  }

  #leaveGracefully(socket: Socket): void {
    this.#state = { name: 'leaving' };
    void this.#close(socket).then(() => this.#end());
  }

  #close(socket: Socket): Promise<void> {
    const { leaveTimeoutMs, bye } = this.#options;
    if (bye === RESET) return reset(socket);
    if (bye !== undefined) socket.write(this.#framed(bye));
    return closeGracefully(socket, leaveTimeoutMs);
  }

  #end(): void {
    this.#state = { name: 'left' };
    this.#resolveLeft?.();
  }
}

/** Closes the other side after the server has closed its own. */
function endToo(this: Socket): void {
  this.end();
}

/** Resets the connection once all is sent, for servers that notice no other end. */
function reset(socket: Socket): Promise<void> {
  return new Promise((done) => {
    if (socket.destroyed) done();
    socket.once('close', () => done());
    socket.write('', () => socket.resetAndDestroy());
  });
}

/** Sends a FIN, then reads until the server closes its side or the deadline passes. The socket comes from the dialer. */
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
