/**
 * Terminals that number their messages. They send ASCII, because an accent that `recv` cuts kills the tutorial's
 * room.
 */
import { connect, type Socket } from 'node:net';

const COME_BACK_AFTER_MS = 100;

const WORDS = [
  'hola',
  'que tal',
  'bien gracias',
  'hasta luego',
  'buenos dias a todos los que estan en la sala',
];

/** A line of a terminal in any fragment: `t1 000042 hola!` */
export const TERMINAL_LINE = /t(\d) (\d{6}) [a-z ]+!/g;

export class NumberedTerminal {
  readonly number: number;
  /** Time at which each line was sent, ms since 1970. The first line has number 1. */
  readonly saidAt: number[] = [0];
  readonly #port: number;
  #socket: Socket;
  #isIn = false;
  #isGone = false;

  constructor(number: number, port: number) {
    this.number = number;
    this.#port = port;
    this.#socket = this.#enter();
  }

  get isConnected(): boolean {
    return this.#isIn && this.#socket.writable;
  }

  /** Its address in the room. */
  get address(): string {
    return `127.0.0.1:${this.#socket.localPort}`;
  }

  sendNext(): void {
    const count = this.saidAt.length;
    this.saidAt.push(Date.now());
    this.#socket.write(`t${this.number} ${`${count}`.padStart(6, '0')} ${WORDS[count % WORDS.length]}!\n`);
  }

  send(line: string): void {
    this.#socket.write(line);
  }

  leave(): void {
    this.#isGone = true;
    this.#socket.destroy();
  }

  #enter(): Socket {
    // With an address of its own the port is bound, and systems give no voice of another proxy a bound port.
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      localAddress: '127.0.0.1',
      noDelay: true,
    });
    socket.on('connect', () => {
      this.#isIn = true;
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isIn = false;
      if (!this.#isGone) setTimeout(() => this.#comeBack(), COME_BACK_AFTER_MS);
    });
    return socket;
  }

  #comeBack(): void {
    if (!this.#isGone) this.#socket = this.#enter();
  }
}
