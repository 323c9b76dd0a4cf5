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
export const BACKOFF_CAP_MS = 20_000;
/** A connection that lasted this long was good: the next one is tried soon again, ms. */
export const STABLE_AFTER_MS = 10_000;
/** Nobody comes back by itself after these: a person has to do something first. */
const FINAL: readonly number[] = [CLOSE.left, CLOSE.locked];
/** A gateway that lets us not in is given a few doublings at once. */
const REFUSALS: readonly number[] = [CLOSE.full, CLOSE.crowded, CLOSE.foreign];
const REFUSED_ATTEMPT = 4;

export interface Socket {
  send(data: string): void;
  close(): void;
}

export interface SocketEvents {
  opened(): void;
  heard(data: unknown): void;
  closed(code: number): void;
}

/** Ends a wait before its time. */
export type Cancel = () => void;

export interface ConnectionEffects {
  createSocket(events: SocketEvents): Socket;
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
    if (this.#state.name === 'leaving') this.#forgetSocket();
    if (this.#state.name === 'away') this.#connect();
  }

  /** The page is seen or the network is back: no more waiting, and no trust in a socket that slept. */
  wake(): void {
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
      this.#turn('leaving', LEAVE_TIMEOUT_MS, () => this.#lose(ABNORMAL));
    } else {
      this.#lose(CLOSE.left);
    }
  }

  /** The page goes away; should it come back (it may, from the browser's cache), it wakes. */
  suspend(): void {
    this.send({ type: 'bye' });
    if (this.#state.name === 'leaving' || this.#state.name === 'away') return;
    this.#lose(ABNORMAL);
  }

  #connect(): void {
    this.#forgetSocket();
    const socket = this.#effects.createSocket({
      opened: () => this.#isCurrent(socket) && this.#socketOnOpened(),
      heard: (data) => this.#isCurrent(socket) && this.#socketOnHeard(data),
      closed: (code) => this.#isCurrent(socket) && this.#lose(code),
    });
    const cancel = this.#effects.startTimer(CONNECT_TIMEOUT_MS, () => this.#lose(ABNORMAL));
    this.#state = { name: 'connecting', socket, cancel, since: this.#effects.now() };
  }

  #isCurrent(socket: Socket): boolean {
    return 'socket' in this.#state && this.#state.socket === socket;
  }

  #socketOnOpened(): void {
    if (this.#state.name !== 'connecting') return;
    this.#state.socket.send(JSON.stringify(this.#listener.hello()));
    this.#turn('greeting', SILENCE_MS, () => this.#ping());
  }

  #socketOnHeard(data: unknown): void {
    const message = parseServerMessage(data);
    this.#heardAt = this.#effects.now();
    if (message?.type === 'welcome') this.#turn('open', SILENCE_MS, () => this.#listen());
    if (message !== undefined && message.type !== 'pong') this.#listener.onMessage(message);
  }

  /** One wait, however much is heard meanwhile: in a busy room another for each message is work for nothing. */
  #listen(): void {
    const left = (this.#heardAt ?? Number.NEGATIVE_INFINITY) + SILENCE_MS - this.#effects.now();
    if (left <= 0) this.#ping();
    else this.#wait(left, () => this.#listen());
  }

  #ping(): void {
    if (!('socket' in this.#state)) return;
    this.#state.socket.send(JSON.stringify({ type: 'ping' } satisfies ClientMessage));
    this.#heardAt = undefined;
    this.#wait(PONG_TIMEOUT_MS, () => (this.#heardAt === undefined ? this.#lose(ABNORMAL) : this.#listen()));
  }

  #lose(code: number): void {
    const hadOpened = this.#state.name !== 'connecting';
    if (this.#state.name === 'leaving' || FINAL.includes(code)) {
      this.#forgetSocket();
    } else {
      this.#countAttempt(code);
      this.#forgetSocket();
      const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt++);
      const cancel = this.#effects.startTimer(this.#effects.random() * ceiling, () => this.#connect());
      this.#state = { name: 'waiting', cancel };
    }
    this.#listener.onLost(code, hadOpened);
  }

  #countAttempt(code: number): void {
    const { name, since } = { since: 0, ...this.#state };
    if (name === 'open' && this.#effects.now() - since >= STABLE_AFTER_MS) this.#attempt = 0;
    if (REFUSALS.includes(code)) this.#attempt = Math.max(this.#attempt, REFUSED_ATTEMPT);
  }

  #turn(name: 'greeting' | 'open' | 'leaving', ms: number, then: () => void): void {
    if (!('socket' in this.#state)) return;
    this.#state = { ...this.#state, name, since: this.#effects.now() };
    this.#wait(ms, then);
  }

  /** A state has one wait: a new one takes the place of the old. */
  #wait(ms: number, then: () => void): void {
    if (this.#state.name === 'away') return;
    this.#state.cancel();
    this.#state.cancel = this.#effects.startTimer(ms, then);
  }

  /** Closing may take a dead network minutes; what matters is that nobody listens any more. */
  #forgetSocket(): void {
    const state = this.#state;
    this.#state = { name: 'away' };
    if (state.name !== 'away') state.cancel();
    if ('socket' in state) state.socket.close();
  }
}
