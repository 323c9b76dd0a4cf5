/**
 * A client in the room, with the observations that checks need.
 *
 *     open -- the server sent FIN --> ended -- both closed --> closed
 *       \--- the server sent RST, or the connection was lost ---^
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Deframer } from '../../gateway/upstream/formats/framing.ts';
import { fill } from '../../gateway/upstream/formats/template.ts';
import type { Budget } from './budget.ts';
import type { ClientManner } from './client-manner.ts';
import { afterOwnTime } from './own-time.ts';

/** Longest wait for a connection, ms. TCP repeats a lost request after one second. */
export const CONNECTS_WITHIN_MS = 3_000;
/** Longest goodbye at the end of a check, ms. */
const LEAVES_WITHIN_MS = 500;
/** Most bytes that a client keeps, the newest. Checks search them after each packet. */
const MAX_KEPT_BYTES = 256 * 1024;

const JSON_ESCAPE = /\\u([\da-f]{4})/gi;

export class RoomClient {
  /** The name in the texts of the report, and in rooms that ask for one. */
  readonly name: string;
  /** Bytes received so far, also those that are no longer kept. */
  receivedBytes = 0;
  #state: 'open' | 'ended' | 'closed' = 'open';
  #isReset = false;
  readonly #socket: Socket;
  readonly #budget: Budget;
  readonly manner: ClientManner;
  #kept = Buffer.alloc(0);
  /** Turns frames into lines. Undefined where the server sends lines. */
  readonly #deframer: Deframer | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(name: string, socket: Socket, budget: Budget, manner: ClientManner) {
    this.name = name;
    this.#socket = socket;
    this.#budget = budget;
    this.manner = manner;
    this.#deframer = manner.framing && new Deframer(manner.framing);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#setState('ended'));
    socket.on('close', () => this.#setState('closed'));
    socket.on('error', () => {
      this.#isReset = true;
    });
  }

  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  get ip(): string {
    return this.#socket.localAddress ?? '';
  }

  get address(): string {
    return `${this.ip}:${this.port}`;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The server has ended the connection by RST instead of FIN. */
  get isReset(): boolean {
    return this.#isReset;
  }

  get text(): string {
    const text = this.#kept.toString();
    if (!this.manner.isJson) return text;
    return text.replaceAll(JSON_ESCAPE, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }

  forget(): void {
    this.#kept = Buffer.alloc(0);
  }

  say(text: string): void {
    this.write(this.line(text));
  }

  /** Returns a message as it goes over the wire. */
  line(text: string): Buffer {
    return this.#wireBytes(fill(this.manner.say, { name: this.name, text }));
  }

  /** Longest text of one message, bytes. */
  get textMaxBytes(): number {
    return this.manner.framing?.textMaxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Writes a text that is no message, such as a login. */
  writeText(text: string): void {
    this.write(this.#wireBytes(text));
  }

  #wireBytes(text: string): Buffer {
    return Buffer.from(this.manner.framing?.frame(text) ?? text);
  }

  /** Returns false while written bytes wait for the server to read. */
  write(bytes: string | Uint8Array): boolean {
    return this.#socket.writable ? this.#socket.write(bytes) : true;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Waits for a text. Returns false at the end of the time or of the connection. */
  hears(text: string, withinMs: number): Promise<boolean> {
    return this.until(() => this.#kept.includes(text), withinMs);
  }

  /** Waits until the server has closed its side. */
  isClosedByServer(withinMs: number): Promise<boolean> {
    return this.until(() => this.#state !== 'open', withinMs);
  }

  /** Waits for a fact, which is looked at after each event of the connection. */
  until(fact: () => boolean, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isTrue: boolean) => {
        cancel();
        this.#watchers.delete(look);
        resolve(isTrue);
      };
      const look = () => {
        if (fact()) settle(true);
        else if (this.#state !== 'open') settle(false);
      };
      const cancel = afterOwnTime(this.#budget.shorten(withinMs), () => settle(fact()));
      this.#watchers.add(look);
      look();
    });
  }

  stopReading(): void {
    this.#socket.pause();
  }

  /** Sends FIN, and goes on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Says goodbye as the server wants it, and sends FIN. */
  sayGoodbye(): void {
    if (this.manner.bye !== '') this.writeText(this.manner.bye);
    this.end();
  }

  /**
   * Sends RST. The side that sends FIN first keeps the connection for a minute (TIME_WAIT). If that was the server, its
   * port would not be free for a restart, unless a reset ends the connection.
   */
  reset(): void {
    // A reset of a socket that still connects waits for its connection, and would hit the next server on the port.
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Leaves politely. Returns false if the server does not close its side. */
  async leave(): Promise<boolean> {
    if (this.isOpen && !this.#socket.connecting) {
      this.#socket.resume();
      this.sayGoodbye();
      await this.isClosedByServer(LEAVES_WITHIN_MS);
      // The last event of the socket follows.
      await delay(0);
    }
    const isClosed = !this.isOpen;
    this.reset();
    return isClosed;
  }

  #onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    const text = this.#deframer?.push(chunk) ?? chunk;
    this.#kept = Buffer.concat([this.#kept, text]).subarray(-MAX_KEPT_BYTES);
    this.#notify();
  }

  #setState(state: 'ended' | 'closed'): void {
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    for (const look of [...this.#watchers]) look();
  }
}

/** A dialled connection that may not be open yet. */
export interface Dialled {
  socket: Socket;
  /** Resolves with false if the connection was refused or took too long. */
  opened: Promise<boolean>;
}

export function dial(host: string, port: number, withinMs = CONNECTS_WITHIN_MS): Dialled {
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
  const opened = new Promise<boolean>((resolve) => {
    const cancel = afterOwnTime(withinMs, () => resolve(false));
    const settle = (isOpen: boolean) => {
      cancel();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
  return { socket, opened };
}
