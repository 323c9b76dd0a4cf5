/**
 * One TCP connection of the lab, driven by the commands of its WebSocket.
 *
 *     dialing ---> open --- both sides sent FIN, or a reset ---> closed
 *        |          |
 *        |          `--- the WebSocket closed ---> leaving ---> closed
 *        `--- refused, or no answer in time ------------------> closed
 *
 * It always reads, unless a host orders otherwise for a limited time: a client that does not read freezes the
 * tutorial's server. It leaves with FIN, unless a host orders a reset.
 */
import { connect, type Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { TokenBucket } from '../../common/token-bucket.ts';
import { closeWebSocket } from '../lib/close-websocket.ts';
import { CLOSE, type LabCommand, type LabEnd, type LabEvent } from '../protocol.ts';
import { writeProxyHeader } from '../upstream/proxy-header.ts';
import { closeGracefully } from '../upstream/room-connection.ts';
import { COMMAND_BYTES, type LabLimits, type LabRoom } from './lab-limits.ts';
import { BadLabCommand, parseLabCommand } from './parse-lab-command.ts';

/** Shortest interval between reports of bytes that were not shown, ms. */
const SKIPPED_EVERY_MS = 250;

type State = 'dialing' | 'open' | 'leaving' | 'closed';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** For the log. Bytes are counted and never logged. */
export interface LabSummary {
  address: string | undefined;
  seconds: number;
  sentBytes: number;
  receivedBytes: number;
}

export class LabConnection {
  /** Resolves when the TCP connection is closed. */
  readonly left: Promise<void>;
  readonly #webSocket: WebSocket;
  readonly #room: LabRoom;
  readonly #limits: LabLimits;
  readonly #tcp: Socket;
  readonly #openedAt = performance.now();
  readonly #commandBucket: TokenBucket;
  readonly #reportBucket: TokenBucket;
  #state: State = 'dialing';
  #address: string | undefined;
  /** How the connection ends, if nothing else happens first. */
  #end: LabEnd = 'fin';
  #skippedBytes = 0;
  #isBrowserAlive = true;
  #dialTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #unreadTimer: NodeJS.Timeout | undefined;
  #throttleTimer: NodeJS.Timeout | undefined;
  #skippedTimer: NodeJS.Timeout | undefined;
  readonly #pingTimer: NodeJS.Timeout;

  constructor(webSocket: WebSocket, room: LabRoom, limits: LabLimits) {
    this.#webSocket = webSocket;
    this.#room = room;
    this.#limits = limits;
    this.#commandBucket = new TokenBucket(limits.commandRate);
    this.#reportBucket = new TokenBucket(limits.reportRate);
    webSocket.on('message', (data, isBinary) => this.#onFrame(data, isBinary));
    webSocket.on('pong', () => {
      this.#isBrowserAlive = true;
    });
    webSocket.on('close', () => this.#leave());
    this.#pingTimer = setInterval(() => this.#ping(), limits.pingMs);
    this.#restartIdleTimer();
    const { host, port } = room;
    this.#tcp = connect({ host, port, noDelay: true, allowHalfOpen: true });
    this.#tcp.on('connect', () => this.#onConnect());
    this.#tcp.on('data', (bytes) => this.#onData(bytes));
    this.#tcp.on('end', () => this.#onRoomEnd());
    this.#tcp.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    this.left = new Promise((resolve) => {
      this.#tcp.on('close', () => {
        this.#onClose();
        resolve();
      });
    });
    this.#dialTimer = setTimeout(() => this.#giveUpDialing(), limits.dialMs);
  }

  get summary(): LabSummary {
    const { bytesWritten, bytesRead } = this.#tcp;
    const seconds = Math.round((performance.now() - this.#openedAt) / 1000);
    return { address: this.#address, seconds, sentBytes: bytesWritten, receivedBytes: bytesRead };
  }

  /** The gateway stops. */
  async shutDown(): Promise<void> {
    this.#closeWebSocket(CLOSE.restart, 'the gateway stops');
    this.#leave();
    await this.left;
  }

  #onConnect(): void {
    clearTimeout(this.#dialTimer);
    if (this.#state !== 'dialing') return;
    this.#state = 'open';
    // Without a client the room sends broadcasts on this connection, as on the ear's.
    this.#address = writeProxyHeader(this.#tcp, this.#room.proxyProtocol, undefined);
    this.#emit({ type: 'open', address: this.#address });
  }

  #onData(bytes: Buffer): void {
    if (this.#state !== 'open') return;
    const isTooFast = this.#reportBucket.waitMs() > 0;
    const isTooSlow = this.#webSocket.bufferedAmount > this.#limits.unsentBytes;
    if (isTooFast || isTooSlow) {
      this.#skippedBytes += bytes.length;
      this.#skippedTimer ??= setTimeout(() => this.#reportSkipped(), SKIPPED_EVERY_MS);
      return;
    }
    this.#reportSkipped();
    this.#reportBucket.charge(bytes.length);
    this.#emit({ type: 'received', bytes: bytes.toString('hex') });
  }

  /** Reports in order: what was skipped came before the next bytes. */
  #reportSkipped(): void {
    clearTimeout(this.#skippedTimer);
    this.#skippedTimer = undefined;
    if (this.#skippedBytes > 0) this.#emit({ type: 'skipped', bytes: this.#skippedBytes });
    this.#skippedBytes = 0;
  }

  #onRoomEnd(): void {
    if (this.#state !== 'open') return;
    this.#reportSkipped();
    this.#emit({ type: 'fin', from: 'room' });
  }

  #onError({ code }: NodeJS.ErrnoException): void {
    if (this.#state === 'dialing') this.#end = 'refused';
    else if (this.#end === 'fin')
      this.#end = code === 'EPIPE' || code === 'ECONNRESET' ? 'room-reset' : 'lost';
  }

  #giveUpDialing(): void {
    this.#end = 'no-answer';
    this.#tcp.destroy();
  }

  #onClose(): void {
    for (const timer of [this.#dialTimer, this.#idleTimer, this.#unreadTimer, this.#throttleTimer])
      clearTimeout(timer);
    clearInterval(this.#pingTimer);
    this.#reportSkipped();
    this.#emit({ type: 'closed', by: this.#end });
    this.#state = 'closed';
    this.#closeWebSocket(CLOSE.left, 'the connection to the room is closed');
  }

  #onFrame(data: RawData, isBinary: boolean): void {
    if (this.#state === 'leaving' || this.#state === 'closed') return;
    this.#restartIdleTimer();
    this.#commandBucket.charge(COMMAND_BYTES);
    try {
      if (isBinary) throw new BadLabCommand('frames must be text');
      this.#execute(parseLabCommand(data.toString()));
    } catch (error) {
      if (!(error instanceof BadLabCommand)) throw error;
      this.#emit({ type: 'error', code: 'bad-command', message: error.message });
    }
    this.#throttle();
  }

  #execute(command: LabCommand): void {
    if (this.#state !== 'open') {
      this.#emit({ type: 'error', code: 'not-open', message: 'the connection is not open yet' });
      return;
    }
    switch (command.type) {
      case 'write':
        this.#write(Buffer.from(command.bytes, 'hex'));
        break;
      case 'end':
        this.#tcp.end();
        this.#emit({ type: 'fin', from: 'lab' });
        break;
      case 'reset':
        this.#end = 'reset';
        this.#tcp.resetAndDestroy();
        break;
      case 'read':
        this.#setReading(command.reading);
        break;
      default:
        command satisfies never;
    }
  }

  #write(bytes: Buffer): void {
    this.#commandBucket.charge(bytes.length);
    if (this.#tcp.writableEnded) {
      this.#emit({
        type: 'error',
        code: 'not-open',
        message: 'FIN was sent: nothing can be written any more',
      });
    } else if (this.#tcp.writableLength + bytes.length > this.#limits.queuedBytes) {
      const message = `the room has not taken the last ${this.#tcp.writableLength} bytes`;
      this.#emit({ type: 'error', code: 'queue-full', message });
    } else {
      this.#tcp.write(bytes);
      this.#emit({ type: 'wrote', bytes: bytes.length, waiting: this.#tcp.writableLength });
    }
  }

  #setReading(reading: boolean): void {
    clearTimeout(this.#unreadTimer);
    if (reading) this.#tcp.resume();
    else {
      this.#tcp.pause();
      this.#unreadTimer = setTimeout(() => this.#setReading(true), this.#limits.unreadMs);
    }
    this.#emit({ type: 'reading', reading });
  }

  /** Pauses the WebSocket, so that the browser's next commands wait in the network. */
  #throttle(): void {
    clearTimeout(this.#throttleTimer);
    const waitMs = this.#commandBucket.debtMs();
    if (waitMs > 0) this.#webSocket.pause();
    else this.#webSocket.resume();
    this.#throttleTimer = waitMs > 0 ? setTimeout(() => this.#throttle(), waitMs) : undefined;
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(
      () => this.#closeWebSocket(CLOSE.idle, 'no command for too long'),
      this.#limits.idleMs,
    );
  }

  #ping(): void {
    if (!this.#isBrowserAlive) this.#webSocket.terminate();
    this.#isBrowserAlive = false;
    this.#webSocket.ping();
  }

  #closeWebSocket(code: number, reason: string): void {
    const { OPEN } = this.#webSocket;
    if (this.#webSocket.readyState !== OPEN) return;
    closeWebSocket(this.#webSocket, code, reason);
  }

  /** Sends FIN and reads until the room closes, also if a host had stopped reading. */
  #leave(): void {
    if (this.#state !== 'dialing' && this.#state !== 'open') return;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#unreadTimer);
    clearTimeout(this.#throttleTimer);
    clearInterval(this.#pingTimer);
    this.#state = 'leaving';
    void closeGracefully(this.#tcp, this.#limits.leaveMs);
  }

  #emit(event: WithoutTime<LabEvent>): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const at = Math.round(10 * (performance.now() - this.#openedAt)) / 10;
    this.#webSocket.send(JSON.stringify({ ...event, at }));
  }
}
