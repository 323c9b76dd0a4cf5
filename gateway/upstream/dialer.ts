/**
 * Opens TCP connections to the room, one at a time and a few milliseconds apart.
 *
 * The tutorial's `listen(5)` is the reason. Dialled all at once, most of 200 connections look open to the gateway but
 * were never accepted, without any sign. While the room does not answer, only the first request of the queue retries.
 */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProxyProtocol } from '../../common/proxy-protocol.ts';
import { Backoff } from '../lib/backoff.ts';
import { type RoomClient, writeProxyHeader } from './proxy-header.ts';

export interface DialerOptions {
  host: string;
  port: number;
  /** Which PROXY header the room expects at the beginning of a connection. */
  proxyProtocol: ProxyProtocol | 'off';
  /** Pause between two connections, ms: the room's accept loop needs it, not the network. */
  spacingMs: number;
  /** How long one try may take, ms. */
  timeoutMs: number;
  /** First and longest wait after a try that failed, ms. */
  retryFirstMs: number;
  retryMaxMs: number;
}

/**
 * Consumes the bytes before it returns, because the next read overwrites them. False pauses reading until the socket
 * is resumed.
 */
export type OnRead = OnReadOpts['callback'];

export interface DialRequest {
  onRead: OnRead;
  /** Takes the request out of the queue. A try that has begun is not cancelled. */
  signal: AbortSignal;
  /** Undefined: the connection is the gateway's own, and goes first. */
  client?: RoomClient | undefined;
}

/** A connected socket, whose errors are handled, and its `IP:PORT` in the room. */
export interface DialedConnection {
  socket: Socket;
  address: string;
}

interface QueuedRequest extends DialRequest {
  done: (connection: DialedConnection | undefined) => void;
}

/** Everything read is consumed before the next read, so one buffer serves all. Windows reads ahead into it. */
const SHARED_BUFFER = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(64 * 1024);
const WINDOWS_BUFFER_BYTES = 16 * 1024;

export class Dialer {
  readonly #options: DialerOptions;
  readonly #backoff: Backoff;
  #queue: QueuedRequest[] = [];
  #isRunning = false;
  #isTrying = false;
  /** Number of failed tries, for the metrics. */
  failures = 0;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.retryFirstMs, options.retryMaxMs);
  }

  /** Number of requested connections that are not open yet, including the current try. */
  get waiting(): number {
    return this.#queue.length + Number(this.#isTrying);
  }

  /** Retries until the connection is open. Resolves to undefined if `signal` aborts while the request is queued. */
  dial(request: DialRequest): Promise<DialedConnection | undefined> {
    return new Promise((done) => {
      const queued = { ...request, done };
      request.signal.addEventListener('abort', () => this.#onAbort(queued), { once: true });
      if (request.client) this.#queue.push(queued);
      else this.#queue.unshift(queued);
      if (!this.#isRunning) void this.#run();
    });
  }

  #onAbort(request: QueuedRequest): void {
    const index = this.#queue.indexOf(request);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    request.done(undefined);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      this.#isTrying = true;
      const socket = await this.#open(request.onRead);
      this.#isTrying = false;
      if (socket || request.signal.aborted) {
        request.done(socket && this.#announce(socket, request));
        this.#backoff.reset();
        await sleep(this.#options.spacingMs);
      } else {
        this.failures++;
        this.#queue.unshift(request);
        await sleep(this.#backoff.next());
      }
    }
    this.#isRunning = false;
  }

  #announce(socket: Socket, { client }: DialRequest): DialedConnection {
    return { socket, address: writeProxyHeader(socket, this.#options.proxyProtocol, client) };
  }

  /** Never cancels a try. A socket that opens late is handed over, so that its owner closes it gracefully. */
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
      // The listeners of the dial are removed, to save memory in each of thousands of sockets.
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('close', fail);
        resolve(socket);
      });
    });
  }
}

/** Ignores the error, because the event `close` follows. */
function ignore(): void {}
