/**
 * A connection that tries how to talk to an unknown server, and remembers what the server says.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../../common/ip.ts';
import { Deframer, type Framing } from '../../gateway/upstream/formats/framing.ts';
import { RESET } from '../../gateway/upstream/formats/manner.ts';

/** Longest wait for a connection, ms. */
const CONNECT_MS = 5_000;

/** How long a server may take to close its side, ms. */
const LEAVE_MS = 3_000;

/** Most text of a server in memory, characters. A room may talk on. */
const HEARD_MAX_CHARS = 256 * 1024;

/** After this pause another message begins, ms. */
const MESSAGE_PAUSE_MS = 50;

/** How often a wait looks at what the server has said, ms. */
const LOOK_MS = 20;

/** A server that has said nothing for this time has said all, ms. */
const PAUSE_MS = 150;

export class Stranger {
  readonly #socket: Socket;
  readonly name: string;
  /** `IP:PORT`, as the server may show it. */
  readonly address: string;
  /** The last text of the server. */
  heard = '';
  #heardChars = 0;
  /** Its text before the login. */
  greeting = '';
  /** All text, with a newline at each pause. */
  #lines = '';
  /** The server has ended a text by a pause. */
  hasPausedText = false;
  #heardAt = 0;
  /** The server closed its side after this connection had left. */
  isClosedByServer = false;
  #isEnded = false;

  readonly #framing: Framing | undefined;

  private constructor(socket: Socket, name: string, framing: Framing | undefined) {
    this.#socket = socket;
    this.name = name;
    this.#framing = framing;
    const deframer = framing && new Deframer(framing);
    const decoder = new TextDecoder();
    this.address = formatAddress(socket.localAddress ?? '', socket.localPort ?? 0);
    socket.on('data', (bytes) => {
      const text = decoder.decode(deframer?.push(bytes) ?? bytes, { stream: true });
      if (text === '') return;
      this.heard = (this.heard + text).slice(-HEARD_MAX_CHARS);
      this.#heardChars += text.length;
      // A server that writes no newline pauses between its messages.
      const isPaused = Date.now() - this.#heardAt > MESSAGE_PAUSE_MS;
      const pause = isPaused && !this.#lines.endsWith('\n') ? '\n' : '';
      this.hasPausedText ||= pause !== '' && this.#lines !== '';
      this.#lines = (this.#lines + pause + text).slice(-HEARD_MAX_CHARS);
      this.#heardAt = Date.now();
    });
    socket.on('close', () => {
      this.#isEnded = true;
    });
    socket.on('error', () => {});
    // A server that closes first would otherwise keep a half-open connection.
    socket.on('end', () => socket.end());
  }

  /** Rejects if the server can't be reached. */
  static async connect(host: string, port: number, name: string, framing?: Framing): Promise<Stranger> {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS);
    await once(socket, 'connect');
    clearTimeout(timer);
    return new Stranger(socket, name, framing);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The text so far is complete, and was no message. */
  endText(): void {
    if (!this.#lines.endsWith('\n')) this.#lines += '\n';
    this.hasPausedText = false;
  }

  send(text: string): void {
    if (!this.#isEnded) this.#socket.write(this.#framing?.frame(text) ?? text);
  }

  /** Waits until the server has said something new and paused, or until `ms` have passed. */
  async answers(ms: number): Promise<void> {
    const before = this.#heardChars;
    await this.#until(() => this.#heardChars > before && Date.now() - this.#heardAt >= PAUSE_MS, ms);
  }

  /** Waits until the server has repeated the text and paused, or until `ms` have passed. A busy room never pauses. */
  async hears(text: string, ms: number): Promise<boolean> {
    await this.#until(() => this.heard.includes(text) && Date.now() - this.#heardAt >= PAUSE_MS, ms);
    return this.heard.includes(text);
  }

  /** A moment for `heardSince`: the number of characters so far. */
  get mark(): number {
    return this.#heardChars;
  }

  heardSince(mark: number): string {
    const length = this.#heardChars - mark;
    return length === 0 ? '' : this.heard.slice(-length);
  }

  /** Waits until the server has said the text after a moment. Returns false after `ms`. */
  async hearsSince(mark: number, text: string, ms: number): Promise<boolean> {
    return await this.#until(() => this.heardSince(mark).includes(text), ms);
  }

  /** Returns the first line that holds the text. */
  lineWith(text: string): string | undefined {
    return this.#lines.split(/\r?\n/).find((line) => line.includes(text));
  }

  /** Sends the goodbye and a FIN, or a reset, and reads until the server closes or a deadline passes. */
  async leave(bye: string): Promise<void> {
    if (bye === RESET) {
      this.#socket.resetAndDestroy();
      return;
    }
    if (bye !== '') this.send(bye);
    this.#socket.end();
    this.isClosedByServer = await this.#until(() => this.#isEnded, LEAVE_MS);
    this.#socket.destroy();
  }

  /** Counts looks instead of the clock: time in which this process can't run is not the server's. */
  async #until(isTrue: () => boolean, ms: number): Promise<boolean> {
    for (let looks = ms / LOOK_MS; looks > 0 && !isTrue() && !this.#isEnded; looks--) {
      await sleep(LOOK_MS);
    }
    return isTrue();
  }
}
