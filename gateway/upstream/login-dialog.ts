/**
 * Logs one connection in.
 *
 *     step ---> the server answers, or says nothing for a while ---> next step ---> ... ---> done
 *      ^                                                                |
 *      `----------------- another name <--- the server refuses ---------'
 *
 * Neither steps nor answers are in any log, because they may hold a password.
 */
import type { Login } from './formats/manner.ts';

/** A server that says nothing for this time waits for the next step, ms. */
const STEP_WAIT_MS = 400;

/** An answer is complete after this pause, ms. */
const ANSWER_PAUSE_MS = 40;

/** How much of an answer is read, characters. A room may talk on. */
const ANSWER_MAX_CHARS = 4_096;

const REFUSAL =
  /\b(?:taken|already|in use|not (?:available|allowed|valid)|invalid|illegal|unavailable|choose another|try another|en uso|ocupado|elige otro)\b|\b(?:ya existe|inválido|no válido|no disponible)(?![\p{L}])/iu;

export interface LoginDialogListener {
  write(text: string): void;
  /** Returns the name for a try, from 0 on. */
  nameOf(attempt: number): string;
  onDone(): void;
}

export class LoginDialog {
  readonly #login: Login;
  readonly #listener: LoginDialogListener;
  readonly #decoder = new TextDecoder();
  #step = 0;
  #answer = '';
  /** The text after which the name was sent. */
  #prompt = '';
  #isNameSent = false;
  #timer: NodeJS.Timeout | undefined;
  /** The number of the current name. It outlives the connection. */
  attempt: number;

  constructor(login: Login, attempt: number, listener: LoginDialogListener) {
    this.#login = login;
    this.attempt = attempt;
    this.#listener = listener;
    this.#wait(STEP_WAIT_MS);
  }

  onBytes(bytes: Uint8Array): void {
    this.#answer = (this.#answer + this.#decoder.decode(bytes, { stream: true })).slice(0, ANSWER_MAX_CHARS);
    this.#wait(ANSWER_PAUSE_MS);
  }

  /** The server has closed. Some servers refuse a name so. */
  onLost(): void {
    clearTimeout(this.#timer);
    if (this.#isNameSent && this.#login.needsName) this.attempt++;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), ms);
  }

  #next(): void {
    if (this.#isNameSent && this.#isRefused) {
      this.attempt++;
      this.#step = this.#login.nameStep;
      this.#isNameSent = false;
    }
    const step = this.#login.steps(this.#listener.nameOf(this.attempt))[this.#step];
    if (step === undefined) {
      this.#listener.onDone();
      return;
    }
    if (this.#step === this.#login.nameStep) {
      this.#prompt = lastLine(this.#answer);
      this.#isNameSent = true;
    }
    this.#answer = '';
    this.#step++;
    this.#listener.write(step);
    this.#wait(STEP_WAIT_MS);
  }

  /** The server asks again, or names a reason. A message of somebody is no answer. */
  get #isRefused(): boolean {
    if (!this.#login.needsName) return false;
    const lines = this.#answer.split(/\r?\n/).filter((line) => !this.#login.isMessage(line));
    if (this.#prompt !== '' && lines.some((line) => line.trim() === this.#prompt)) return true;
    return lines.some((line) => REFUSAL.test(line));
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
