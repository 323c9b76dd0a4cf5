/**
 * A child process of ours: a server that runs until it is stopped, or ends by itself.
 *
 * Ctrl-C in a terminal reaches every process of the terminal's group at once, but the gateway must leave
 * the room before the room closes. So each service is a group of its own, which only we signal. Windows
 * has no such groups: there Ctrl-C has reached the child already, and killing it would only cut it short.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { inProject } from './project.ts';

const HAS_GROUPS = process.platform !== 'win32';

/** Longest line that is searched for a sign, characters. */
const LINE_MAX_LENGTH = 4_096;

export interface Ending {
  /** For a person: `The room` + this. */
  words: string;
  /** As a shell gives it. */
  exitCode: number;
}

export interface ServiceOptions {
  /** On top of ours. */
  env?: NodeJS.ProcessEnv;
  /** Its output comes by us, so that it can be searched for a sign. */
  echoes?: boolean;
  /** How long it may take to end when asked to, ms; then it is killed. */
  grace: number;
}

export class Service {
  readonly name: string;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #grace: number;

  /** Starts Node with those arguments, in the project's root. */
  constructor(name: string, args: string[], { env = {}, echoes = false, grace }: ServiceOptions) {
    this.name = name;
    this.#grace = grace;
    this.#child = spawn(process.execPath, args, {
      cwd: inProject(),
      env: { ...process.env, ...env },
      // The channel closes when this process ends, however it ends: then the service stops by itself.
      stdio: ['ignore', echoes ? 'pipe' : 'inherit', 'inherit', 'ipc'],
      detached: HAS_GROUPS,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => process.stdout.write(text));
    this.ended = howItEnds(this.#child);
  }

  /** What the sign matches, once its output holds it. */
  output(sign: RegExp): Promise<RegExpExecArray> {
    let tail = '';
    return new Promise((resolve) => {
      const search = (text: string) => {
        tail = (tail + text).slice(-LINE_MAX_LENGTH);
        const match = sign.exec(tail);
        if (!match) return;
        this.#child.stdout?.off('data', search);
        resolve(match);
      };
      this.#child.stdout?.on('data', search);
    });
  }

  /** Asks it to end and waits until it has. Safe at any time, also when it has ended. */
  async stop(): Promise<Ending> {
    if (HAS_GROUPS) this.#child.kill('SIGTERM');
    const deadline = setTimeout(() => this.#kill(), this.#grace);
    const ending = await this.ended;
    clearTimeout(deadline);
    return ending;
  }

  #kill(): void {
    console.error(`${this.name} did not end within ${this.#grace / 1000} s: killed.`);
    this.#child.kill('SIGKILL');
  }
}

function howItEnds(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) =>
      resolve({ words: `could not be started: ${message}`, exitCode: 127 }),
    );
    child.once('exit', (code, signal) => resolve(signal ? endedBy(signal) : endedWith(code ?? 1)));
  });
}

function endedBy(signal: NodeJS.Signals): Ending {
  return { words: `was ended by ${signal}`, exitCode: 128 + constants.signals[signal] };
}

function endedWith(exitCode: number): Ending {
  return { words: `ended with exit code ${exitCode}`, exitCode };
}
