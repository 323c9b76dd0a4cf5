import { CLOSE, type ClientMessage, type ServerMessage } from '../gateway/protocol.ts';
import { parseServerMessage } from './parse-server-message.ts';
import type { Cancel, ConnectionEffects, Socket } from './socket.ts';

/** Longest wait for a socket to open. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** On resume an older attempt is abandoned, because it may have begun before the suspension. */
export const STALE_ATTEMPT_MS = 2_000;
/**
 * After this silence the page pings. A room may be silent, but a gateway must answer. A page that waits for a stopped
 * gateway is at another one within 25 s, with the wait for the pong and the first backoff.
 */
export const SILENCE_MS = 18_000;
export const PONG_TIMEOUT_MS = 5_000;
/** Longest wait for the gateway to send the last messages and close after `leave`. */
export const LEAVE_TIMEOUT_MS = 5_000;
/** The wait before attempt n is random below BACKOFF_FIRST_MS * 2^n, and at most BACKOFF_MAX_MS. */
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 20_000;
/** A connection that lasted this long resets the backoff. */
export const STABLE_AFTER_MS = 10_000;
/** After these codes the page reconnects only at the person's request. */
const FINAL_CODES: readonly number[] = [CLOSE.left, CLOSE.locked];
/** A refusal starts the backoff at a later attempt, to spare a full gateway. */
const REFUSAL_CODES: readonly number[] = [CLOSE.full, CLOSE.crowded, CLOSE.foreign];
const REFUSAL_ATTEMPT = 4;

export interface ConnectionListener {
  hello(): ClientMessage;
  onMessage(message: ServerMessage): void;
  /** The socket was lost. A new attempt follows, unless the code is CLOSE.left or CLOSE.locked. */
  onLost(code: number, hadOpened: boolean): void;
}

type State =
  | { name: 'away' }
  | { name: 'connecting' | 'greeting' | 'open' | 'leaving'; socket: Socket; cancel: Cancel; since: number }
  | { name: 'waiting'; cancel: Cancel };

/** The code that browsers report for a socket that was lost without a close frame. */
const ABNORMAL = 1006;

/**
 * Reconnecting WebSocket. It has one socket at a time and ignores events of older ones.
 *
 *     away --open--> connecting --opened--> greeting --welcome--> open --leave--> leaving
 *      ^               ^   |                   |                   |                 |
 *      |        timer, |   +-----closed, or silent for too long----+                 |
 *      |        resume |   v                                                         |
 *      |               waiting                                                       |
 *      +---- left --------+----------------------- closed, or timeout ---------------+
 */
export class Connection {
  readonly #effects: ConnectionEffects;
  readonly #listener: ConnectionListener;
  #state: State = { name: 'away' };
  /** Time of the gateway's last message; undefined after a ping without an answer yet. */
  #heardAt: number | undefined;
  #attempt = 0;

  constructor(effects: ConnectionEffects, listener: ConnectionListener) {
    this.#effects = effects;
    this.#listener = listener;
  }

  get state(): State['name'] {
    return this.#state.name;
  }

  open(): void {
    if (this.#state.name === 'leaving') this.#releaseSocket();
    if (this.#state.name === 'away') this.#connect();
  }

  /** The page is visible or the network is up: ends the backoff, and pings a socket that may be dead. */
  resume(): void {
    const state = this.#state;
    if (state.name === 'waiting') this.#connect();
    else if (state.name === 'open') this.#ping();
    else if (state.name === 'connecting' && this.#effects.now() - state.since > STALE_ATTEMPT_MS)
      this.#connect();
  }

  /** Returns false without an open connection. */
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

  /** Closes the socket of a hidden page. Browsers may restore such a page from their cache, which resumes it. */
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
    const isGreeting =
      message?.type === 'welcome' || (message?.type === 'seen' && this.#state.name === 'greeting');
    if (isGreeting) this.#enterState('open', SILENCE_MS, () => this.#checkSilence());
    if (message !== undefined && message.type !== 'pong') this.#listener.onMessage(message);
  }

  /** Checks the silence with one timer, because a timer per message would be wasted work in a busy room. */
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
    if (REFUSAL_CODES.includes(code)) this.#attempt = Math.max(this.#attempt, REFUSAL_ATTEMPT);
  }

  #enterState(name: 'greeting' | 'open' | 'leaving', ms: number, then: () => void): void {
    if (!('socket' in this.#state)) return;
    this.#state = { ...this.#state, name, since: this.#effects.now() };
    this.#setTimer(ms, then);
  }

  /** Replaces the timer of the current state. */
  #setTimer(ms: number, then: () => void): void {
    if (this.#state.name === 'away') return;
    this.#state.cancel();
    this.#state.cancel = this.#effects.startTimer(ms, then);
  }

  /** Stops listening at once, because closing may take minutes on a dead network. */
  #releaseSocket(): void {
    const state = this.#state;
    this.#state = { name: 'away' };
    if (state.name !== 'away') state.cancel();
    if ('socket' in state) state.socket.close();
  }
}
