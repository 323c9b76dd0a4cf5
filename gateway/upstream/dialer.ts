/**
 * Opens TCP connections to the room, one at a time and a few milliseconds apart.
 *
 * The tutorial's `listen(5)` is why: dialled all at once, most of 200 connections look open to us and were
 * never accepted, and nothing tells. While the room does not answer, only the first in the queue tries.
 */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../lib/backoff.ts';

export interface DialerOptions {
  host: string;
  port: number;
  /** Pause between two connections, ms: the room's accept loop needs it, not the network. */
  spacingMs: number;
  /** How long one try may take, ms. */
  timeoutMs: number;
  /** First and longest wait after a try that failed, ms. */
  retryFirstMs: number;
  retryMaxMs: number;
}

/**
 * Takes what arrives, at once: the bytes are overwritten by the next read. False: no more is read until the socket is
 * resumed.
 */
export type OnRead = OnReadOpts['callback'];

interface Request {
  onRead: OnRead;
  signal: AbortSignal;
  done: (socket: Socket | undefined) => void;
}

/** Everything read is consumed before the next read, so one buffer serves all. Windows reads ahead into it. */
const SHARED_BUFFER = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(64 * 1024);
const WINDOWS_BUFFER_BYTES = 16 * 1024;

export class Dialer {
  readonly #options: DialerOptions;
  readonly #backoff: Backoff;
  #queue: Request[] = [];
  #running = false;
  #isTrying = false;
  /** Tries that failed, for the metrics. */
  failures = 0;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.retryFirstMs, options.retryMaxMs);
  }

  /** Connections that are wanted and not there yet, the one being tried among them. */
  get waiting(): number {
    return this.#queue.length + Number(this.#isTrying);
  }

  /**
   * A connected socket whose errors are taken care of, however long that takes; undefined if `signal` aborts while it
   * waits in the queue. `urgent` goes first.
   */
  dial(onRead: OnRead, signal: AbortSignal, urgent = false): Promise<Socket | undefined> {
    return new Promise((done) => {
      const request = { onRead, signal, done };
      signal.addEventListener('abort', () => this.#drop(request), { once: true });
      if (urgent) this.#queue.unshift(request);
      else this.#queue.push(request);
      if (!this.#running) void this.#run();
    });
  }

  #drop(request: Request): void {
    const index = this.#queue.indexOf(request);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    request.done(undefined);
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      this.#isTrying = true;
      const socket = await this.#open(request.onRead);
      this.#isTrying = false;
      if (socket || request.signal.aborted) {
        request.done(socket);
        this.#backoff.reset();
        await sleep(this.#options.spacingMs);
      } else {
        this.failures++;
        this.#queue.unshift(request);
        await sleep(this.#backoff.next());
      }
    }
    this.#running = false;
  }

  /** Once begun a try is never called off: what opens is handed over, to be left gently. */
  #open(onRead: OnRead): Promise<Socket | undefined> {
    const { host, port, timeoutMs } = this.#options;
    return new Promise((resolve) => {
      const buffer = SHARED_BUFFER ?? Buffer.allocUnsafeSlow(WINDOWS_BUFFER_BYTES);
      const onread = { buffer, callback: onRead };
      const socket = connect({ host, port, noDelay: true, keepAlive: true, allowHalfOpen: true, onread });
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), timeoutMs);
      const fail = (): void => {
        clearTimeout(timer);
        resolve(undefined);
      };
      socket.on('error', ignore);
      socket.on('close', fail);
      // The socket keeps nothing of what dialling needed.
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('close', fail);
        resolve(socket);
      });
    });
  }
}

/** Each error of a socket is followed by its close. */
function ignore(): void {}
