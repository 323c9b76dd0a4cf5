import { CLOSE, type ClientMessage, type ServerMessage } from '../../gateway/protocol.ts';
import { parseServerMessage } from './parse-server-message.ts';

/** Longest wait for a socket to open, ms. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** An attempt older than this is given up when the page wakes: it may have begun before the sleep, ms. */
export const STALE_ATTEMPT_MS = 2_000;
/** A room may be silent; a gateway that answers no ping is gone. Both in ms. */
export const SILENCE_MS = 20_000;
export const PONG_TIMEOUT_MS = 5_000;
/** How long the gateway may take to say our last words and close after `leave`, ms. */
export const LEAVE_TIMEOUT_MS = 5_000;
/** The wait before attempt n is random below BACKOFF_FIRST * 2^n, at most BACKOFF_CAP, ms. */
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 20_000;
/** A connection that lasted this long was good: the next one is tried soon again, ms. */
export const STABLE_AFTER_MS = 10_000;
/** Nobody comes back by itself after these: a person has to do something first. */
const FINAL_CODES: readonly number[] = [CLOSE.left, CLOSE.locked];
/** A gateway that lets us not in is given a few doublings at once. */
const REFUSAL_CODES: readonly number[] = [CLOSE.full, CLOSE.crowded, CLOSE.foreign];
const MIN_ATTEMPT_AFTER_REFUSAL = 4;

export interface Socket {
  send(data: string): void;
  close(): void;
}

export interface SocketListener {
  onOpen(): void;
  onMessage(data: unknown): void;
  onClose(code: number): void;
}

/** Ends a wait before its time. */
export type Cancel = () => void;

export interface ConnectionEffects {
  createSocket(events: SocketListener): Socket;
  startTimer(ms: number, then: () => void): Cancel;
  now(): number;
  random(): number;
}

export interface ConnectionListener {
  hello(): ClientMessage;
  onMessage(message: ServerMessage): void;
  /** The socket was lost; a new attempt follows, unless the code is CLOSE.left or CLOSE.locked. */
  onLost(code: number, hadOpened: boolean): void;
}

type State =
  | { name: 'away' }
  | { name: 'connecting' | 'greeting' | 'open' | 'leaving'; socket: Socket; cancel: Cancel; since: number }
  | { name: 'waiting'; cancel: Cancel };

/** What a lost socket tells when nobody closed it: the code browsers use. */
const ABNORMAL = 1006;

/**
 * The WebSocket's life. One socket at a time; whatever an older one still says is not listened to.
 *
 *     away --enter--> connecting --opened--> greeting --welcome--> open --leave--> leaving
 *      ^                ^   |                   |                   |                 |
 *      |         waited,|   +-----closed, or silent for too long----+                 |
 *      |           wake |   v                                                         |
 *      |                waiting                                                       |
 *      +---- left ---------+----------------------- closed, or too late --------------+
 */
export class Connection {
  readonly #effects: ConnectionEffects;
  readonly #listener: ConnectionListener;
  #state: State = { name: 'away' };
  /** When the gateway last said something; undefined since it was asked for life. */
  #heardAt: number | undefined;
  #attempt = 0;

  constructor(effects: ConnectionEffects, owner: ConnectionListener) {
    this.#effects = effects;
    this.#listener = owner;
  }

  get state(): State['name'] {
    return this.#state.name;
  }

  open(): void {
    if (this.#state.name === 'leaving') this.#releaseSocket();
    if (this.#state.name === 'away') this.#connect();
  }

  /** The page is seen or the network is back: no more waiting, and no trust in a socket that slept. */
  resume(): void {
    const state = this.#state;
    if (state.name === 'waiting') this.#connect();
    else if (state.name === 'open') this.#ping();
    else if (state.name === 'connecting' && this.#effects.now() - state.since > STALE_ATTEMPT_MS)
      this.#connect();
  }

  /** False when there is nobody to tell. */
  send(message: ClientMessage): boolean {
    if (this.#state.name !== 'open') return false;
    this.#state.socket.send(JSON.stringify(message));
    return true;
  }

  leave(): void {
    const { name } = this.#state;
    if (name === 'leaving') return;
    if (name === 'open' || name === 'greeting') {
      this.#state.socket.send(JSON.stringify({ type: 'leave' } satisfies ClientMessage));
      this.#enterState('leaving', LEAVE_TIMEOUT_MS, () => this.#onSocketLost(ABNORMAL));
    } else {
      this.#onSocketLost(CLOSE.left);
    }
  }

  /** The page goes away; should it come back (it may, from the browser's cache), it wakes. */
  suspend(): void {
    this.send({ type: 'bye' });
    if (this.#state.name === 'leaving' || this.#state.name === 'away') return;
    this.#onSocketLost(ABNORMAL);
  }

  #connect(): void {
    this.#releaseSocket();
    const socket = this.#effects.createSocket({
      onOpen: () => this.#isCurrent(socket) && this.#onSocketOpen(),
      onMessage: (data) => this.#isCurrent(socket) && this.#onSocketMessage(data),
      onClose: (code) => this.#isCurrent(socket) && this.#onSocketLost(code),
    });
    const cancel = this.#effects.startTimer(CONNECT_TIMEOUT_MS, () => this.#onSocketLost(ABNORMAL));
    this.#state = { name: 'connecting', socket, cancel, since: this.#effects.now() };
  }

  #isCurrent(socket: Socket): boolean {
    return 'socket' in this.#state && this.#state.socket === socket;
  }

  #onSocketOpen(): void {
    if (this.#state.name !== 'connecting') return;
    this.#state.socket.send(JSON.stringify(this.#listener.hello()));
    this.#enterState('greeting', SILENCE_MS, () => this.#ping());
  }

  #onSocketMessage(data: unknown): void {
    const message = parseServerMessage(data);
    this.#heardAt = this.#effects.now();
    if (message?.type === 'welcome') this.#enterState('open', SILENCE_MS, () => this.#checkSilence());
    if (message !== undefined && message.type !== 'pong') this.#listener.onMessage(message);
  }

  /** One wait, however much is heard meanwhile: in a busy room another for each message is work for nothing. */
  #checkSilence(): void {
    const left = (this.#heardAt ?? Number.NEGATIVE_INFINITY) + SILENCE_MS - this.#effects.now();
    if (left <= 0) this.#ping();
    else this.#setTimer(left, () => this.#checkSilence());
  }

  #ping(): void {
    if (!('socket' in this.#state)) return;
    this.#state.socket.send(JSON.stringify({ type: 'ping' } satisfies ClientMessage));
    this.#heardAt = undefined;
    this.#setTimer(PONG_TIMEOUT_MS, () =>
      this.#heardAt === undefined ? this.#onSocketLost(ABNORMAL) : this.#checkSilence(),
    );
  }

  #onSocketLost(code: number): void {
    const hadOpened = this.#state.name !== 'connecting';
    if (this.#state.name === 'leaving' || FINAL_CODES.includes(code)) {
      this.#releaseSocket();
    } else {
      this.#countAttempt(code);
      this.#releaseSocket();
      const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++);
      const cancel = this.#effects.startTimer(this.#effects.random() * ceiling, () => this.#connect());
      this.#state = { name: 'waiting', cancel };
    }
    this.#listener.onLost(code, hadOpened);
  }

  #countAttempt(code: number): void {
    const { name, since } = { since: 0, ...this.#state };
    if (name === 'open' && this.#effects.now() - since >= STABLE_AFTER_MS) this.#attempt = 0;
    if (REFUSAL_CODES.includes(code)) this.#attempt = Math.max(this.#attempt, MIN_ATTEMPT_AFTER_REFUSAL);
  }

  #enterState(name: 'greeting' | 'open' | 'leaving', ms: number, then: () => void): void {
    if (!('socket' in this.#state)) return;
    this.#state = { ...this.#state, name, since: this.#effects.now() };
    this.#setTimer(ms, then);
  }

  /** A state has one wait: a new one takes the place of the old. */
  #setTimer(ms: number, then: () => void): void {
    if (this.#state.name === 'away') return;
    this.#state.cancel();
    this.#state.cancel = this.#effects.startTimer(ms, then);
  }

  /** Closing may take a dead network minutes; what matters is that nobody listens any more. */
  #releaseSocket(): void {
    const state = this.#state;
    this.#state = { name: 'away' };
    if (state.name !== 'away') state.cancel();
    if ('socket' in state) state.socket.close();
  }
}
